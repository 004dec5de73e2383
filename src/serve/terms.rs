//! On which terms an endpoint is asked: how much, for whom, and with which changes of a request; and what it has been
//! asked in this minute.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::edit::Changes;

/// The terms of an endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// How often it is chosen beside others.
    pub weight: Option<f64>,
    /// Endpoints of a higher order are asked when those of a lower one cannot answer.
    pub order: u64,
    /// Requests in a minute.
    pub rpm: Option<u64>,
    /// Tokens in a minute.
    pub tpm: Option<u64>,
    /// Requests at a time.
    pub max_parallel: Option<u64>,
    /// Which requests it answers, where requests are told apart by tags.
    pub tags: Vec<String>,
    /// US dollars for a token of prompt and answer together.
    pub cost: f64,
    /// Tokens that a prompt may have.
    pub window: Option<u64>,
    /// How often a silent stream is kept open by a comment.
    pub keep_alive: Option<Duration>,
    /// What is changed in a request's body.
    pub changes: Changes,
}

/// What an endpoint has been asked in this minute, and how soon it begins to answer.
#[derive(Debug)]
pub struct Meter {
    start: Instant,
    requests: Window,
    tokens: Window,
    /// Microseconds until an answer begins, averaged, and when that was measured.
    latency: AtomicU64,
    measured: AtomicU64,
}

/// A count of the current minute: the minute's number in the upper half, the count in the lower.
#[derive(Debug, Default)]
struct Window(AtomicU64);

const HALF: u32 = 32;
const LOWER: u64 = u32::MAX as u64;

impl Window {
    fn add(&self, minute: u64, count: u64) {
        let next = |value: u64| {
            let before = if value >> HALF == minute & LOWER { value & LOWER } else { 0 };
            Some((minute << HALF) | before.saturating_add(count).min(LOWER))
        };
        // The closure always gives a value.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    }

    fn count(&self, minute: u64) -> u64 {
        let value = self.0.load(Ordering::Relaxed);
        if value >> HALF == minute & LOWER { value & LOWER } else { 0 }
    }
}

impl Default for Meter {
    fn default() -> Self {
        let (requests, tokens, latency, measured) = Default::default();
        Self { start: Instant::now(), requests, tokens, latency, measured }
    }
}

impl Meter {
    fn minute(&self) -> u64 {
        self.start.elapsed().as_secs() / 60
    }

    /// Until the next minute begins.
    pub fn wait(&self) -> Duration {
        Duration::from_secs(60 - self.start.elapsed().as_secs() % 60)
    }

    /// A request goes to it.
    pub fn ask(&self) {
        self.requests.add(self.minute(), 1);
    }

    /// An answer took so many tokens.
    pub fn count(&self, tokens: u64) {
        self.tokens.add(self.minute(), tokens);
    }

    /// Tokens of this minute.
    pub fn tokens(&self) -> u64 {
        self.tokens.count(self.minute())
    }

    /// An answer has begun after this time: a quarter of the average is the newest.
    pub fn began(&self, after: Duration) {
        let new = u64::try_from(after.as_micros()).unwrap_or(u64::MAX).max(1);
        let old = self.latency.load(Ordering::Relaxed);
        let mean = if old == 0 { new } else { old - old / 4 + new / 4 };
        self.latency.store(mean, Ordering::Relaxed);
        self.measured.store(self.start.elapsed().as_secs(), Ordering::Relaxed);
    }

    /// How soon it begins to answer, if that was measured within this time.
    pub fn latency(&self, within: Duration) -> Option<Duration> {
        let age = self.start.elapsed().as_secs().saturating_sub(self.measured.load(Ordering::Relaxed));
        let micros = self.latency.load(Ordering::Relaxed);
        (micros > 0 && age <= within.as_secs()).then(|| Duration::from_micros(micros))
    }

    /// Whether the terms leave room for another request, with so many under way.
    pub fn has_room(&self, terms: &Terms, outstanding: u32) -> bool {
        let below = |limit: Option<u64>, count: u64| limit.is_none_or(|limit| count < limit);
        below(terms.max_parallel, outstanding.into())
            && (terms.rpm.is_none() || below(terms.rpm, self.requests.count(self.minute())))
            && (terms.tpm.is_none() || below(terms.tpm, self.tokens()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_counts_alone() {
        let window = Window::default();
        window.add(7, 3);
        window.add(7, 4);
        assert_eq!((window.count(7), window.count(8)), (7, 0));
        window.add(8, u64::MAX);
        assert_eq!((window.count(8), window.count(7)), (LOWER, 0));
    }

    #[test]
    fn terms_leave_room_until_they_do_not() {
        let meter = Meter::default();
        let terms = Terms { rpm: Some(2), tpm: Some(10), max_parallel: Some(1), ..Terms::default() };
        assert!(meter.has_room(&terms, 0) && !meter.has_room(&terms, 1));
        meter.ask();
        assert!(meter.has_room(&terms, 0));
        meter.ask();
        assert!(!meter.has_room(&terms, 0), "two requests in a minute");
        let by_tokens = Terms { rpm: None, ..terms };
        meter.count(9);
        assert!(meter.has_room(&by_tokens, 0));
        meter.count(1);
        assert!(!meter.has_room(&by_tokens, 0), "ten tokens in a minute");
    }

    #[test]
    fn a_latency_is_averaged() {
        let meter = Meter::default();
        let hour = Duration::from_hours(1);
        assert_eq!(meter.latency(hour), None);
        meter.began(Duration::from_millis(100));
        assert_eq!(meter.latency(hour), Some(Duration::from_millis(100)));
        meter.began(Duration::from_millis(200));
        assert_eq!(meter.latency(hour), Some(Duration::from_millis(125)));
    }
}
