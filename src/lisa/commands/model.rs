//! `lisa model`: models of a deployment, one at a time.

mod add;
mod answers;
mod change;
mod declared;
mod delete;
mod door;
mod fit;
mod get;
mod list;
mod origin;
mod shown;
mod stage;
mod switch;
mod synth;
mod transfer;
mod wait;

use clap::{Args, Subcommand};

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

pub(super) use declared::{Declared, Step, gone};
pub(super) use door::Door;

/// Work with models
///
/// With AWS credentials, by the config; or with `--url` and a token, by the deployment's own API.
#[derive(Debug, Args)]
pub(crate) struct Model {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Box<add::Add>),
    List(list::List),
    Get(get::Get),
    Update(change::Update),
    Start(switch::Start),
    Stop(switch::Stop),
    Delete(delete::Delete),
    Fit(Box<fit::Fit>),
    Stage(Box<stage::Stage>),
    Synth(synth::Synth),
}

impl Model {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        match &self.command {
            Command::Add(command) => command.run(globals, printer),
            Command::List(command) => command.run(globals, printer),
            Command::Get(command) => command.run(globals, printer),
            Command::Update(command) => command.run(globals, printer),
            Command::Start(command) => command.run(globals, printer),
            Command::Stop(command) => command.run(globals, printer),
            Command::Delete(command) => command.run(globals, printer),
            Command::Fit(command) => command.run(globals, printer),
            Command::Stage(command) => command.run(globals, printer),
            Command::Synth(command) => command.run(globals, printer),
        }
    }
}
