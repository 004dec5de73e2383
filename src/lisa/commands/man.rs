//! `lisa man`: manual pages, one for each command.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_mangen::Man as Page;
use serde::Serialize;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::{Count, Printer};

const EXAMPLES: &str = "Examples:
  lisa man ~/.local/share/man/man1
  man lisa-synth";

/// Write manual pages
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// Directory to write them to; it is made if there is none
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// What was written.
#[derive(Serialize)]
struct Written {
    directory: PathBuf,
    pages: Vec<String>,
}

impl Man {
    pub(crate) fn run(&self, printer: &Printer) -> Result<Exit, Failure> {
        fs::create_dir_all(&self.directory).map_err(|error| Failure::write(&self.directory, error))?;
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        let mut pages = Vec::new();
        write_page(&command, &self.directory, &mut pages)?;
        printer.confirm(&Written { directory: self.directory.clone(), pages })?;
        Ok(Exit::Done)
    }
}

/// Writes the page of a command, then those of the commands below it.
fn write_page(command: &clap::Command, directory: &Path, pages: &mut Vec<String>) -> Result<(), Failure> {
    let page = Page::new(command.clone());
    let name = page.get_filename();
    let path = directory.join(&name);
    let mut text = Vec::new();
    let rendered = page.render(&mut text).and_then(|()| fs::write(&path, &text));
    rendered.map_err(|error| Failure::write(&path, error))?;
    pages.push(name);
    command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
        .try_for_each(|below| write_page(below, directory, pages))
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wrote {} to {}", Count(self.pages.len(), "manual page"), self.directory.display())
    }
}
