//! `lisa diff`: what a deployment would change, before it does.

mod against;
mod deployed;

use std::path::PathBuf;

use clap::Args;
use lisa_deploy::diff::Diff as Changes;

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::printer::Printer;

const EXAMPLES: &str = "Examples:
  lisa diff                              every stack against what is deployed
  lisa diff --stack serve --exit-code    one stack; 7 where something differs
  lisa diff --template-only              by templates alone: no change set is made
  lisa diff --against before --markdown  for a pull request, without an account:
                                         `before` is the directory of an earlier `lisa synth`

Marks:
  + comes    - goes    ~ changes in place    ! is replaced, loses data or opens to the internet";

/// Show what a deployment would change, before it does
///
/// Compares the templates with what is deployed, and asks CloudFormation for a change set where a stack is there
/// already; nothing is left behind. Says of each resource whether it stays, is replaced or loses data, who may do what
/// afterwards, and who can reach what.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diff {
    /// Only this stack: `serve`, `LisaServe`, `model-<id>`; may be repeated
    #[arg(long = "stack", value_name = "NAME")]
    stacks: Vec<String>,
    /// Markdown, for a pull request
    #[arg(long)]
    markdown: bool,
    /// Exit with 7 where something differs
    #[arg(long)]
    exit_code: bool,
    /// Make no change sets
    #[arg(long)]
    template_only: bool,
    /// Compare with the output directory of an earlier `lisa synth`; no account is needed
    #[arg(long, value_name = "DIR", conflicts_with_all = ["template_only", "services"])]
    against: Option<PathBuf>,
    /// Directory of the services' binaries, instead of those that came with lisa
    #[arg(long, value_name = "DIR")]
    services: Option<PathBuf>,
}

impl Diff {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        if self.markdown && printer.is_json() {
            return Err(Failure::usage(
                "`--markdown` and `--output json` are two forms of one answer",
                "Pass one of them.",
            ));
        }
        let input = input::load_and_warn(globals, printer)?;
        let changes = self.changes(globals, &input, printer)?;
        if self.markdown {
            printer.text(&changes.markdown())?;
        } else {
            printer.answer(&changes)?;
        }
        Ok(if self.exit_code && changes.differs() { Exit::ChangesPending } else { Exit::Done })
    }

    fn changes(&self, globals: &Globals, input: &Input, printer: &Printer) -> Result<Changes, Failure> {
        match &self.against {
            Some(directory) => against::changes(directory, input, &self.stacks),
            None => deployed::changes(self, globals, input, printer),
        }
    }
}
