//! Messages of the ingest queue.
//!
//! A batch that fails stays in the queue and ends among the dead letters, where it can be sent again from.

use lisa_service::{Events, Failure};
use serde::Deserialize;

/// A batch of messages, as Lambda takes it from SQS.
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
}

/// Handles batches of messages.
pub fn events() -> Events {
    Events::new(async |batch: Batch| not_served(&batch))
}

fn not_served(batch: &Batch) -> Result<(), Failure> {
    let ids: Vec<_> = batch.records.iter().map(|record| record.message_id.as_str()).collect();
    let message = format!("ingest is not served by this version of LISA; it leaves {}", ids.join(", "));
    Err(Failure::new("NotServed", message))
}
