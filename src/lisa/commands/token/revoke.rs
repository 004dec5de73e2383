//! `lisa token revoke`: an API token ends, everywhere within ten seconds.

use std::fmt;

use clap::Args;
use lisa_auth::token_table::Listed;
use serde::Serialize;

use super::{failed, table};
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::{input, world};

const EXAMPLES: &str = "Examples:
  lisa token revoke 0b0c7f3e-5a0d-4c7e-9d59-2f8d3d1c6a41";

/// End an API token
///
/// The services stop to take it within ten seconds. Needs `dynamodb:Scan` and `dynamodb:DeleteItem` on the deployment's
/// token table.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Revoke {
    /// Its id, as `lisa token list` shows it
    id: String,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Revoked(Listed);

impl Revoke {
    pub(super) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let revoked = world::run(async { table(&input).await?.revoke(&self.id).await.map_err(failed) })?;
        let Some(row) = revoked else {
            let help = "`lisa token list` shows the ids that there are.";
            return Err(Failure::usage(format!("there is no token with the id `{}`", self.id), help));
        };
        printer.confirm(&Revoked(row))?;
        Ok(Exit::Done)
    }
}

impl fmt::Display for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the token {} of {} ends within ten seconds", self.0.id, self.0.user)
    }
}
