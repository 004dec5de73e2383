//! `lisa image`: images of other registries, looked at and copied into the account's own.

mod mirror;

use clap::{Args, Subcommand};

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Copy container images into the account
#[derive(Debug, Args)]
pub(crate) struct Image {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Mirror(mirror::Mirror),
}

impl Image {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        match &self.command {
            Command::Mirror(command) => command.run(globals, printer),
        }
    }
}
