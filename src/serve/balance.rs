//! How an endpoint fares: what it has under way, and whether it is left alone because it has just failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::registry::Endpoint;

/// When an endpoint is left alone, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoolDown {
    /// Failures in a row after which it is.
    pub failures: u32,
    /// For how long at first; twice as long each time.
    pub pause: Duration,
    /// The longest, also where the endpoint itself asks for more.
    pub longest: Duration,
}

impl Default for CoolDown {
    fn default() -> Self {
        Self { failures: 3, pause: Duration::from_secs(2), longest: Duration::from_mins(1) }
    }
}

/// How an endpoint fares.
#[derive(Debug)]
pub struct Health {
    outstanding: AtomicU32,
    failures: AtomicU32,
    /// Milliseconds after `start` until which it is left alone.
    ejected_until: AtomicU64,
    start: Instant,
    cool_down: CoolDown,
}

impl Default for Health {
    fn default() -> Self {
        Self::new(CoolDown::default())
    }
}

impl Health {
    /// Of an endpoint that nobody has asked yet.
    pub fn new(cool_down: CoolDown) -> Self {
        let (outstanding, failures, ejected_until) = Default::default();
        Self { outstanding, failures, ejected_until, start: Instant::now(), cool_down }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether it is left alone for now.
    pub fn is_ejected(&self) -> bool {
        let until = self.ejected_until.load(Ordering::Relaxed);
        // Mostly it never was, and a look at the clock costs more than all the rest.
        until != 0 && until > self.now()
    }

    /// Requests that it has not answered to their end.
    pub fn outstanding(&self) -> u32 {
        self.outstanding.load(Ordering::Relaxed)
    }

    /// It has answered.
    pub fn succeeded(&self) {
        // Mostly there is nothing to forget, and a store would make every processor fetch the line anew.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }

    /// It has not answered, or has said that it cannot. `after` is what it asked for itself.
    pub fn failed(&self, after: Option<Duration>) {
        self.failed_for(None, after);
    }

    /// The same where so many failures of this kind are allowed.
    pub fn failed_for(&self, allowed: Option<u32>, after: Option<Duration>) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        let CoolDown { failures: usual, pause, longest } = self.cool_down;
        let allowed = allowed.unwrap_or(usual);
        let own =
            failures.checked_sub(allowed).map(|more| pause.saturating_mul(1 << more.min(8)).min(longest));
        if let Some(pause) = own.max(after.map(|after| after.min(longest))) {
            let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
            self.ejected_until.store(self.now().saturating_add(millis), Ordering::Relaxed);
        }
    }
}

/// A request under way at an endpoint: counted until it is dropped.
#[derive(Debug)]
pub struct Turn(Arc<Endpoint>);

impl Turn {
    /// Counts a request.
    pub fn take(endpoint: &Arc<Endpoint>) -> Self {
        endpoint.health.outstanding.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(endpoint))
    }

    /// Where it is under way.
    pub fn endpoint(&self) -> &Arc<Endpoint> {
        &self.0
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.health.outstanding.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use crate::registry::Target;

    fn endpoints(count: u64) -> Vec<Arc<Endpoint>> {
        let endpoint = |id| Arc::new(Endpoint::new(id, Target::Fixture(Fixture::Chat)));
        (0..count).map(endpoint).collect()
    }

    #[test]
    fn a_turn_ends_with_its_value() {
        let endpoints = endpoints(1);
        let turn = Turn::take(&endpoints[0]);
        assert_eq!(endpoints[0].health.outstanding(), 1);
        drop(turn);
        assert_eq!(endpoints[0].health.outstanding(), 0);
    }
}
