//! `lisa token list`: the API tokens of a deployment, without the tokens themselves.

use std::fmt;

use clap::Args;
use lisa_auth::token_table::Listed;
use serde::Serialize;

use super::{failed, moment, table};
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::{input, world};

const EXAMPLES: &str = "Examples:
  lisa token list
  lisa token list --output json | jq -r '.[] | select(.isHashed | not) | .id'";

/// List the API tokens, without the tokens themselves
///
/// Needs `dynamodb:Scan` on the deployment's token table.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {}

#[derive(Serialize)]
#[serde(transparent)]
struct Table(Vec<Listed>);

impl List {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(super) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let rows = world::run(async { table(&input).await?.list().await.map_err(failed) })?;
        printer.answer(&Table(rows))?;
        Ok(Exit::Done)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return write!(f, "there is no token");
        }
        writeln!(f, "{:36}  {:24}  {:17}  {:17}  STORED  GROUPS", "ID", "USER", "MADE", "ENDS")?;
        for row in &self.0 {
            let made = row.created.map(moment).unwrap_or_default();
            let ends = row.expires.map_or_else(|| "never".to_owned(), moment);
            let stored = if row.is_hashed { "hashed" } else { "clear" };
            let groups = row.groups.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let name = row.name.as_ref().map(|name| format!("  {name}")).unwrap_or_default();
            let line =
                format!("{:36}  {:24}  {made:17}  {ends:17}  {stored:6}  {groups}{name}", row.id, row.user);
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
