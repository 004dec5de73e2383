//! Models on their way from a hub on loopback that goes wrong, to a bucket that goes wrong.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod bucket;
mod downloads;
mod killed;
mod revisions;
mod scene;
mod uploads;
