//! `lisa model synth`: the template of one hosted model, from the request that the model-management API takes.

use std::path::{Path, PathBuf};

use clap::Args;
use lisa_api::FieldError;
use lisa_api::models::CreateModelRequest;
use lisa_cfn::Format;
use lisa_config::{Document, Problem, Problems, Severity, Source};
use lisa_stacks::{Assets, Stack};

use crate::cli::Globals;
use crate::commands::synth::TemplateFormat;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::printer::Printer;

const EXAMPLES: &str = "Examples:
  lisa model synth -f mistral.json
  lisa model synth -f mistral.yaml --format yaml
  curl -s $LISA/models/mistral | jq .model | lisa model synth -f -";

/// Print the template of a model
///
/// Takes the body of a `POST /models` request, in the form of version 3.0 or later, as JSON or YAML. The account,
/// network and names come from the config.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Synth {
    /// The request; `-` reads standard input
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// Form of the template
    #[arg(long, value_enum, default_value_t)]
    format: TemplateFormat,
}

impl Synth {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let (source, request) = read(&self.file)?;
        let stack: Stack = lisa_stacks::model::synthesize(&input.config, &request, &Assets::not_built())
            .map_err(|errors| Failure::Synth { source, errors })?;
        printer.text(&stack.template.to_text(Format::from(self.format)))?;
        Ok(Exit::Done)
    }
}

/// A request to create a model, from a file.
pub(super) fn read(path: &Path) -> Result<(Source, CreateModelRequest), Failure> {
    let (source, document) = document(path)?;
    parsed(source, &document)
}

/// A request to create a model, as it stands in a file.
pub(super) fn parsed(source: Source, document: &Document) -> Result<(Source, CreateModelRequest), Failure> {
    match CreateModelRequest::parse(document.value()) {
        Ok(request) => Ok((source, request)),
        Err(errors) => {
            let problems = errors.iter().map(|error| problem(error, document)).collect();
            Err(Failure::Config { source, problems: Problems(problems) })
        }
    }
}

/// A request as it stands in a file.
pub(super) fn document(path: &Path) -> Result<(Source, Document), Failure> {
    let source = input::read(
        path,
        "Name the file of a request to the model-management API, or `-` for standard input.",
    )?;
    match lisa_config::document(&source) {
        Ok(document) => Ok((source, document)),
        Err(problems) => Err(Failure::Config { source, problems }),
    }
}

/// A wrong field with its place in the file; a missing one stands at what it is missing from.
fn problem(error: &FieldError, document: &Document) -> Problem {
    let place = document.locate(&error.path);
    let found = place.is_some();
    Problem {
        rule: "model-request",
        severity: Severity::Error,
        message: format!("`{}` {}", error.path, error.message),
        path: error.path.clone(),
        line: place.as_ref().map_or(0, |place| place.line),
        column: place.as_ref().map_or(0, |place| place.column),
        span: place.map(|place| place.span),
        label: if found { "here".to_owned() } else { String::new() },
        help: None,
        related: Vec::new(),
    }
}
