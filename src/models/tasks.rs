//! What the tasks' function is invoked with: a task of a workflow, or EventBridge's word that an execution ended
//! without its own end. The latter has a `detail-type`.

use lisa_service::{Events, Failure};
use lisa_workflow::{Invocation, TaskName};
use serde::Deserialize;
use serde_json::Value;

/// An event of the function.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Event {
    /// An execution failed, was aborted or timed out.
    Ended(Ended),
    /// A workflow runs a task.
    Task(Invocation),
}

/// What EventBridge says of an execution.
#[derive(Debug, Deserialize)]
struct Ended {
    #[serde(rename = "detail-type")]
    detail_type: String,
}

/// Handles the events.
pub fn events() -> Events {
    Events::new(async |event: Event| not_served(&event))
}

/// The workflow catches this and takes its own path to failure.
fn not_served(event: &Event) -> Result<Value, Failure> {
    let what = match event {
        Event::Ended(ended) => format!("the event `{}`", ended.detail_type),
        Event::Task(invocation) => {
            let workflow = match invocation.task {
                TaskName::Create(_) => "create",
                TaskName::Update(_) => "update",
                TaskName::Delete(_) => "delete",
            };
            format!("the task `{}` of the workflow `{workflow}`", invocation.task.as_str())
        }
    };
    Err(Failure::new("NotServed", format!("{what} is not served by this version of LISA")))
}
