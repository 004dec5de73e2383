//! What is measured in this process, in a release build: too short, or too many, for a process each.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use lisa_cfn::Format;
use lisa_config::{Config, Options, Overrides, Source};
use lisa_names::Region;
use lisa_stacks::Assets;
use nix::sys::resource::{UsageWho, getrusage};

use super::{Cost, Row, probe};

/// Measures with the config at `example`.
pub(super) fn measure(example: &Path, _runs: usize) -> Result<Vec<Row>> {
    let text =
        fs::read_to_string(example).with_context(|| format!("could not read `{}`", example.display()))?;
    let source = Source { name: "example".to_owned(), text };
    Ok(vec![Row::new("every region's templates", every_region(&source)?, 2_000.0, 0.0)])
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

fn cpu_ms() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).context("the kernel does not say what this process took")?;
    Ok(probe::milliseconds(usage.user_time()) + probe::milliseconds(usage.system_time()))
}
