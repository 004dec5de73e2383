//! `lisa cert`: a certificate for the serve API's load balancer where a site has none.

mod authority;
mod generate;
mod upload;

use clap::{Args, Subcommand};

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Names of the files: the authority that callers trust, the server's certificate, and its key.
const AUTHORITY: &str = "ca.pem";
const CERTIFICATE: &str = "server.pem";
const KEY: &str = "server.key";

/// Make and upload a certificate for the serve API
///
/// For trying LISA out, and for networks without an authority of their own: callers have to be given `ca.pem`.
#[derive(Debug, Args)]
pub(crate) struct Cert {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(generate::Generate),
    Upload(upload::Upload),
}

impl Cert {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        match &self.command {
            Command::Generate(command) => command.run(globals, printer),
            Command::Upload(command) => command.run(globals, printer),
        }
    }
}
