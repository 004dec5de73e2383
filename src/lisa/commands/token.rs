//! `lisa token`: the API tokens of a deployment, made, listed and revoked.

mod create;
mod list;
mod revoke;

use clap::{Args, Subcommand};
use lisa_auth::sources::Unavailable;
use lisa_auth::token_table::TokenTable;
use lisa_signed::Signed;
use lisa_stacks::Naming;

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::printer::Printer;
use crate::world;

/// Make, list and revoke API tokens
///
/// A token opens the serve API to whoever holds it. The deployment's table keeps its hash, so that a token can be shown
/// once and never again.
#[derive(Debug, Args)]
pub(crate) struct Token {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(create::Create),
    List(list::List),
    Revoke(revoke::Revoke),
}

impl Token {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        match &self.command {
            Command::Create(command) => command.run(globals, printer),
            Command::List(command) => command.run(globals, printer),
            Command::Revoke(command) => command.run(globals, printer),
        }
    }
}

/// The table of the configuration's deployment.
async fn table(input: &Input) -> Result<TokenTable, Failure> {
    let connection = world::connect(&input.config).await?;
    let name = Naming::new(&input.config).token_table();
    Ok(TokenTable::new(Signed::new(&connection.session), name))
}

/// A call on the table that failed.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
fn failed(error: Unavailable) -> Failure {
    Failure::action(
        format!("the token table does not do it: {error}"),
        "Deploy the serve stack, whose table it is, and allow `dynamodb:PutItem`, `Scan` and `DeleteItem` on it.",
    )
}

/// Seconds since 1970 as a moment of UTC.
fn moment(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds);
    time.map_or_else(|_| seconds.to_string(), |time| time.strftime("%Y-%m-%d %H:%MZ").to_string())
}
