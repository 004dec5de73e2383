//! What is written down of a failure: the cause first, with the stack's first failing event or the engine's last words.

use lisa_api::models::ModelStatus;
use lisa_deploy::cause::{Around, Cause};

use super::engine;
use super::{Carried, Tasks};
use crate::alter::{Decision, alter};
use crate::error::Error;
use crate::row::{Parts, Row};

/// Characters of a reason that are kept.
const LONGEST: usize = 2000;

/// The first failing event of a stack, in words, and what to do about it.
pub(super) async fn first_event(tasks: &Tasks, stack: &str) -> Result<Option<String>, Error> {
    let events = tasks.world.stacks.events(stack).await?;
    let name = stack.rsplit("stack/").next().and_then(|name| name.split('/').next()).unwrap_or(stack);
    Ok(Cause::of_events("model", name, &events, Around::default()).map(|cause| told(&cause)))
}

fn told(cause: &Cause) -> String {
    let resource = match (&cause.logical_id, &cause.kind) {
        (Some(id), Some(kind)) => format!("`{id}` ({kind}) failed: "),
        _ => String::new(),
    };
    let reason = cause.reason.trim_end_matches('.');
    format!("{resource}{reason}. {}", cause.remedy.text)
}

/// Writes the status `Failed` with the cause, unless the row is another execution's. Returns whether it is ours.
pub(super) async fn record(tasks: &Tasks, execution: &str, carried: &Carried) -> Result<bool, Error> {
    let reason = shortened(&reason(tasks, carried).await);
    tracing::warn!(model = carried.model_id, reason, "a workflow failed");
    let fresh = if carried.marked { None } else { carried.creates().ok() };
    let mut is_ours = false;
    alter(&*tasks.world.rows, &*tasks.world.clock, &carried.model_id, |row| {
        is_ours = false;
        let row = match row {
            Some(row) if row.is_held_by(execution) => row,
            None => match &fresh {
                Some(config) => Row::new(config.clone(), execution),
                None => return Decision::Keep,
            },
            Some(_) => return Decision::Keep,
        };
        is_ours = true;
        Decision::write(Row {
            status: ModelStatus::Failed,
            reason: Some(reason.clone()),
            before: None,
            ..row
        })
    })
    .await?;
    Ok(is_ours)
}

/// The cause, and what else is known. Nothing that cannot be found out now may hide the cause itself.
async fn reason(tasks: &Tasks, carried: &Carried) -> String {
    let caught = carried.failure.clone().unwrap_or_default();
    let mut reason = caught.words();
    let spent = caught.error == "BudgetSpent";
    if spent {
        let stack = carried.stack.as_ref().map(|stack| &stack.id).filter(|id| !id.is_empty());
        if let Some(stack) = stack
            && let Ok(Some(event)) = first_event(tasks, stack).await
        {
            reason = format!("{reason}. {event}");
        }
        let said = [
            carried.engine.as_ref().map(|engine| engine.said.as_str()),
            carried.capacity.as_ref().map(|capacity| capacity.said.as_str()),
        ];
        for said in said.into_iter().flatten().filter(|said| !said.is_empty()) {
            reason = format!("{reason}. {said}");
        }
    }
    if (spent || caught.error == "StackFailed")
        && let Some(parts) = known_parts(tasks, carried).await
        && let Ok(Some(words)) = engine::last_words(tasks, &parts).await
    {
        reason = format!("{reason}\n{words}");
    }
    reason
}

/// The parts of the model as its row knows them.
async fn known_parts(tasks: &Tasks, carried: &Carried) -> Option<Parts> {
    let row = tasks.world.rows.get(&carried.model_id).await.ok()??;
    (!row.parts.cluster.is_empty()).then_some(row.parts)
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

/// Takes a group down to no hosts. One that is not there is fine.
pub(super) async fn release(tasks: &Tasks, carried: &Carried) -> Result<(), Error> {
    let row = tasks.world.rows.get(&carried.model_id).await?;
    let parts = row.map(|row| row.parts).unwrap_or_default();
    let stack = carried.stack.as_ref().map_or(parts.stack.as_str(), |stack| stack.name.as_str());
    release_parts(tasks, &parts, stack).await
}

/// As [`release`], for a model whose parts are known.
pub(super) async fn release_parts(tasks: &Tasks, parts: &Parts, stack: &str) -> Result<(), Error> {
    let group = match parts.group.as_str() {
        "" if stack.is_empty() => None,
        "" => tasks.world.stacks.resource(stack, HOSTS).await?,
        group => Some(group.to_owned()),
    };
    let Some(group) = group else { return Ok(()) };
    let none = crate::ports::Limits { min: Some(0), max: Some(0), desired: Some(0), ..Default::default() };
    match tasks.world.fleet.set_group(&group, &none).await {
        Err(error) if error.is("ValidationError") => Ok(()),
        done => done,
    }
}

/// The logical id of the hosts' group in a model's template.
const HOSTS: &str = "Hosts";
