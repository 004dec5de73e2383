//! `lisa model`: commands about one model.

mod synth;

use clap::{Args, Subcommand};

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Work with one model
#[derive(Debug, Args)]
pub(crate) struct Model {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Synth(synth::Synth),
}

impl Model {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        match &self.command {
            Command::Synth(command) => command.run(globals, printer),
        }
    }
}
