//! `lisa model get`: one model, whole.

use clap::Args;

use super::door::Where;
use super::shown::One;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

const EXAMPLES: &str = "Examples:
  lisa model get mistral-vllm
  lisa model get mistral-vllm --output json | lisa model synth -f -";

/// Show a model: its settings, how it stands, and why it failed if it did
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Get {
    /// Id of the model
    id: String,
    #[command(flatten)]
    place: Where,
}

impl Get {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let model = self.place.go(globals, printer, async |door| door.get(&self.id).await)?;
        printer.answer(&One(model))?;
        Ok(Exit::Done)
    }
}
