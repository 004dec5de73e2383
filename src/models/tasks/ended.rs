//! An execution that ended without its own end: aborted by hand, timed out, or failed twice. Its model must not stay as if
//! somebody were at work on it.

use lisa_api::models::ModelStatus;
use serde::Deserialize;
use serde_json::Value;

use super::{Tasks, failure};
use crate::alter::{Decision, alter};
use crate::error::Error;
use crate::row::Row;

/// What EventBridge says of an execution.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Ended {
    /// Tells the event from a task.
    #[serde(rename = "detail-type")]
    _kind: String,
    detail: Detail,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    execution_arn: String,
    status: String,
    /// The execution's input; missing where it is too large for an event.
    #[serde(default)]
    input: Option<String>,
    #[serde(default)]
    cause: Option<String>,
}

/// Marks the model as failed if the execution holds it and left it in mid-change.
pub(super) async fn handle(tasks: &Tasks, ended: &Ended) -> Result<(), Error> {
    let detail = &ended.detail;
    let Some(id) = model(detail) else {
        tracing::warn!(execution = detail.execution_arn, "an execution ended that names no model");
        return Ok(());
    };
    let reason = reason(detail);
    let mut left: Option<Row> = None;
    alter(&*tasks.world.rows, &*tasks.world.clock, &id, |row| match row {
        Some(row) if row.is_held_by(&detail.execution_arn) && row.status.is_changing() => {
            left = Some(row.clone());
            Decision::write(Row {
                status: ModelStatus::Failed,
                reason: Some(reason.clone()),
                before: None,
                ..row
            })
        }
        _ => {
            left = None;
            Decision::Keep
        }
    })
    .await?;
    // A model that did not come up costs nothing until somebody looks at it.
    match left {
        Some(row) if matches!(row.status, ModelStatus::Creating | ModelStatus::Starting) => {
            failure::release_parts(tasks, &row.parts, &row.parts.stack).await
        }
        _ => Ok(()),
    }
}

fn model(detail: &Detail) -> Option<String> {
    let input: Value = serde_json::from_str(detail.input.as_deref()?).ok()?;
    input["model_id"].as_str().map(str::to_owned)
}

fn reason(detail: &Detail) -> String {
    let why = match detail.status.as_str() {
        "ABORTED" => "was aborted by hand",
        "TIMED_OUT" => "took longer than it may",
        _ => "failed and could not write down why",
    };
    let cause = detail.cause.as_deref().filter(|cause| !cause.is_empty());
    let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("the workflow {why}{cause}; delete the model, or start it again if it has hosts")
}
