//! `lisa model delete`: a model and all that its stack has made.

use std::fmt;

use clap::Args;
use serde::Serialize;

use super::door::Where;
use super::wait::Wait;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::world;

/// Delete a model, whatever its status
///
/// Its stack and its row go; its weights stay in their bucket. A workflow that is at work on it is stopped.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lisa model delete mistral-vllm --wait\n  lisa model delete mistral-vllm --yes"
)]
pub(crate) struct Delete {
    /// Id of the model
    id: String,
    /// Ask nothing: for pipelines
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    wait: Wait,
    #[command(flatten)]
    place: Where,
}

/// What became of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Gone {
    model_id: String,
    deleted: bool,
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model_id, deleted } = self;
        if *deleted { write!(f, "{model_id} is deleted") } else { write!(f, "{model_id} is being deleted") }
    }
}

impl Delete {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        if !self.yes {
            world::require_terminal(printer)?;
            let mut interview = super::super::init::interview::Interview::new();
            let question = format!("This deletes the model and its hosts. Its id, to confirm ({})", self.id);
            if interview.text(&question, None, None)? != self.id {
                return Err(Failure::Declined);
            }
        }
        let left = self.place.go(globals, printer, async |door| {
            door.delete(&self.id).await?;
            self.wait.settled(&door, &self.id, printer).await
        })?;
        printer.confirm(&Gone { model_id: self.id.clone(), deleted: left.is_none() })?;
        Ok(Exit::Done)
    }
}
