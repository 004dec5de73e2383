//! Lambda events that are no HTTP requests: workflow tasks, queue messages, questions to an authorizer.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why an event failed, as Lambda reports it to who sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The kind, which state machines switch on: `NotServed`.
    pub kind: String,
    /// What went wrong, for people.
    pub message: String,
}

impl Failure {
    /// A failure.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into() }
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send>>;

/// Handles events of one form.
#[derive(Clone)]
pub struct Events(Arc<dyn Fn(Value) -> Answer + Send + Sync>);

impl Events {
    /// Handles events that are a `T`. Another one fails with the kind `InvalidEvent`.
    pub fn new<T, R, F>(handle: impl Fn(T) -> F + Send + Sync + 'static) -> Self
    where
        T: DeserializeOwned,
        R: Serialize,
        F: Future<Output = Result<R, Failure>> + Send + 'static,
    {
        Self(Arc::new(move |event| match serde_json::from_value(event) {
            Ok(event) => {
                let answer = handle(event);
                Box::pin(async move { written(&answer.await?) })
            }
            Err(error) => Box::pin(async move { Err(Failure::new("InvalidEvent", shape_of(&error))) }),
        }))
    }

    /// Handles one event.
    pub async fn handle(&self, event: Value) -> Result<Value, Failure> {
        (self.0)(event).await
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}

fn written(answer: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(answer).map_err(|error| Failure::new("InvalidAnswer", error.to_string()))
}

/// What is wrong with an event, without the values that it holds.
fn shape_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once("missing field") {
        Some((_, field)) => format!("the event has no field{field}"),
        None => "the event is not of the form that this function takes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lengths() -> Events {
        Events::new(async |texts: Vec<String>| Ok(texts.iter().map(String::len).collect::<Vec<_>>()))
    }

    #[tokio::test]
    async fn an_event_is_handled_by_its_form() {
        assert_eq!(lengths().handle(json!(["a", "bc"])).await, Ok(json!([1, 2])));
    }

    #[tokio::test]
    async fn another_form_fails_without_its_values() {
        let failure = lengths().handle(json!({ "secret": "hidden" })).await.unwrap_err();
        assert_eq!(failure.kind, "InvalidEvent");
        assert!(!failure.message.contains("hidden"), "{failure}");
    }
}
