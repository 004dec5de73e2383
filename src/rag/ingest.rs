//! Messages of the ingest queue, as Lambda takes them from SQS.
//!
//! Each message is answered by itself: one that has to be delivered again is named, and ends among the dead letters when
//! it was delivered too often.

use std::sync::Arc;

use lisa_service::{Events, Failure};
use serde::{Deserialize, Serialize};

use crate::worker::{Outcome, Worker};

/// A batch of messages.
#[derive(Debug, Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

/// One message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    #[serde(default)]
    body: String,
}

/// Which messages have to be delivered again.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    batch_item_failures: Vec<Again>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Again {
    item_identifier: String,
}

/// Handles batches of messages.
pub fn events(worker: Worker) -> Events {
    let worker = Arc::new(worker);
    Events::new(move |batch: Batch| {
        let worker = Arc::clone(&worker);
        async move { Ok::<_, Failure>(answer(&worker, batch).await) }
    })
}

async fn answer(worker: &Worker, batch: Batch) -> Answer {
    let mut batch_item_failures = Vec::new();
    for record in batch.records {
        if let Outcome::Again(reason) = worker.handle(&record.body).await {
            tracing::warn!(message = record.message_id, reason, "a message is to be delivered again");
            batch_item_failures.push(Again { item_identifier: record.message_id });
        }
    }
    Answer { batch_item_failures }
}
