//! Why stacks failed: the causes of a run's failures, with a container's last words where those tell more.

use std::time::Duration;

use lisa_deploy::cause::{Around, Cause};
use lisa_deploy::outcome::{Meaning, Outcome, StackFailure};
use lisa_stacks::Stack;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::world::Session;

/// How far back a container's last words are looked for.
const BACK: Duration = Duration::from_hours(1);

/// How many lines.
const LINES: u32 = 1000;

/// The failure of a run.
pub(in crate::commands) async fn failed(
    session: &Session<'_>,
    outcome: &Outcome,
    stacks: &[Stack],
) -> Failure {
    session.progress.finish();
    let mut failures: Vec<&StackFailure> = outcome.failures().collect();
    let began = |failure: &&StackFailure| {
        failure.events.iter().find(|event| event.status.is_failure()).map(|event| event.at)
    };
    failures.sort_by_key(|failure| (began(failure).is_none(), began(failure)));
    let mut causes = Vec::new();
    for failure in failures {
        let stack = stacks.iter().find(|stack| stack.name == failure.stack);
        let cause = Cause::of(failure, Around { config: Some(&session.input.config), stack });
        causes.push(with_log(session, cause).await);
    }
    let exit = match outcome.meaning() {
        Meaning::RolledBack => Exit::RolledBack,
        Meaning::Interrupted => Exit::Interrupted,
        Meaning::Done | Meaning::NeedsAction => Exit::NeedsAction,
    };
    Failure::Deploy { exit, causes }
}

async fn with_log(session: &Session<'_>, cause: Cause) -> Cause {
    let Some(needs) = &cause.needs else { return cause };
    let world = session.world();
    let from = world.clock.now() - BACK;
    match world.account.log_events(&needs.group, from, LINES).await {
        Ok(events) if !events.is_empty() => cause.with_log(&events),
        // The cause stands without it, and names the log group.
        _ => cause,
    }
}
