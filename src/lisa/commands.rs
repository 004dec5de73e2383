//! The commands, one file each: its flags, its help, its result and what it does.

pub(crate) mod bootstrap;
pub(crate) mod build;
pub(crate) mod bundle;
pub(crate) mod cert;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod deploy;
pub(crate) mod destroy;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod graph;
pub(crate) mod image;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod local;
pub(crate) mod logs;
pub(crate) mod man;
pub(crate) mod model;
pub(crate) mod outputs;
pub(crate) mod rag;
pub(crate) mod schema;
pub(crate) mod status;
pub(crate) mod synth;
pub(crate) mod token;
pub(crate) mod usage;
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
        Command::Token(command) => command.run(globals, printer),
        Command::Usage(command) => command.run(globals, printer),
        Command::Cert(command) => command.run(globals, printer),
        Command::Check(command) => command.run(globals, printer),
        Command::Build(command) => command.run(globals, printer),
        Command::Bundle(command) => command.run(globals, printer),
        Command::Image(command) => command.run(globals, printer),
        Command::Bootstrap(command) => command.run(globals, printer),
        Command::Deploy(command) => command.run(globals, printer),
        Command::Destroy(command) => command.run(globals, printer),
        Command::Diff(command) => command.run(globals, printer),
        Command::Doctor(command) => command.run(globals, printer),
        Command::Status(command) => command.run(globals, printer),
        Command::Outputs(command) => command.run(globals, printer),
        Command::Logs(command) => command.run(globals, printer),
        Command::Local(command) => command.run(),
        Command::Rag(command) => command.run(globals, printer),
        Command::Completions(command) => command.run(printer),
        Command::Man(command) => command.run(printer),
    }
}
