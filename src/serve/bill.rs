//! Who used which model for how many tokens: added up, and written to the deployment's table every now and then, off the
//! way of requests. No words of a request are in it.

mod sums;

use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lisa_store::usage::Usage;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, MissedTickBehavior, sleep_until};

use self::sums::{Attempt, Sums};
use crate::metrics::Metrics;

/// Records that wait to be added up, and sums that wait to be written; further ones are lost and counted.
const WAITING: usize = 10_000;

/// Between two writes.
const PAUSE: Duration = Duration::from_secs(30);

/// For how long the last writes may take when the process ends.
const LAST: Duration = Duration::from_secs(4);

/// Between two of the last writes, where the first did not succeed.
const AGAIN: Duration = Duration::from_millis(250);

/// For how long [`Bills::end`] may take: the last writes, and the word that they are over.
pub(crate) const END: Duration = Duration::from_secs(5);

/// A request that a model has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The caller.
    pub user: String,
    /// The model that answered.
    pub model: String,
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
}

enum Told {
    Used(Used),
    /// All that was told before is to be written, and that is to be told.
    End(mpsc::Sender<()>),
}

/// Takes records; where there is no table they are only counted in the metrics.
#[derive(Clone, Debug, Default)]
pub struct Bills(Option<Sender<Told>>);

impl Bills {
    /// Writes to a table, from a task of its own.
    pub(crate) fn to(usage: Usage, metrics: Arc<Metrics>) -> Self {
        Self::with(Sums::new(usage, metrics), PAUSE, LAST)
    }

    fn with(sums: Sums, pause: Duration, last: Duration) -> Self {
        let (sender, receiver) = channel(WAITING);
        let keeper = Keeper { sums, pause, last, attempt: None, ending: None };
        tokio::spawn(keeper.keep(receiver));
        Self(Some(sender))
    }

    /// Whether records go anywhere.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Takes a record; `false` where there is no room.
    pub fn take(&self, used: Used) -> bool {
        self.0.as_ref().is_none_or(|sender| sender.try_send(Told::Used(used)).is_ok())
    }

    /// Waits until everything that was taken is written, or given up, for a little while; never from a task.
    pub fn end(&self) {
        let Some(sender) = &self.0 else { return };
        let (over, wait) = mpsc::channel();
        let is_over = sender.blocking_send(Told::End(over)).is_ok() && wait.recv_timeout(END).is_ok();
        if !is_over {
            tracing::warn!("nothing tells whether the usage of the last requests was written");
        }
    }
}

/// The last writes: until when, and who waits for them.
struct Ending {
    deadline: Instant,
    again: Instant,
    over: Vec<mpsc::Sender<()>>,
}

/// Receives records and writes sums beside it: a table that is slow keeps no record waiting.
struct Keeper {
    sums: Sums,
    pause: Duration,
    last: Duration,
    attempt: Option<Attempt>,
    ending: Option<Ending>,
}

impl Keeper {
    async fn keep(mut self, mut told: Receiver<Told>) {
        let mut tick = tokio::time::interval_at(Instant::now() + self.pause, self.pause);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let (again, deadline) = match &self.ending {
                Some(ending) => (ending.again, ending.deadline),
                None => (Instant::now() + self.pause, Instant::now() + self.pause),
            };
            tokio::select! {
                // What was told before the end is added before the end is thought of.
                biased;
                () = sleep_until(deadline), if self.ending.is_some() => self.give_up(),
                outcome = under_way(&mut self.attempt), if self.attempt.is_some() => {
                    self.attempt = None;
                    let is_written = outcome.is_ok();
                    let goes_on = self.sums.settle(outcome);
                    match &mut self.ending {
                        Some(ending) if !is_written && !goes_on => ending.again = Instant::now() + AGAIN,
                        None if !goes_on => {}
                        _ => self.begin(),
                    }
                }
                () = sleep_until(again), if self.ending.is_some() && self.attempt.is_none() => self.begin(),
                next = told.recv() => match next {
                    Some(Told::Used(used)) => self.sums.add(used, now()),
                    Some(Told::End(over)) => self.end(over),
                    None => return,
                },
                _ = tick.tick() => self.begin(),
            }
        }
    }

    /// Asks for the next transaction unless one is under way; the end is over where nothing is left.
    fn begin(&mut self) {
        if self.attempt.is_none() {
            self.attempt = self.sums.next();
        }
        if self.attempt.is_none() && self.sums.is_empty() {
            self.over();
        }
    }

    fn end(&mut self, over: mpsc::Sender<()>) {
        let now = Instant::now();
        let (deadline, again) = (now + self.last, now);
        let ending = self.ending.get_or_insert(Ending { deadline, again, over: Vec::new() });
        ending.over.push(over);
        self.begin();
    }

    fn give_up(&mut self) {
        self.attempt = None;
        let requests = self.sums.lose();
        tracing::warn!(requests, "the usage of the last requests could not be written in time and is lost");
        self.over();
    }

    fn over(&mut self) {
        for over in self.ending.take().into_iter().flat_map(|ending| ending.over) {
            // Whoever waited may have gone.
            let _ = over.send(());
        }
    }
}

/// The outcome of what is under way; never, where nothing is.
async fn under_way(attempt: &mut Option<Attempt>) -> <Attempt as Future>::Output {
    match attempt {
        Some(attempt) => attempt.await,
        None => std::future::pending().await,
    }
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
