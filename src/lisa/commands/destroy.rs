//! `lisa destroy`: takes a deployment away again, and says what stays and where.

mod models;

use std::collections::BTreeSet;

use clap::Args;
use lisa_deploy::destroy::{self, Leave, Options, Removal, Removed, Wanted};
use lisa_deploy::event::{Event, StackStep};
use lisa_deploy::outcome::Meaning;
use lisa_deploy::verify::{self, Leftovers};
use lisa_stacks::App;
use serde::Serialize;

use self::models::Models;
use super::deploy::failed;
use crate::cli::Globals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::printer::Printer;
use crate::select;
use crate::world::{self, Session};

const EXAMPLES: &str = "Examples:
  lisa destroy                                everything, after a question
  lisa destroy --stack rag                    one stack
  lisa destroy --empty --verify --yes demo    a pipeline's end of the deployment `demo`
  lisa destroy --verify                       and prove by tags that nothing is left";

/// Take a deployment away again
///
/// Removes the stacks in reverse order, models first, and says what `removalPolicy` keeps and where. Asks for the
/// deployment's name. What deployments share, made by `lisa bootstrap`, stays.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Destroy {
    /// Only this stack: `serve`, `LisaServe`, `model-<id>`; may be repeated
    #[arg(long = "stack", value_name = "NAME")]
    stacks: Vec<String>,
    /// Ask nothing; has to be the deployment's name
    #[arg(short, long, value_name = "DEPLOYMENT")]
    yes: Option<String>,
    /// Delete everything in the buckets and repositories that go
    #[arg(long)]
    empty: bool,
    /// End the protection of stacks from deletion, and leave behind what cannot be deleted
    #[arg(long)]
    force: bool,
    /// Look for leftovers by tag when it is done
    #[arg(long)]
    verify: bool,
}

/// What came of it.
#[derive(Serialize)]
struct Report<'a> {
    removal: &'a Removal,
    emptied: &'a [destroy::Emptied],
    #[serde(rename = "leftBehind")]
    left: &'a [destroy::Thing],
    #[serde(skip_serializing_if = "Option::is_none")]
    leftovers: Option<&'a Leftovers>,
}

impl Destroy {
    pub(crate) fn run(&self, globals: &Globals, printer: &Printer) -> Result<Exit, Failure> {
        if self.yes.is_none() {
            world::require_terminal(printer)?;
        }
        let input = input::load_and_warn(globals, printer)?;
        let app = input.synthesize()?;
        let only: BTreeSet<String> = if self.stacks.is_empty() {
            BTreeSet::new()
        } else {
            let chosen = select::stacks(&app, &input.config, &self.stacks)?;
            chosen.into_iter().map(|stack| stack.name.clone()).collect()
        };
        world::run(async {
            let session = Session::open(&input, printer).await?;
            let ended = self.remove(&session, &app, &only).await;
            session.progress.finish();
            ended
        })
    }

    async fn remove(
        &self,
        session: &Session<'_>,
        app: &App,
        only: &BTreeSet<String>,
    ) -> Result<Exit, Failure> {
        let (engine, world) = (session.engine(), session.world());
        let wanted = Wanted { config: &session.input.config, stacks: &app.stacks, only };
        let removal = destroy::plan(world, &wanted, &engine.caller()).await;
        let removal = removal.map_err(|error| match error {
            destroy::PlanError::Call(error) => Failure::call(&error),
            needed @ destroy::PlanError::Needed { .. } => {
                Failure::usage(needed.to_string(), "Pass `--stack` for each of them, or for none.")
            }
        })?;
        session.note(removal.to_string().trim_end());
        let models = Models::find(session, &removal).await;
        if !removal.is_empty() {
            self.confirm(session, &removal).await?;
        }
        let taken = async {
            models.take_away(session).await;
            Ok(())
        };
        session.unless_stopped(taken).await?;
        self.announce(session, &removal);
        let leave = if self.force { Leave::Anything } else { Leave::Nothing };
        let options = Options { empty: self.empty, unprotect: self.force, leave, ..Options::default() };
        let removed = destroy::run(&engine, &removal, options).await;
        match removed.outcome.meaning() {
            Meaning::Done => {}
            Meaning::Interrupted => {
                session
                    .note("interrupted; `lisa destroy` goes on from here, `lisa status` shows how it stands");
                return Ok(Exit::Interrupted);
            }
            _ => return Err(failed(session, &removed.outcome, &app.stacks).await),
        }
        self.conclude(session, &removal, &removed).await
    }

