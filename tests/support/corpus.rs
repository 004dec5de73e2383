//! The templates of every config in `examples/` and `tests/configs/valid`, made by the command under test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use lisa_names::Region;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::intrinsic::Resolver;
use crate::relocate::relocate;
use crate::repository;
use crate::tool::run;

/// Regions whose resource schemas the linters really know, one per partition.
pub const REAL_DATA_REGIONS: [&str; 3] = ["us-east-1", "us-gov-west-1", "cn-north-1"];

/// Where the configs lie.
const SOURCES: [&str; 2] = ["examples", "tests/configs/valid"];

/// Environment that would change what a config means.
const INPUT_VARIABLES: [&str; 5] = ["ENV", "PROFILE", "DEPLOYMENT_NAME", "ACCOUNT_NUMBER", "REGION"];

/// `lisa synth` refuses a config with this exit code.
const REFUSED: i32 = 3;

/// Every config's output, in a directory that goes away with this value.
#[derive(Debug)]
pub struct Corpus {
    /// One entry per config, in a stable order.
    pub apps: Vec<App>,
    /// Configs that are refused in the region that they were moved to, each with what the command said.
    pub refused: BTreeMap<String, String>,
    directory: TempDir,
}

/// The output of one `lisa synth`.
#[derive(Debug)]
pub struct App {
    /// The config's folder and file stem: `examples-govcloud`.
    pub name: String,
    /// Where the output lies.
    pub directory: PathBuf,
    /// The account's region.
    pub region: String,
    /// What makes this app's names its own: deployment and account.
    identity: [String; 2],
    /// Stacks in the order in which they can be deployed.
    pub stacks: Vec<Stack>,
}

/// What `manifest.json` says of a stack, as far as the tests need it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stack {
    /// The short name, such as `serve`.
    pub name: String,
    /// The name in the account.
    pub deployed_name: String,
    /// Short names of the stacks that have to be there first.
    #[serde(default)]
    pub depends_on: Vec<String>,
    /// Relative to the manifest.
    pub template_file: PathBuf,
    /// Where the values of the template's parameters come from.
    #[serde(default)]
    pub parameters: BTreeMap<String, ParameterSource>,
}

/// Where a template parameter's value comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "source", rename_all = "camelCase")]
pub enum ParameterSource {
    /// A Systems Manager parameter, which CloudFormation reads itself.
    Parameter {
        /// Its name.
        name: String,
        /// The stack that writes it; `None` if AWS does.
        stack: Option<String>,
    },
    /// A look-up in the account.
    Lookup {},
}

#[derive(Deserialize)]
struct Manifest {
    deployment: String,
    account: String,
    region: String,
    stacks: Vec<Stack>,
}

/// One template, with every place where the same bytes occur.
#[derive(Clone, Debug)]
pub struct Template {
    /// The first file with this content.
    pub path: PathBuf,
    /// Its region.
    pub region: String,
    /// What it says.
    pub body: Value,
    /// What the stacks of its app publish: Systems Manager parameters by name, with plausible values.
    pub published: Arc<BTreeMap<String, Value>>,
}

impl Template {
    /// How many resources it has.
    pub fn resource_count(&self) -> usize {
        self.body["Resources"].as_object().map_or(0, serde_json::Map::len)
    }
}

impl Corpus {
    /// Synthesizes every config for its own region.
    pub fn as_written(lisa: &Path) -> Result<Self> {
        Self::collect(lisa, None)
    }

    /// Moves every config to a region, whichever partition it was written for, and synthesizes it there.
    pub fn moved_to(lisa: &Path, region: &str) -> Result<Self> {
        Self::collect(lisa, Some(&Region::new(region)?))
    }

    /// Synthesizes configs that are given as texts, each by a name of its own.
    pub fn of_texts(lisa: &Path, texts: &BTreeMap<String, String>) -> Result<Self> {
        let mut corpus = Self::empty()?;
        for (name, text) in texts {
            corpus.add(lisa, name, &corpus.written(name, text)?, true)?;
        }
        Ok(corpus)
    }

    fn collect(lisa: &Path, region: Option<&Region>) -> Result<Self> {
        let mut corpus = Self::empty()?;
        for config in configs()? {
            let name = name_of(&config)?;
            match region {
                None => corpus.add(lisa, &name, &config, false)?,
                Some(region) => {
                    let text = fs::read_to_string(&config)
                        .with_context(|| format!("could not read `{}`", config.display()))?;
                    let moved = corpus.written(&name, &relocate(&text, region))?;
                    corpus.add(lisa, &name, &moved, true)?;
                }
            }
        }
        if corpus.apps.is_empty() {
            bail!("no config was found in {SOURCES:?}");
        }
        Ok(corpus)
    }

