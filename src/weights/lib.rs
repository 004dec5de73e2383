//! Brings a model's weights from S3 to its host's disk, whole or not at all, before the engine starts.
//!
//! The folder is listed, what is there already is left alone, and the rest comes by ranged reads into a hidden folder
//! beside the weights. When the folder's listing and what was brought agree, everything is renamed into place and a
//! record says that the set is complete. The program may be killed at any moment: the next run goes on from there.
//!
//! * [`config`]: what it reads from the environment;
//! * [`copy`]: the copy from beginning to end;
//! * [`Bucket`]: listing and reads, with retries;
//! * [`Shelf`]: the hidden folder and what it remembers.

mod bucket;
mod checksum;
pub mod config;
mod copy;
mod error;
mod fetch;
mod files;
mod manifest;
mod part;
mod plan;
mod progress;
mod publish;
mod retry;
mod shelf;

use std::path::PathBuf;

use lisa_service::{Environment, Job, StartError, Work};
use lisa_signed::{Options, Session};

pub use bucket::{Bucket, Object};
pub use config::{Config, Tuning};
pub use copy::{Copied, copy};
pub use error::CopyError;
pub use shelf::{HIDDEN, Shelf};

/// Makes the copy that an environment asks for.
pub async fn start(environment: &Environment) -> Result<Work, StartError> {
    let config = Config::read(environment)?;
    let options = Options {
        region: environment.get("AWS_REGION").map(str::to_owned),
        certificates: environment.get("SSL_CERT_FILE").map(PathBuf::from),
        ..Options::default()
    };
    let session = Session::load(options).await.map_err(|error| StartError::Refused(error.to_string()))?;
    let bucket = Bucket::new(&session, &config);
    Ok(Work::Job(Job::new(async move {
        copy(&config, &bucket).await.map(drop).map_err(|error| error.to_string())
    })))
}
