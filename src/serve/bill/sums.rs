//! Sums of usage on their way to the table: each is counted once, however the table answers, or is counted as lost.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use lisa_store::Error;
use lisa_store::usage::{Sum, Usage, Use, day};
use tokio::time::{Instant, timeout};

use super::{Used, WAITING};
use crate::metrics::Metrics;

/// For how long the table may not answer.
const LIMIT: Duration = Duration::from_secs(10);

/// For how long a batch is repeated by its name. The table remembers names for ten minutes, and an attempt takes its time.
const REPEATED: Duration = Duration::from_mins(9);

/// Sums of one transaction.
struct Batch {
    sums: Vec<(Use, Sum)>,
    /// What the table knows the transaction by.
    name: String,
    /// When it was first asked for.
    since: Option<Instant>,
    /// Whether it may have been done.
    is_unsure: bool,
}

/// Why an attempt came to nothing.
pub(super) struct Failed {
    why: String,
    /// Whether it may have been done.
    is_unsure: bool,
    /// Whether the same may succeed later.
    is_passing: bool,
}

/// A transaction that is under way.
pub(super) type Attempt = BoxFuture<'static, Result<(), Failed>>;

/// The sums that wait to be written.
pub(super) struct Sums {
    usage: Usage,
    metrics: Arc<Metrics>,
    waiting: BTreeMap<Use, Sum>,
    /// What is asked for, the oldest first; one that may have been done goes before anything newer, unchanged.
    batches: VecDeque<Batch>,
}

impl Sums {
    pub(super) fn new(usage: Usage, metrics: Arc<Metrics>) -> Self {
        Self { usage, metrics, waiting: BTreeMap::new(), batches: VecDeque::new() }
    }

    /// Adds a request that was answered at this time, in seconds since 1970.
    pub(super) fn add(&mut self, used: Used, now: i64) {
        let Used { user, model, prompt_tokens, completion_tokens } = used;
        let key = Use { day: day(now), user, model };
        if self.waiting.len() >= WAITING && !self.waiting.contains_key(&key) {
            self.metrics.lost_records(1);
            return;
        }
        let one = Sum { requests: 1, prompt_tokens, completion_tokens };
        self.waiting.entry(key).or_default().add(one);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.batches.is_empty()
    }

    /// The next transaction, where there is something to write.
    pub(super) fn next(&mut self) -> Option<Attempt> {
        self.give_up_old();
        if self.batches.is_empty() {
            let sums: Vec<(Use, Sum)> = std::mem::take(&mut self.waiting).into_iter().collect();
            let batch = |sums: &[(Use, Sum)]| Batch {
                sums: sums.to_vec(),
                name: lisa_signed::token(),
                since: None,
                is_unsure: false,
            };
            self.batches.extend(sums.chunks(Usage::AT_ONCE).map(batch));
        }
        let batch = self.batches.front_mut()?;
        batch.since.get_or_insert_with(Instant::now);
        let (usage, sums, name) = (self.usage.clone(), batch.sums.clone(), batch.name.clone());
        Some(Box::pin(async move {
            match timeout(LIMIT, usage.add(&sums, &name)).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(Failed {
                    is_unsure: matches!(error, Error::Unanswered { .. }),
                    is_passing: error.is_passing(),
                    why: error.to_string(),
                }),
                Err(_) => {
                    let why = format!("no answer in {} s", LIMIT.as_secs());
                    Err(Failed { why, is_unsure: true, is_passing: true })
                }
            }
        }))
    }

    /// Takes what came of the transaction; returns whether the next one of the same round may be asked for at once. What
    /// has come in since waits for the next round.
    pub(super) fn settle(&mut self, outcome: Result<(), Failed>) -> bool {
        let Some(mut batch) = self.batches.pop_front() else { return false };
        let Err(failed) = outcome else { return !self.batches.is_empty() };
        tracing::warn!(
            reason = failed.why,
            sums = batch.sums.len(),
            "usage was not written; it is tried again"
        );
        batch.is_unsure |= failed.is_unsure;
        if batch.is_unsure || failed.is_passing {
            self.batches.push_front(batch);
        } else {
            self.put_back(batch);
        }
        // What is refused for good must not be in the way of the others.
        !failed.is_passing && !self.batches.is_empty() && self.batches.iter().all(|batch| !batch.is_unsure)
    }

    /// The table has forgotten the names of batches that are too old: what may have been done then cannot be repeated.
    fn give_up_old(&mut self) {
        let is_old = |batch: &Batch| batch.since.is_some_and(|since| since.elapsed() >= REPEATED);
        while let Some(batch) = self.batches.pop_front_if(|batch| is_old(batch)) {
            if batch.is_unsure {
                let requests = requests(batch.sums.iter().map(|(_, sum)| sum));
                self.metrics.lost_records(requests);
                tracing::warn!(
                    requests,
                    "it stays unknown whether the usage of requests was written; it is not repeated"
                );
            } else {
                self.put_back(batch);
            }
        }
    }

    fn put_back(&mut self, batch: Batch) {
        for (used, sum) in batch.sums {
            self.waiting.entry(used).or_default().add(sum);
        }
    }

    /// Gives up what is not written, counts it and returns of how many requests it is the usage.
    pub(super) fn lose(&mut self) -> u64 {
        let asked = self.batches.iter().flat_map(|batch| &batch.sums).map(|(_, sum)| sum);
        let lost = requests(asked.chain(self.waiting.values()));
        self.batches.clear();
        self.waiting.clear();
        self.metrics.lost_records(lost);
        lost
    }
}

fn requests<'a>(sums: impl Iterator<Item = &'a Sum>) -> u64 {
    sums.map(|sum| sum.requests).sum()
}
