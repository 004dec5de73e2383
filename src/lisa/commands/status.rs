//! `lisa status`: how each stack of a configuration stands in the account.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use clap::Args;
use lisa_deploy::next::{Intent, Next, next};
use lisa_deploy::ports::cloudformation::ObservedStack;
use lisa_deploy::status::StackStatus;
use serde::Serialize;

use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::printer::Printer;
use crate::{select, world};

const EXAMPLES: &str = "Examples:
  lisa status
  lisa status --stack serve --output json";

/// Show how each stack stands in the account
///
/// Reads the account and changes nothing. A stack that needs a person is told with what to do.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Status {
    /// Only this stack; may be repeated
    #[arg(long = "stack", value_name = "NAME")]
    stacks: Vec<String>,
}

/// The stacks, in deployment order.
#[derive(Serialize)]
#[serde(transparent)]
struct Standings(Vec<Standing>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    name: String,
    deployed_name: String,
    /// `null` where there is no stack.
    status: Option<StackStatus>,
    /// Why it has that status.
    reason: Option<String>,
    /// When it was last changed.
    changed: Option<String>,
    /// What a person has to do.
    remedy: Option<&'static str>,
}

impl Status {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        let input = input::load_and_warn(globals, printer)?;
        let standings = world::run(self.look(&input))?;
        printer.answer(&standings)?;
        Ok(Exit::Done)
    }

    async fn look(&self, input: &Input) -> Result<Standings, Failure> {
        let app = input.synthesize_all()?;
        let stacks = select::stacks(&app, &input.config, &self.stacks)?;
        let connection = world::connect(&input.config).await?;
        let observed = observed(&connection.world).await?;
        let standing = |stack: &&lisa_stacks::Stack| {
            Standing::of(&stack.name, &stack.deployed_name, observed.get(&stack.deployed_name))
        };
        Ok(Standings(stacks.iter().map(standing).collect()))
    }
}

/// Every stack of the account and region, by its name.
pub(crate) async fn observed(
    world: &lisa_deploy::ports::World,
) -> Result<BTreeMap<String, ObservedStack>, Failure> {
    let stacks = world.cloudformation.stacks().await.map_err(|error| Failure::call(&error))?;
    Ok(stacks.into_iter().map(|stack| (stack.name.clone(), stack)).collect())
}

impl Standing {
    fn of(name: &str, deployed_name: &str, stack: Option<&ObservedStack>) -> Self {
        let remedy = stack.and_then(|stack| match next(Some(stack.status), Intent::Deploy) {
            Next::Refuse(refusal) => Some(refusal.remedy),
            _ => None,
        });
        Self {
            name: name.to_owned(),
            deployed_name: deployed_name.to_owned(),
            status: stack.map(|stack| stack.status),
            reason: stack.and_then(|stack| stack.reason.clone()).filter(|reason| !reason.is_empty()),
            changed: stack.and_then(|stack| stack.updated.or(stack.created)).and_then(moment),
            remedy,
        }
    }
}

/// A time in UTC, to the second.
pub(crate) fn moment(time: SystemTime) -> Option<String> {
    let time = jiff::Timestamp::try_from(time).ok()?;
    Some(time.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
}

impl fmt::Display for Standings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = |row: &Standing| row.status.map_or("not deployed", StackStatus::as_str);
        let name = self.0.iter().map(|row| row.name.len()).max().unwrap_or_default();
        let width = self.0.iter().map(|row| status(row).len()).max().unwrap_or_default();
        for row in &self.0 {
            let changed = row.changed.as_deref().unwrap_or_default();
            let line = format!("{:name$}  {:width$}  {changed}", row.name, status(row));
            writeln!(f, "{}", line.trim_end())?;
            for more in row.reason.iter().map(String::as_str).chain(row.remedy) {
                writeln!(f, "{:name$}  {more}", "")?;
            }
        }
        Ok(())
    }
}
