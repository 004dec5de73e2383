//! `lisa validate`: everything that is wrong with the configuration, at once.

use std::fmt;

use clap::Args;
use lisa_config::Problem;
use serde::Serialize;

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::printer::{Count, Printer};

const EXAMPLES: &str = "Examples:
  lisa validate                          the config.yaml of this directory
  lisa validate -c prod.yaml --env prod  its block `prod`
  lisa validate --output json            every problem as data, for an editor or a pipeline";

/// Find everything that is wrong with the config
///
/// Reports all problems of the file in one run, each with its line, the text underlined and what to write instead.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Validate {}

/// A configuration that is accepted.
#[derive(Serialize)]
struct Accepted<'a> {
    file: &'a str,
    env: Option<&'a str>,
    /// The warnings, with the keys that a refusal's problems have.
    problems: &'a [Problem],
}

impl Validate {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input =
            if printer.is_json() { input::load(globals)? } else { input::load_and_warn(globals, printer)? };
        let env = input.config.env.as_deref();
        printer.confirm(&Accepted { file: &input.source.name, env, problems: &input.warnings })?;
        Ok(Exit::Done)
    }
}

impl fmt::Display for Accepted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is valid", self.file)?;
        self.env.map_or(Ok(()), |env| write!(f, ", environment `{env}`"))?;
        if self.problems.is_empty() {
            Ok(())
        } else {
            write!(f, ", with {}", Count(self.problems.len(), "warning"))
        }
    }
}
