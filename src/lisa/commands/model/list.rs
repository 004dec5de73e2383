//! `lisa model list`: every model of a deployment.

use clap::Args;

use super::door::Where;
use super::shown::Models;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

const EXAMPLES: &str = "Examples:
  lisa model list
  lisa model list --url https://abc.execute-api.us-east-1.amazonaws.com/prod --token $TOKEN --output json";

/// List the models and how each stands
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
}

impl List {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let listed = self.place.go(globals, printer, async |door| door.list().await)?;
        printer.answer(&Models::new(listed.models))?;
        Ok(Exit::Done)
    }
}
