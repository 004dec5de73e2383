//! `lisa rag`: documents into a repository, questions to it, and how good its answers are.

mod client;
mod eval;
mod ingest;
mod search;

use clap::{Args, Subcommand};

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Put documents into a repository, and search them
#[derive(Debug, Args)]
pub(crate) struct Rag {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ingest(Box<ingest::Ingest>),
    Search(search::Search),
    Eval(eval::Eval),
}

impl Rag {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        match &self.command {
            Command::Ingest(command) => command.run(globals, printer),
            Command::Search(command) => command.run(globals, printer),
            Command::Eval(command) => command.run(globals, printer),
        }
    }
}

/// Which deployment is asked, and as whom.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// URL of the REST API; the deployment's own without
    #[arg(long, env = "LISA_API_URL", value_name = "URL")]
    url: Option<String>,
    /// API token, or token of the OpenID provider; `-` reads it from standard input
    #[arg(long, value_name = "TOKEN", env = "LISA_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Repository
    #[arg(long, value_name = "ID")]
    repository: String,
}
