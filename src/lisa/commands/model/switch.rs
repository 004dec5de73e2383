//! `lisa model start` and `lisa model stop`: a model's hosts come and go.

use clap::Args;
use serde_json::json;

use super::door::Where;
use super::shown::One;
use super::wait::Wait;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Start a model that is stopped, or failed
///
/// Its hosts come back; it is in service once its engine has answered.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lisa model start mistral-vllm --wait")]
pub(crate) struct Start {
    #[command(flatten)]
    switch: Switch,
}

/// Stop a model: its hosts go, its settings stay
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lisa model stop mistral-vllm --wait")]
pub(crate) struct Stop {
    #[command(flatten)]
    switch: Switch,
}

#[derive(Debug, Args)]
struct Switch {
    /// Id of the model
    id: String,
    #[command(flatten)]
    wait: Wait,
    #[command(flatten)]
    place: Where,
}

impl Start {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        self.switch.to(true, globals, printer)
    }
}

impl Stop {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        self.switch.to(false, globals, printer)
    }
}

impl Switch {
    fn to(&self, enabled: bool, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let model = self.place.go(globals, printer, async |door| {
            let before = door.update(&self.id, &json!({ "enabled": enabled })).await?;
            Ok(self.wait.settled(&door, &self.id, printer).await?.unwrap_or(before))
        })?;
        printer.answer(&One(model))?;
        Ok(Exit::Done)
    }
}
