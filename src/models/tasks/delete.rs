//! The tasks that take a model away.

use lisa_api::models::ModelStatus;
use lisa_deploy::status::StackStatus;
use lisa_workflow::model::DeleteTask;

use super::create::token;
use super::{Carried, Tasks, failure, template};
use crate::alter::{Decision, alter};
use crate::error::Error;
use crate::row::Row;

/// Runs one of them.
pub(super) async fn run(
    tasks: &Tasks,
    task: DeleteTask,
    execution: &str,
    carried: Carried,
) -> Result<Carried, Error> {
    match task {
        DeleteTask::MarkDeleting => mark(tasks, execution, carried).await,
        DeleteTask::StopWorkflow => stop(tasks, execution, carried).await,
        DeleteTask::FindStack => find(tasks, carried).await,
        DeleteTask::DeleteStack => {
            delete(tasks, execution, &carried).await?;
            Ok(carried)
        }
        DeleteTask::PollStackGone => poll(tasks, execution, carried).await,
        DeleteTask::RemoveRow => remove(tasks, execution, carried).await,
        DeleteTask::RecordFailure => {
            failure::record(tasks, execution, &carried).await?;
            Ok(carried)
        }
    }
}

async fn mark(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let decide = |row: Option<Row>| match row {
        None => Decision::Keep,
        Some(row) if row.is_held_by(execution) && row.status == ModelStatus::Deleting => Decision::Keep,
        Some(row) => Decision::write(Row {
            status: ModelStatus::Deleting,
            previous: row.execution.clone(),
            execution: Some(execution.to_owned()),
            ..row
        }),
    };
    let row = alter(&*tasks.world.rows, &*tasks.world.clock, &carried.model_id, decide).await?;
    carried.hosted = Some(row.is_none_or(|row| row.config.is_hosted()));
    carried.marked = true;
    Ok(carried)
}

async fn stop(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let row = tasks.world.rows.get(&carried.model_id).await?;
    let previous = row.and_then(|row| row.previous).filter(|previous| previous != execution);
    let Some(previous) = previous else { return Ok(carried) };
    let running = tasks.world.workflows.describe(&previous).await?.is_some_and(|ran| ran.is_running);
    if running {
        tasks.world.workflows.stop(&previous, "the model is being deleted").await?;
    }
    // Once stopped it is no longer running, but a task of it may be: a second run must wait as the first one would.
    carried.interrupted = Some(running || carried.interrupted == Some(true));
    Ok(carried)
}

async fn find(tasks: &Tasks, mut carried: Carried) -> Result<Carried, Error> {
    if carried.hosted == Some(false) {
        return Ok(carried);
    }
    let row = tasks.world.rows.get(&carried.model_id).await?;
    let named = row.map(|row| row.parts.stack).filter(|name| !name.is_empty());
    let name = named.unwrap_or_else(|| format!("{}-{}", tasks.place.deployment, carried.model_id));
    let description = template::description(&carried.model_id);
    let found = tasks.world.stacks.describe(&name).await?.filter(|view| view.description == description);
    let state = carried.stack();
    state.found = found.is_some();
    state.name = name;
    state.id = found.map(|view| view.id).unwrap_or_default();
    Ok(carried)
}

async fn delete(tasks: &Tasks, execution: &str, carried: &Carried) -> Result<(), Error> {
    let name = carried.stack.as_ref().map(|stack| stack.name.clone()).unwrap_or_default();
    tasks.world.stacks.delete(&name, &tasks.place.stack_role, &token(execution)).await
}

async fn poll(tasks: &Tasks, execution: &str, mut carried: Carried) -> Result<Carried, Error> {
    let stack = carried.stack().id.clone();
    let Some(view) = tasks.world.stacks.describe(&stack).await? else {
        carried.stack().settled = true;
        return Ok(carried);
    };
    match view.status {
        StackStatus::DeleteComplete => carried.stack().settled = true,
        StackStatus::DeleteInProgress => {}
        StackStatus::DeleteFailed => {
            let event = failure::first_event(tasks, &stack).await?;
            let why = event.or(view.reason).unwrap_or_else(|| "CloudFormation gives no reason".to_owned());
            return Err(Error::hopeless("StackFailed", format!("the stack could not be deleted: {why}")));
        }
        // What was under way when the deletion was asked for has ended otherwise.
        status if !status.is_in_progress() => delete(tasks, execution, &carried).await?,
        _ => {}
    }
    Ok(carried)
}

async fn remove(tasks: &Tasks, execution: &str, carried: Carried) -> Result<Carried, Error> {
    if carried.hosted == Some(false) {
        let row = tasks.world.rows.get(&carried.model_id).await?;
        // Without the row this has been done already, and the key may be that of the next model of this id.
        if row.is_some_and(|row| row.is_held_by(execution)) {
            // Before the row, which tells the next attempt that there is something left to do.
            tasks.world.models.remove_key(&carried.model_id).await?;
        }
    }
    let decide = |row: Option<Row>| match row {
        Some(row) if row.is_held_by(execution) => Decision::Remove,
        // Another delete has taken over, and removes it.
        _ => Decision::Keep,
    };
    alter(&*tasks.world.rows, &*tasks.world.clock, &carried.model_id, decide).await?;
    Ok(carried)
}
