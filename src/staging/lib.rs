//! Brings models from a hub or a folder to the bucket of weights, in the form that engines load.
//!
//! ```text
//! hub ──download──▶ models/<name>/ ──convert──▶ *.safetensors ──upload──▶ s3://<bucket>/<name>/ ──▶ manifest
//! ```
//!
//! Every step finds what an earlier run has done and does the rest: a file that is cut goes on where it ended, an object
//! that is in the bucket is left alone. The manifest is written first, as one that is not complete, and last, as one that
//! is; until then, or where it does not agree with the bucket, hosts do not take the model for whole.
//!
//! * [`Hub`]: the HTTP interface of the Hugging Face Hub and its mirrors;
//! * [`choice`]: which files of a model engines load;
//! * [`Stage`]: all of it;
//! * [`Standing`]: what a bucket has of a model.

mod bucket;
pub mod choice;
mod convert;
mod download;
mod error;
mod folder;
mod hub;
mod patience;
mod progress;
mod stage;

pub use bucket::Standing;
pub use error::StageError;
pub use folder::check_name;
pub use hub::{HUB, Hub, HubError, Listing, Remote};
pub use patience::Tuning;
pub use progress::{Phase, Progress};
pub use stage::{Stage, Staged};
