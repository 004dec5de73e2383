//! Calls that are made again: which failures are worth it, after how long, how often; and one pace for all calls of a
//! run, so that many stacks side by side stay under the account's request rate together.
//!
//! Waits grow by a fixed rule without chance: the pace, not jitter, keeps parallel calls apart.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::event::{Event, Observer};
use crate::ports::{Call, CallError, CallErrorKind, Clock};

/// How long a call is tried.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// The wait after the first failure; each further one doubles it.
    pub first: Duration,
    /// The longest wait.
    pub most: Duration,
    /// How much waiting a call may spend when no answer comes or the service fails.
    pub unanswered: Duration,
    /// How much waiting a call may spend when there are too many calls.
    pub throttled: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            most: Duration::from_secs(20),
            unanswered: Duration::from_mins(3),
            throttled: Duration::from_mins(30),
        }
    }
}

/// One call's failures so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
    spent: Duration,
}

impl Backoff {
    /// How long to wait before the call is made again; `None` where that is of no use or was tried long enough.
    pub fn after(&mut self, error: &CallError, policy: &Policy) -> Option<Duration> {
        if !error.kind.is_transient() {
            return None;
        }
        let budget = match error.kind {
            CallErrorKind::Throttled => policy.throttled,
            _ => policy.unanswered,
        };
        let wait = policy.first.saturating_mul(2_u32.saturating_pow(self.failures)).min(policy.most);
        (self.failures, self.spent) = (self.failures + 1, self.spent + wait);
        (self.spent <= budget).then_some(wait)
    }
}

/// The pace of all calls of a run: it slows down when the service asks for it, and gets faster again by and by.
/// Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pace(Arc<Mutex<Slots>>);

#[derive(Debug, Default)]
struct Slots {
    /// Between two calls.
    gap: Duration,
    /// When the next call may begin.
    next: Option<SystemTime>,
}

impl Pace {
    /// The widest gap between two calls.
    const WIDEST: Duration = Duration::from_secs(4);
    /// The gap after the first refusal.
    const NARROWEST: Duration = Duration::from_millis(100);

    /// Takes the next slot: how long to wait for it.
    fn take(&self, now: SystemTime) -> Duration {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.next.map_or(now, |next| next.max(now));
        slots.next = Some(slot + slots.gap);
        slot.duration_since(now).unwrap_or_default()
    }

    /// Learns from what was answered.
    fn learn(&self, was_throttled: bool) {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.gap = match (was_throttled, slots.gap) {
            (true, gap) => (gap * 2).clamp(Self::NARROWEST, Self::WIDEST),
            (false, gap) if gap < Self::NARROWEST => Duration::ZERO,
            (false, gap) => gap.saturating_sub(gap / 16),
        };
    }
}

/// Makes calls, again where that is of use, at one pace with all other calls of the run.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// Time.
    pub clock: &'a dyn Clock,
    /// Is told of every call that is made again.
    pub observer: &'a dyn Observer,
    /// The pace of the run.
    pub pace: &'a Pace,
    /// How long a call is tried.
    pub policy: Policy,
}

impl Caller<'_> {
    /// Makes a call until it succeeds, its failure is final, or it was tried long enough.
    pub async fn call<T, F>(&self, mut call: impl FnMut() -> F) -> Call<T>
    where
        F: Future<Output = Call<T>>,
    {
        let mut backoff = Backoff::default();
        loop {
            match self.once(call()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    let wait = self.wait_after(&mut backoff, &error).ok_or(error)?;
                    self.clock.sleep(wait).await;
                }
            }
        }
    }

    /// Makes one call in its turn.
    pub(crate) async fn once<T>(&self, call: impl Future<Output = Call<T>>) -> Call<T> {
        let turn = self.pace.take(self.clock.now());
        if !turn.is_zero() {
            self.clock.sleep(turn).await;
        }
        let answer = call.await;
        let kind = answer.as_ref().err().map(|error| error.kind);
        self.pace.learn(kind == Some(CallErrorKind::Throttled));
        answer
    }

    /// How long to wait before the call is made again, and says so; `None` where it is not.
    pub(crate) fn wait_after(&self, backoff: &mut Backoff, error: &CallError) -> Option<Duration> {
        let after = backoff.after(error, &self.policy)?;
        let why = if error.message.is_empty() { error.code.clone() } else { error.message.clone() };
        self.observer.on(Event::Retry { action: error.action, why, after });
        Some(after)
    }
}

/// What to do about a call that failed for good: a sentence.
pub fn remedy(error: &CallError) -> Option<String> {
    let action = error.action;
    let text = match error.kind {
        CallErrorKind::Expired => {
            "The credentials have expired: log in again and run the same command; it goes on where it stopped.".to_owned()
        }
        CallErrorKind::Denied => format!("Allow the caller `{action}`, then run the same command again."),
        CallErrorKind::Unanswered | CallErrorKind::Service | CallErrorKind::Throttled => {
            "Run the same command again when the service answers; it goes on where it stopped.".to_owned()
        }
        CallErrorKind::Unsupported => format!("The region does not know `{action}` as it was called."),
        CallErrorKind::NotFound | CallErrorKind::Conflict | CallErrorKind::Invalid => return None,
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::{Backoff, CallError, CallErrorKind, Duration, Pace, Policy, remedy};

    fn error(kind: CallErrorKind) -> CallError {
        let action = "cloudformation:CreateChangeSet";
        CallError { action, kind, code: "Code".to_owned(), message: "words".to_owned() }
    }

    #[test]
    fn waits_double_up_to_the_longest_and_end_with_the_budget() {
        let (mut backoff, policy) = (Backoff::default(), Policy::default());
        let waits: Vec<u128> =
            std::iter::from_fn(|| backoff.after(&error(CallErrorKind::Unanswered), &policy))
                .map(|wait| wait.as_millis())
                .collect();
        assert_eq!(waits[..7], [500, 1000, 2000, 4000, 8000, 16000, 20000]);
        let all: u128 = waits.iter().sum();
        assert!(all <= policy.unanswered.as_millis() && all + 20_000 > policy.unanswered.as_millis());
    }

    #[test]
    fn the_pace_slows_down_when_asked_and_gets_faster_by_and_by() {
        let (pace, now) = (Pace::default(), UNIX_EPOCH);
        assert_eq!([pace.take(now), pace.take(now)], [Duration::ZERO; 2]);
        (0..9).for_each(|_| pace.learn(true));
        let waits = [pace.take(now), pace.take(now), pace.take(now)].map(|wait| wait.as_secs());
        assert_eq!(waits, [0, 4, 8], "calls side by side get slots of their own");
        (0..200).for_each(|_| pace.learn(false));
        assert_eq!(pace.take(now + Duration::from_mins(1)), Duration::ZERO);
        assert_eq!(pace.take(now + Duration::from_mins(1)), Duration::ZERO);
    }

    #[test]
    fn what_cannot_succeed_is_not_tried_again_and_says_what_would_help() {
        use CallErrorKind as K;
        for kind in [K::Expired, K::Denied, K::NotFound, K::Conflict, K::Unsupported, K::Invalid] {
            assert_eq!(Backoff::default().after(&error(kind), &Policy::default()), None::<Duration>);
        }
        let denied = remedy(&error(K::Denied)).unwrap();
        assert!(denied.contains("`cloudformation:CreateChangeSet`"), "{denied}");
        assert!(remedy(&error(K::Expired)).unwrap().contains("log in again"));
    }
}