    /// The order, before the first event.
    #[expect(clippy::unused_self, reason = "a step of the command like the others")]
    fn announce(&self, session: &Session<'_>, removal: &Removal) {
        for stack in &removal.stacks {
            let step = StackStep::Waiting(stack.after.iter().cloned().collect());
            session.observer.on(Event::Stack { name: stack.name.clone(), step });
        }
    }

    async fn confirm(&self, session: &Session<'_>, removal: &Removal) -> Result<(), Failure> {
        let full: Vec<&str> = removal.full().map(|store| store.thing.physical_id.as_str()).collect();
        if !full.is_empty() && !self.empty {
            return Err(Failure::action(
                format!("they are not empty, so their stacks cannot go: {}", full.join(", ")),
                "Save what is in them, then pass `--empty` to have it deleted. Nothing was changed.",
            ));
        }
        let blocked: Vec<&str> = removal.blocked().map(|thing| thing.physical_id.as_str()).collect();
        if !blocked.is_empty() && !self.force {
            return Err(Failure::action(
                format!(
                    "they are protected from deletion, so their stacks cannot go: {}",
                    blocked.join(", ")
                ),
                "End their protection, or pass `--force` to leave them behind. Nothing was changed.",
            ));
        }
        let guarded = removal.stacks.iter().filter(|stack| stack.protected);
        let guarded: Vec<&str> = guarded.map(|stack| stack.deployed_name.as_str()).collect();
        if !guarded.is_empty() && !self.force {
            return Err(Failure::action(
                format!("stacks are protected from deletion: {}", guarded.join(", ")),
                "Pass `--force` to end the protection, or end it yourself. Nothing was changed.",
            ));
        }
        let expected = session.input.config.deployment_name.to_string();
        let given = match &self.yes {
            Some(name) => name.clone(),
            None => ask(session, &expected).await?,
        };
        if given == expected {
            return Ok(());
        }
        let help = format!("The deployment's name is `{expected}`.");
        if self.yes.is_some() {
            return Err(Failure::usage(format!("`{given}` is not the deployment's name"), help));
        }
        Err(Failure::Declined)
    }

    async fn conclude(
        &self,
        session: &Session<'_>,
        removal: &Removal,
        removed: &Removed,
    ) -> Result<Exit, Failure> {
        session.progress.finish();
        let leftovers = if self.verify {
            let engine = session.engine();
            let config = &session.input.config;
            let caller = engine.caller();
            let found = async {
                let found = verify::verify(session.world(), config, removal, &caller).await;
                found.map_err(|error| Failure::call(&error))
            };
            Some(session.unless_stopped(found).await?)
        } else {
            None
        };
        let Removed { emptied, left, .. } = removed;
        let report = Report { removal, emptied, left, leftovers: leftovers.as_ref() };
        session.printer.answer(&report)?;
        let clean = leftovers.as_ref().is_none_or(Leftovers::is_clean);
        Ok(if clean { Exit::Done } else { Exit::NeedsAction })
    }
}

async fn ask(session: &Session<'_>, expected: &str) -> Result<String, Failure> {
    let Input { config, .. } = session.input;
    let question = format!(
        "Remove `{expected}` from account {} in {}? Type its name: ",
        config.account_number, config.region
    );
    session.ask(&question).await
}

impl std::fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for destroy::Emptied { name, items } in self.emptied {
            writeln!(f, "emptied: {name}, {items} deleted")?;
        }
        for thing in self.left {
            writeln!(f, "left behind: {thing}")?;
        }
        if let Some(leftovers) = self.leftovers {
            return write!(f, "{}", leftovers.to_string().trim_end());
        }
        for kept in &self.removal.kept {
            writeln!(f, "kept: {kept}")?;
        }
        write!(f, "removed")
    }
}
