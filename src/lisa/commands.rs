//! The commands, one file each: its flags, its help, its result and what it does.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod graph;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod model;
pub(crate) mod schema;
pub(crate) mod synth;
pub(crate) mod validate;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Runs the command that was asked for.
pub(crate) fn run(cli: &Cli, printer: &Printer) -> Result<Exit, Failure> {
    let globals = &cli.globals;
    match &cli.command {
        Command::Validate(command) => command.run(globals, printer),
        Command::Schema(command) => command.run(printer),
        Command::Init(command) => command.run(globals, printer),
        Command::Synth(command) => command.run(globals, printer),
        Command::List(command) => command.run(globals, printer),
        Command::Graph(command) => command.run(globals, printer),
        Command::Model(command) => command.run(globals, printer),
        Command::Check(command) => command.run(globals, printer),
        Command::Completions(command) => command.run(printer),
        Command::Man(command) => command.run(printer),
    }
}
