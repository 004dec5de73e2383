//! `lisa synth`: from the configuration to templates on disk.

mod output;

use std::fmt;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lisa_cfn::Format;
use lisa_stacks::manifest::{self, Manifest};
use lisa_stacks::{App, Stack};
use serde::Serialize;

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::printer::{Count, Printer};
use crate::{policy, select};

const EXAMPLES: &str = "Examples:
  lisa synth                                every stack, to lisa.out/
  lisa synth --stack serve --stack api      two of them
  lisa synth --stack rag --stdout           one template, to standard output
  lisa synth --format yaml --out build/cfn  YAML, elsewhere
  lisa synth --env prod --output json       what was written, as data";

/// Write the CloudFormation templates
///
/// Writes a template per stack and a manifest.json that lists them in deployment order. Every security rule is
/// checked first; what they forbid is not written.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Synth {
    /// Only this stack: `serve`, `LisaServe`, `model-<id>`; may be repeated
    #[arg(long = "stack", value_name = "NAME")]
    stacks: Vec<String>,
    /// Directory to write to
    #[arg(long, value_name = "DIR", default_value = "lisa.out")]
    out: PathBuf,
    /// Form of the templates
    #[arg(long, value_enum, default_value_t)]
    format: TemplateFormat,
    /// Write the templates to standard output, one after the other, and no file
    #[arg(long, conflicts_with = "out")]
    stdout: bool,
    /// Write what the security rules forbid, too
    #[arg(long)]
    no_check: bool,
}

/// Form of templates.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum TemplateFormat {
    /// Indented JSON.
    #[default]
    Json,
    /// YAML that version 1.1 and 1.2 read alike.
    Yaml,
}

impl From<TemplateFormat> for Format {
    fn from(format: TemplateFormat) -> Self {
        match format {
            TemplateFormat::Json => Self::Json,
            TemplateFormat::Yaml => Self::Yaml,
        }
    }
}

/// What was written.
#[derive(Serialize)]
struct Written {
    directory: PathBuf,
    #[serde(flatten)]
    manifest: Manifest,
    /// Files of an earlier run that are gone.
    removed: Vec<String>,
}

impl Synth {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let app = input.synthesize_all()?;
        let stacks: Vec<Stack> =
            select::stacks(&app, &input.config, &self.stacks)?.into_iter().cloned().collect();
        if !self.no_check {
            policy::refuse_forbidden(&input, &app)?;
        }
        let app = App { stacks, unknowns: app.unknowns };
        if self.stdout { self.print(&app, printer) } else { self.write(&input, &app, printer) }
    }

    fn print(&self, app: &App, printer: &Printer) -> Result<Exit, Failure> {
        let format = Format::from(self.format);
        let separator = match self.format {
            TemplateFormat::Json => "",
            TemplateFormat::Yaml => "---\n",
        };
        let templates =
            app.stacks.iter().map(|stack| format!("{separator}{}", stack.template.to_text(format)));
        printer.text(&templates.collect::<String>())?;
        Ok(Exit::Done)
    }

    fn write(&self, input: &Input, app: &App, printer: &Printer) -> Result<Exit, Failure> {
        let format = Format::from(self.format);
        let texts = manifest::texts(app, format);
        let manifest = Manifest::of_texts(&input.config, app, format, &texts);
        let removed = output::write(&self.out, &manifest, &texts)?;
        printer.confirm(&Written { directory: self.out.clone(), manifest, removed })?;
        Ok(Exit::Done)
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stacks = &self.manifest.stacks;
        let width = stacks.iter().map(|stack| stack.template_file.len()).max().unwrap_or_default();
        for stack in stacks {
            let resources = Count(stack.resources, "resource").to_string();
            writeln!(f, "  {:width$}  {resources:>13}  {}", stack.template_file, stack.deployed_name)?;
        }
        for name in &self.removed {
            writeln!(f, "  {name:width$}  removed, of an earlier run")?;
        }
        for unknown in &self.manifest.unknowns {
            writeln!(f, "  not known: {unknown}")?;
        }
        let templates = Count(stacks.len(), "template");
        write!(f, "wrote {templates} and manifest.json to {}", self.directory.display())
    }
}