    fn empty() -> Result<Self> {
        let directory = TempDir::with_prefix("lisa-corpus-")?;
        Ok(Self { apps: Vec::new(), refused: BTreeMap::new(), directory })
    }

    /// Puts a config beside the outputs.
    fn written(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.directory().join(format!("{name}.yaml"));
        fs::write(&path, text).with_context(|| format!("could not write `{}`", path.display()))?;
        Ok(path)
    }

    /// Synthesizes a config, which has to succeed unless it `may_be_refused`.
    fn add(&mut self, lisa: &Path, name: &str, config: &Path, may_be_refused: bool) -> Result<()> {
        let output = synthesize(lisa, config, &self.directory().join(name))?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            self.apps.push(App::read(name, &self.directory().join(name))?);
        } else if may_be_refused && output.status.code() == Some(REFUSED) {
            self.refused.insert(name.to_owned(), said.into_owned());
        } else {
            bail!("`lisa synth` of {name} failed ({}):\n{said}", output.status);
        }
        Ok(())
    }

    /// The directory above all outputs.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Every distinct template: the same bytes for the same region are listed once.
    pub fn distinct_templates(&self) -> Result<Vec<Template>> {
        self.distinct_by(|app, text| format!("{} {text}", app.region))
    }

    /// Every template that differs in more than the deployment's name, account and region, for a judge that does not
    /// look at names and takes long.
    pub fn distinct_shapes(&self) -> Result<Vec<Template>> {
        self.distinct_by(|app, text| {
            let [deployment, account] = &app.identity;
            let text = text.replace(&app.region, "{region}").replace(account.as_str(), "{account}");
            text.replace(deployment.as_str(), "{deployment}")
        })
    }

    fn distinct_by(&self, key: impl Fn(&App, &str) -> String) -> Result<Vec<Template>> {
        let mut seen = BTreeSet::new();
        let mut templates = Vec::new();
        for app in &self.apps {
            let published = Arc::new(app.published()?);
            for stack in &app.stacks {
                let (path, text) = app.template_text(stack)?;
                if seen.insert(key(app, &text)) {
                    let body = parse(&path, &text)?;
                    let (region, published) = (app.region.clone(), published.clone());
                    templates.push(Template { path, region, body, published });
                }
            }
        }
        Ok(templates)
    }
}

fn configs() -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for source in SOURCES {
        let directory = repository::path(source);
        let listed = fs::read_dir(&directory).with_context(|| format!("could not list `{source}`"))?;
        for entry in listed {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    Ok(paths)
}

/// `examples-govcloud`: the folder tells configs of the same file name apart.
fn name_of(config: &Path) -> Result<String> {
    let folder = config.parent().and_then(Path::file_name).context("a config lies in no folder")?;
    let stem = config.file_stem().context("a config has no name")?;
    Ok(format!("{}-{}", folder.display(), stem.display()))
}

fn synthesize(lisa: &Path, config: &Path, out: &Path) -> Result<Output> {
    let mut command = Command::new(lisa);
    command.args(["synth", "--quiet", "--no-check", "--config"]).arg(config).arg("--out").arg(out);
    // Not where a `config.yaml` of somebody's may lie.
    command.current_dir(out.parent().context("the output lies in no directory")?);
    for variable in INPUT_VARIABLES {
        command.env_remove(variable);
    }
    run(&mut command)
}

impl App {
    /// Reads a directory that `lisa synth` wrote.
    pub fn read(name: &str, directory: &Path) -> Result<Self> {
        let path = directory.join("manifest.json");
        let text =
            fs::read_to_string(&path).with_context(|| format!("could not read `{}`", path.display()))?;
        let manifest: Manifest = serde_json::from_str(&text)
            .with_context(|| format!("could not understand `{}`", path.display()))?;
        let Manifest { deployment, account, region, stacks } = manifest;
        let identity = [deployment, account];
        Ok(Self { name: name.to_owned(), directory: directory.to_owned(), region, identity, stacks })
    }

    /// A stack's template.
    pub fn template(&self, stack: &Stack) -> Result<Value> {
        let (path, text) = self.template_text(stack)?;
        parse(&path, &text)
    }

    fn template_text(&self, stack: &Stack) -> Result<(PathBuf, String)> {
        let path = self.directory.join(&stack.template_file);
        let text =
            fs::read_to_string(&path).with_context(|| format!("could not read `{}`", path.display()))?;
        Ok((path, text))
    }

    fn published(&self) -> Result<BTreeMap<String, Value>> {
        let mut published = BTreeMap::new();
        for stack in &self.stacks {
            let template = self.template(stack)?;
            let written = Resolver::new(&template, &published).published();
            published.extend(written);
        }
        Ok(published)
    }
}

fn parse(path: &Path, text: &str) -> Result<Value> {
    serde_json::from_str(text).with_context(|| format!("`{}` is no JSON", path.display()))
}
