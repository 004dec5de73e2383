//! How far the copy is: one line every few seconds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Bytes that have been written and bytes that are to be written.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    total: AtomicU64,
    done: AtomicU64,
}

impl Progress {
    /// Begins a round: so many bytes are still to be brought.
    pub(crate) fn begin(&self, bytes: u64) {
        let done = self.done.load(Ordering::Relaxed);
        self.total.store(done + bytes, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes that have been written by this run.
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Writes lines without an end.
    pub(crate) async fn report(&self, every: Duration) -> ! {
        let start = Instant::now();
        let mut before = self.done();
        loop {
            tokio::time::sleep(every).await;
            let done = self.done();
            let per_second = rate(done.saturating_sub(before), every);
            before = done;
            let total = self.total.load(Ordering::Relaxed);
            let seconds = start.elapsed().as_secs();
            tracing::info!(bytes = done, of = total, per_second, seconds, "brings weights");
        }
    }
}

/// Bytes in a second.
pub(crate) fn rate(bytes: u64, time: Duration) -> u64 {
    let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    bytes.saturating_mul(1000) / milliseconds
}
