//! Usage records: who used which model for how many tokens, sent to the deployment's queue in batches, off the way of
//! requests. No words of a request are in one.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lisa_signed::{Signed, service};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::metrics::Metrics;

/// Records that wait; further ones are lost and counted.
const WAITING: usize = 10_000;

/// What SQS takes at once.
const BATCH: usize = 10;

/// Tries of a batch, and the pause between two.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// What a caller used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Used {
    /// The request's id.
    pub request_id: String,
    /// The caller.
    pub user_id: String,
    /// The model, by the name that was asked for.
    pub model_id: String,
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
    /// The path that was asked.
    pub path: String,
    /// Seconds since 1970.
    pub timestamp: u64,
}

/// Takes records; where there is no queue they are only counted in the metrics.
#[derive(Clone, Debug, Default)]
pub struct Bills(Option<Sender<Used>>);

impl Used {
    /// The time of a record that is made now.
    pub fn now() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
    }
}

impl Bills {
    /// Sends records to a queue, from a task of its own.
    pub(crate) fn to(signed: Signed, queue: String, metrics: Arc<Metrics>) -> Self {
        let (sender, receiver) = channel(WAITING);
        tokio::spawn(send(receiver, signed, queue, metrics));
        Self(Some(sender))
    }

    /// Whether records go anywhere.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Takes a record; `false` where there is no room.
    pub fn take(&self, used: Used) -> bool {
        self.0.as_ref().is_none_or(|sender| sender.try_send(used).is_ok())
    }
}

async fn send(mut receiver: Receiver<Used>, signed: Signed, queue: String, metrics: Arc<Metrics>) {
    let mut batch = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut batch, BATCH).await > 0 {
        let mut left: Vec<Used> = std::mem::take(&mut batch);
        for _ in 0..TRIES {
            left = match signed.json(&service::SQS, "SendMessageBatch", &message(&queue, &left)).await {
                Ok(answer) => failed(left, &answer),
                Err(error) => {
                    tracing::warn!(%error, records = left.len(), "usage records were not taken");
                    left
                }
            };
            if left.is_empty() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        metrics.lost_records(left.len() as u64);
    }
}

fn message(queue: &str, batch: &[Used]) -> Value {
    let entry = |(index, used): (usize, &Used)| json!({ "Id": index.to_string(), "MessageBody": json!(used).to_string() });
    json!({ "QueueUrl": queue, "Entries": batch.iter().enumerate().map(entry).collect::<Vec<_>>() })
}

/// Those that the queue has not taken.
fn failed(batch: Vec<Used>, answer: &Value) -> Vec<Used> {
    let failed = answer["Failed"].as_array().into_iter().flatten();
    let failed: Vec<usize> = failed.filter_map(|entry| entry["Id"].as_str()?.parse().ok()).collect();
    batch.into_iter().enumerate().filter(|(index, _)| failed.contains(index)).map(|(_, used)| used).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(id: &str) -> Used {
        let text = |text: &str| text.to_owned();
        let (prompt_tokens, completion_tokens, timestamp) = (3, 5, 7);
        let (user_id, model_id, path) = (text("ada"), text("m"), text("/v2/serve/embeddings"));
        Used { request_id: text(id), user_id, model_id, prompt_tokens, completion_tokens, path, timestamp }
    }

    #[test]
    fn a_batch_is_what_the_queue_takes_and_what_it_does_not_is_sent_again() {
        let batch = vec![used("a"), used("b")];
        let message = message("https://queue", &batch);
        assert_eq!(message["Entries"][1]["Id"], "1");
        let body: Value =
            serde_json::from_str(message["Entries"][0]["MessageBody"].as_str().unwrap()).unwrap();
        let expected = json!({ "requestId": "a", "userId": "ada", "modelId": "m", "promptTokens": 3, "completionTokens": 5,
            "path": "/v2/serve/embeddings", "timestamp": 7 });
        assert_eq!(body, expected);
        let left = failed(batch, &json!({ "Failed": [{ "Id": "1" }], "Successful": [{ "Id": "0" }] }));
        assert_eq!(left, [used("b")]);
    }

    #[test]
    fn without_a_queue_nothing_is_lost() {
        assert!(Bills::default().take(used("a")) && !Bills::default().is_on());
    }
}
