//! What an execution carries from task to task. Field names are those that the workflows' choices read.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Error;

/// The state of an execution. What a task does not know, such as counters of polls, stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Carried {
    /// The model.
    pub model_id: String,
    /// What was asked for: a request to create or to update, or nothing.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub request: Value,
    /// Whether LISA hosts the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosted: Option<bool>,
    /// Whether the row is, or was, this execution's.
    pub marked: bool,
    /// The model's stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<StackState>,
    /// The model's engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<EngineState>,
    /// What an update has to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeState>,
    /// The model's hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityState>,
    /// New tasks in place of old ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<RolloutState>,
    /// Whether a delete stopped another workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<bool>,
    /// A caught error, as Step Functions writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Caught>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The model's stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StackState {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub id: String,
    /// Whether there is one, in a delete.
    pub found: bool,
    /// Whether it has arrived where it was sent.
    pub settled: bool,
}

/// The model's engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EngineState {
    /// Whether it has answered.
    pub answered: bool,
    /// Where it is asked, without `/v1`.
    pub url: String,
    /// What came of the last question.
    pub said: String,
    /// When it was first asked, in seconds: tasks that died before do not count.
    pub since: u64,
}

/// What an update has to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeState {
    /// `start`, `stop` or `scale`; missing where the hosts stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<String>,
    /// Whether the engine's container changes.
    pub container: bool,
}

/// The model's hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CapacityState {
    /// Whether there are as many as wanted.
    pub reached: bool,
    /// When they were asked for, in seconds.
    pub since: u64,
    /// What the group said of its last failure to get one.
    pub said: String,
}

/// New tasks in place of old ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RolloutState {
    /// Whether the service runs the new definition alone.
    pub done: bool,
    /// The new definition.
    pub definition: String,
}

/// A caught error, as Step Functions writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Caught {
    /// Its name.
    pub error: String,
    /// Why: words, or what Lambda reports of a function's error, in JSON.
    pub cause: String,
}

impl Carried {
    /// The stack's state, made where there is none.
    pub(crate) fn stack(&mut self) -> &mut StackState {
        self.stack.get_or_insert_default()
    }

    /// The engine's state, made where there is none.
    pub(crate) fn engine(&mut self) -> &mut EngineState {
        self.engine.get_or_insert_default()
    }

    /// The request that makes a model.
    pub(crate) fn creates(&self) -> Result<lisa_api::models::CreateModelRequest, Error> {
        lisa_api::models::CreateModelRequest::parse(&self.request).map_err(Error::Invalid)
    }

    /// The request that changes a model.
    pub(crate) fn updates(&self) -> Result<lisa_api::models::UpdateModelRequest, Error> {
        lisa_api::models::UpdateModelRequest::parse(&self.request).map_err(Error::Invalid)
    }
}

impl Caught {
    /// The cause in words.
    pub(crate) fn words(&self) -> String {
        let reported: Option<Value> = serde_json::from_str(&self.cause).ok();
        let told = reported.as_ref().and_then(|reported| reported["errorMessage"].as_str());
        match told.unwrap_or(&self.cause) {
            "" if self.error == "States.Timeout" => "a step took longer than it may".to_owned(),
            "" => format!("a step ended with `{}`", self.error),
            words => words.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_goes_on() {
        let state = json!({ "model_id": "m", "polls": { "stack": { "left": 3 } }, "second_failure": { "Error": "E" } });
        let carried: Carried = serde_json::from_value(state).unwrap();
        assert_eq!(json!(carried)["polls"]["stack"]["left"], 3);
        assert_eq!(json!(carried)["second_failure"]["Error"], "E");
    }

    #[test]
    fn a_cause_is_words_whoever_reported_it() {
        let words =
            |error: &str, cause: &str| Caught { error: error.to_owned(), cause: cause.to_owned() }.words();
        assert_eq!(words("E", r#"{"errorType":"E","errorMessage":"it broke"}"#), "it broke");
        assert_eq!(words("E", "it broke"), "it broke");
        assert_eq!(words("States.Timeout", ""), "a step took longer than it may");
        assert_eq!(words("Runtime.ExitError", ""), "a step ended with `Runtime.ExitError`");
    }
}
