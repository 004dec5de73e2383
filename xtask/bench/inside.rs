//! What is measured in this process, in a release build: too short, or too many, for a process each.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use lisa_api::models::CreateModelRequest;
use lisa_cfn::Format;
use lisa_config::{Config, Options, Overrides, Source};
use lisa_names::Region;
use lisa_stacks::Assets;
use nix::sys::resource::{UsageWho, getrusage};

use super::{Cost, Row, probe};

/// Measures with the config at `example`.
pub(super) fn measure(example: &Path, request: &Path, runs: usize) -> Result<Vec<Row>> {
    let text =
        fs::read_to_string(example).with_context(|| format!("could not read `{}`", example.display()))?;
    let source = Source { name: "example".to_owned(), text };
    let request = fs::read(request).with_context(|| format!("could not read `{}`", request.display()))?;
    let config = load(&source, &Overrides::default())?;
    Ok(vec![
        Row::new("a model's template", model(&config, &request, runs)?, 5.0, 0.0),
        Row::new("every region's templates", every_region(&source)?, 2_000.0, 0.0),
    ])
}

/// The mean over some runs, from the bytes of a request to those of a template: the kernel's clock is too coarse for one.
fn model(config: &Config, request: &[u8], runs: usize) -> Result<Cost> {
    let runs = u32::try_from(runs.max(1))?;
    let mut outcomes = Vec::new();
    let total = cost_of(|| {
        for _ in 0..runs {
            outcomes.push(model_template(config, request));
        }
    })?;
    outcomes.into_iter().collect::<Result<()>>()?;
    Ok(Cost { cpu_ms: total.cpu_ms / f64::from(runs), ..total })
}

fn model_template(config: &Config, request: &[u8]) -> Result<()> {
    let document = serde_json::from_slice(request).context("the request is no JSON")?;
    let request = CreateModelRequest::parse(&document)
        .map_err(|errors| anyhow!("the request is refused: {errors:?}"))?;
    let stack = lisa_stacks::model::synthesize(config, &request, &Assets::not_built());
    let stack = stack.map_err(|errors| anyhow!("no template: {errors:?}"))?;
    if stack.template.to_text(Format::Json).is_empty() {
        return Err(anyhow!("the template is empty"));
    }
    Ok(())
}

/// From text to templates, in each region of each partition. A region that lacks what the config asks for refuses it,
/// and is measured like the others.
fn every_region(source: &Source) -> Result<Cost> {
    let mut bytes = 0;
    let cost = cost_of(|| {
        for region in Region::known() {
            let overrides = Overrides { region: Some(region.to_string()), ..Overrides::default() };
            if let Ok(config) = load(source, &overrides) {
                bytes += synthesize(&config);
            }
        }
    })?;
    if bytes == 0 {
        return Err(anyhow!("no region took the config"));
    }
    Ok(cost)
}

fn load(source: &Source, overrides: &Overrides) -> Result<Config> {
    let loaded = lisa_config::load(source, overrides, &Options::default());
    loaded.map(|loaded| loaded.config).map_err(|problems| anyhow!("the config is refused: {problems:?}"))
}

/// Returns the size of all templates, so that none can be optimised away.
fn synthesize(config: &Config) -> usize {
    let app = lisa_stacks::synthesize(config, &Assets::not_built());
    app.map_or(0, |app| app.stacks.iter().map(|stack| stack.template.to_text(Format::Json).len()).sum())
}

fn cost_of(work: impl FnOnce()) -> Result<Cost> {
    let before = cpu_ms()?;
    work();
    Ok(Cost { cpu_ms: cpu_ms()? - before, peak_mb: 0.0 })
}

/// CPU time of this process so far, of all its threads, in milliseconds.
pub(super) fn cpu_ms() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).context("the kernel does not say what this process took")?;
    Ok(probe::milliseconds(usage.user_time()) + probe::milliseconds(usage.system_time()))
}
