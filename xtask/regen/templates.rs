//! The templates of every example config, committed so that a change to a stack is read as a change to CloudFormation,
//! and the picture of the stacks in the README.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use lisa_cfn::Format;
use lisa_config::{Config, Options, Overrides, Source};
use lisa_stacks::graph::{Graph, GraphFormat};
use lisa_stacks::{App, Assets, bootstrap, manifest};

use super::Output;

/// `templates/cloudformation/<example>/<stack>.template.json`, and `templates/stacks.svg` of the full example.
pub(super) fn generate(root: &Path) -> Result<Vec<Output>> {
    let mut outputs = Vec::new();
    for path in examples(root)? {
        let name = path.file_stem().context("an example has no name")?;
        let directory = Path::new("templates/cloudformation").join(name);
        outputs.extend(synthesize(&path, &directory).with_context(|| format!("`{}`", path.display()))?);
    }
    outputs.push(picture(root)?);
    Ok(outputs)
}

fn picture(root: &Path) -> Result<Output> {
    let app = app(&root.join("config.yaml.example"))?;
    let graph = Graph::of_app("The stacks of a deployment", &app).reduced();
    Ok(Output::new("templates/stacks.svg", graph.to_text(GraphFormat::Svg)))
}

fn examples(root: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(root.join("examples")).context("could not list `examples`")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn synthesize(config: &Path, directory: &Path) -> Result<Vec<Output>> {
    let app = with_bootstrap(config)?;
    let outputs = app.stacks.iter().map(|stack| {
        let path = directory.join(manifest::template_file(&stack.name, Format::Json));
        Output::new(path, stack.template.to_text(Format::Json))
    });
    Ok(outputs.collect())
}

fn with_bootstrap(config: &Path) -> Result<App> {
    let mut app = app(config)?;
    let bootstrap = bootstrap::stack(&load(config)?, &BTreeSet::new());
    app.stacks.splice(0..0, bootstrap.map_err(|errors| anyhow!("no bootstrap: {errors:?}"))?);
    Ok(app)
}

fn app(config: &Path) -> Result<App> {
    let app = lisa_stacks::synthesize(&load(config)?, &Assets::not_built());
    app.map_err(|errors| anyhow!("no templates: {errors:?}"))
}

fn load(config: &Path) -> Result<Config> {
    let name = config.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let source = Source { name, text: fs::read_to_string(config)? };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default())
        .map_err(|problems| anyhow!("the config is refused: {problems:?}"))?;
    Ok(loaded.config)
}
