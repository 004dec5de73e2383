//! `lisa completions`: completion scripts for shells.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

const EXAMPLES: &str = "Examples:
  lisa completions bash > ~/.local/share/bash-completion/completions/lisa
  lisa completions zsh > ~/.zfunc/_lisa
  lisa completions fish > ~/.config/fish/completions/lisa.fish";

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// Shell to complete for
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, printer: &Printer) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "lisa", &mut script);
        printer.text(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}
