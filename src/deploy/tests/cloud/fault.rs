//! Faults at calls: which one a call meets, by its index or by the request rate, and what the engine is answered.

use std::collections::BTreeMap;
use std::time::Duration;

use lisa_deploy::ports::{CallError, CallErrorKind};

use super::Cloud;

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Too many requests.
    Throttled,
    /// The service fails: 503.
    Broken,
    /// No answer comes.
    Unanswered(Phase),
    /// The process ends.
    Killed(Phase),
    /// The credentials have expired: every later call meets this too, until [`Cloud::log_in`].
    Expired,
    /// The caller may not do this.
    Denied,
}

/// Whether a call was done before its fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It never arrived.
    Before,
    /// It was done.
    After,
}

/// The faults of a cloud.
#[derive(Default)]
pub(super) struct Faults {
    at: BTreeMap<usize, Fault>,
    expired: bool,
    bucket: Option<Bucket>,
}

/// A token bucket: so many requests in a second, and at most so many at once.
struct Bucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    filled: Duration,
}

impl Bucket {
    fn take(&mut self, now: Duration) -> bool {
        let gained = now.saturating_sub(self.filled).as_secs_f64() * self.rate;
        (self.tokens, self.filled) = ((self.tokens + gained).min(self.burst), now);
        let taken = self.tokens >= 1.0;
        if taken {
            self.tokens -= 1.0;
        }
        taken
    }
}

impl Faults {
    /// The fault that the call of this index meets now.
    pub(super) fn meet(&mut self, index: usize, now: Duration) -> Option<Fault> {
        let fault = self.at.remove(&index);
        self.expired |= fault == Some(Fault::Expired);
        if self.expired {
            return Some(Fault::Expired);
        }
        let throttled = self.bucket.as_mut().is_some_and(|bucket| !bucket.take(now));
        fault.or(throttled.then_some(Fault::Throttled))
    }
}

impl Fault {
    /// Whether the call is done all the same.
    pub(super) fn is_done(self) -> bool {
        matches!(self, Self::Unanswered(Phase::After) | Self::Killed(Phase::After))
    }

    /// What the engine is answered; `None` where it lives no more.
    pub(super) fn answer(self, action: &'static str) -> Option<CallError> {
        let (kind, code, message) = match self {
            Self::Throttled => (CallErrorKind::Throttled, "Throttling", "Rate exceeded"),
            Self::Broken => (CallErrorKind::Service, "ServiceUnavailable", "try again"),
            Self::Unanswered(_) => (CallErrorKind::Unanswered, "", "the connection was closed"),
            Self::Expired => (CallErrorKind::Expired, "ExpiredToken", "The security token has expired"),
            Self::Denied => (CallErrorKind::Denied, "AccessDenied", "not authorized"),
            Self::Killed(_) => return None,
        };
        Some(CallError { action, kind, code: code.to_owned(), message: message.to_owned() })
    }
}

impl Cloud {
    /// Lets the call of this index (from the beginning of the cloud) meet a fault.
    pub(crate) fn fault_at(&self, index: usize, fault: Fault) {
        self.state().faults.at.insert(index, fault);
    }

    /// Gives the caller valid credentials again.
    pub(crate) fn log_in(&self) {
        self.state().faults.expired = false;
    }

    /// Takes no fault any more, and any number of requests.
    pub(crate) fn calm(&self) {
        self.state().faults = Faults::default();
    }

    /// Takes so many requests in a second, and at most `burst` at once.
    pub(crate) fn limit(&self, rate: f64, burst: f64) {
        let mut state = self.state();
        let filled = state.now;
        state.faults.bucket = Some(Bucket { rate, burst, tokens: burst, filled });
    }
}
