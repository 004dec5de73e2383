//! The copy from beginning to end: rounds of listing and bringing, until both agree.

use std::collections::BTreeSet;
use std::time::Instant;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::sync::Semaphore;

use crate::bucket::{Bucket, Object};
use crate::config::Config;
use crate::error::CopyError;
use crate::manifest;
use crate::part::Reading;
use crate::plan::{Plan, check_names};
use crate::progress::{Progress, rate};
use crate::publish::publish;
use crate::retry::Stop;
use crate::shelf::{Shelf, State};

/// Objects that are under way at once. Reads are counted apart, so that one large object may have them all.
const OBJECTS: usize = 8;

/// What a copy has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Objects of the folder.
    pub objects: usize,
    /// Bytes that were fetched by this run.
    pub bytes: u64,
}

/// Brings the folder to the disk. If this future is dropped, the next copy goes on from there.
pub async fn copy(config: &Config, bucket: &Bucket) -> Result<Copied, CopyError> {
    let start = Instant::now();
    let shelf = Shelf::open(&config.directory, config.tuning.part)?;
    let reading = Reading {
        bucket,
        tuning: &config.tuning,
        free: Semaphore::new(config.tuning.reads),
        progress: Progress::default(),
    };
    let objects = tokio::select! {
        objects = rounds(config, &reading, &shelf) => objects?,
        never = reading.progress.report(config.tuning.report) => never,
    };
    let bytes = reading.progress.done();
    let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let per_second = rate(bytes, start.elapsed());
    tracing::info!(
        source = config.uri(),
        objects,
        bytes,
        per_second,
        milliseconds,
        "the weights are in place"
    );
    Ok(Copied { objects, bytes })
}

/// Reads listing after listing until one of them is on the disk as a whole; returns how many objects it has.
async fn rounds(config: &Config, reading: &Reading<'_>, shelf: &Shelf) -> Result<usize, CopyError> {
    let source = config.uri();
    for round in 0..=config.tuning.rounds {
        let mut objects = reading.bucket.list().await?;
        let manifest = manifest::take(&mut objects);
        if objects.is_empty() {
            return Err(CopyError::Empty(source));
        }
        check_names(&objects)?;
        if let Some(manifest) = manifest {
            match manifest::check(reading.bucket, &manifest, &objects, &source).await {
                Ok(()) => {}
                // A new set is there, or on its way.
                Err(Stop::Changed) => continue,
                Err(Stop::Failed(error)) => return Err(error),
            }
        }
        let state = known(shelf, &source);
        let plan = Plan::of(&objects, shelf, &state);
        if plan.missing.is_empty() {
            let is_there = state.complete && plan.ready.is_empty() && plan.kept.len() == state.files.len();
            if is_there {
                shelf.sweep(&BTreeSet::new())?;
            } else {
                publish(&source, &plan, shelf).await?;
            }
            return Ok(objects.len());
        }
        if round < config.tuning.rounds {
            shelf
                .sweep(&plan.missing.iter().chain(&plan.ready).map(|object| object.key.as_str()).collect())?;
            plan.fits(shelf)?;
            reading.progress.begin(plan.bytes);
            let (kept, missing) = (plan.kept.len() + plan.ready.len(), plan.missing.len());
            tracing::info!(source, kept, missing, bytes = plan.bytes, "begins to bring weights");
            bring(&plan.missing, reading, shelf).await?;
        }
    }
    Err(CopyError::Unsettled { uri: source, rounds: config.tuning.rounds })
}

/// What is in place. Of another source's files only the names are of use: to remove them.
fn known(shelf: &Shelf, source: &str) -> State {
    let mut state = shelf.state();
    if state.source != source {
        state.complete = false;
        state.files.values_mut().for_each(|version| *version = None);
    }
    state
}

async fn bring(objects: &[&Object], reading: &Reading<'_>, shelf: &Shelf) -> Result<(), CopyError> {
    let fetched = stream::iter(objects).map(|object| async move {
        match reading.fetch(object, shelf).await {
            // The next listing tells what it is now.
            Err(Stop::Changed) => {
                tracing::warn!(key = object.key, "an object changed while it was read; it is read again");
                Ok(())
            }
            Err(Stop::Failed(error)) => Err(error),
            Ok(()) => Ok(()),
        }
    });
    fetched.buffer_unordered(OBJECTS).try_collect().await
}
