//! `lisa token create`: a new API token, shown once.

use std::collections::BTreeSet;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use lisa_auth::token_table::NewToken;
use serde::Serialize;

use super::{failed, moment, table};
use crate::cli::Globals;
use crate::commands::logs::Since;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::{input, world};

const EXAMPLES: &str = "Examples:
  lisa token create --user ada --expires 90d
  lisa token create --user ci --group research --name 'nightly evaluation'
  export OPENAI_API_KEY=$(lisa token create --user ada --output json | jq -r .token)";

/// Make an API token and show it once
///
/// Needs `dynamodb:PutItem` on the deployment's token table.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Create {
    /// Whose it is; a name made of its id without
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// A group that its holder counts as a member of; may be repeated
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// For how long it is good, such as `12h`, `90d`; for ever without
    #[arg(long, value_name = "TIME")]
    expires: Option<Since>,
}

/// A token as it is shown.
#[derive(Serialize)]
struct Shown {
    token: String,
    id: String,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

impl Create {
    pub(super) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let new = self.new_token();
        let made = world::run(async { table(&input).await?.create(&new).await.map_err(failed) })?;
        printer.answer(&Shown { token: made.token, id: made.id.clone(), expires: new.expires })?;
        printer.note(&format!("shown this once; to end it: lisa token revoke {}", made.id));
        Ok(Exit::Done)
    }

    fn new_token(&self) -> NewToken {
        let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let seconds = |time| i64::try_from(since(time)).unwrap_or(i64::MAX);
        let now = SystemTime::now();
        NewToken {
            user: self.user.clone(),
            groups: self.groups.iter().cloned().collect::<BTreeSet<_>>(),
            name: self.name.clone(),
            expires: self.expires.map(|lasts| seconds(now + lasts.0)),
            created: seconds(now),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.expires.map_or_else(|| "never".to_owned(), moment);
        write!(f, "token  {}\nid     {}\nends   {end}", self.token, self.id)
    }
}
