//! The `lisa` command: parses the command line, runs one command and says how it went.

mod bug;
mod cli;
mod commands;
mod environment;
mod exit;
mod failure;
mod input;
mod policy;
mod printer;
mod progress;
mod report;
mod select;
mod tree;
mod world;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::printer::Printer;

fn main() -> ExitCode {
    bug::guard(run).into()
}

fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return cli::print_answer(&answer),
    };
    let printer = Printer::new(&cli.globals);
    match commands::run(&cli, &printer) {
        Ok(exit) => exit,
        Err(failure) => {
            printer.failure(&failure);
            failure.exit()
        }
    }
}
