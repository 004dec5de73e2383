//! How many requests a thread works on: further ones wait their turn, and some are sent away at once.

use std::cell::Cell;
use std::rc::Rc;

use tokio::sync::Notify;

use crate::options::Admission;

/// The requests of one thread.
#[derive(Clone, Debug, Default)]
pub struct Queue(Rc<State>);

#[derive(Debug, Default)]
struct State {
    working: Cell<u64>,
    waiting: Cell<u64>,
    left: Notify,
}

/// A request that is worked on, until this is dropped.
#[derive(Debug)]
pub struct Place(Option<Rc<State>>);

impl Queue {
    /// Waits for a place; `None` where too many wait already, or none was left in time.
    pub async fn enter(&self, rules: Admission) -> Option<Place> {
        let Some(limit) = rules.in_flight else { return Some(Place(None)) };
        if let Some(place) = self.take(limit) {
            return Some(place);
        }
        if self.0.waiting.get() >= rules.queued {
            return None;
        }
        let _waiting = Waiting::count(&self.0);
        let turn = async {
            loop {
                self.0.left.notified().await;
                if let Some(place) = self.take(limit) {
                    return place;
                }
            }
        };
        tokio::time::timeout(rules.patience, turn).await.ok()
    }

    fn take(&self, limit: u64) -> Option<Place> {
        let working = self.0.working.get();
        (working < limit).then(|| {
            self.0.working.set(working + 1);
            Place(Some(Rc::clone(&self.0)))
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(state) = &self.0 {
            state.working.set(state.working.get() - 1);
            state.left.notify_one();
        }
    }
}

/// Counted among those who wait, however the wait ends.
struct Waiting(Rc<State>);

impl Waiting {
    fn count(state: &Rc<State>) -> Self {
        state.waiting.set(state.waiting.get() + 1);
        Self(Rc::clone(state))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn one_works_one_waits_and_the_third_is_sent_away() {
        let rules = Admission { in_flight: Some(1), queued: 1, patience: Duration::from_millis(50) };
        let queue = Queue::default();
        let first = queue.enter(rules).await.unwrap();
        let (second, third) = tokio::join!(queue.enter(rules), queue.enter(rules));
        assert!(second.is_none(), "its patience ended");
        assert!(third.is_none(), "too many waited");
        let (next, ()) = tokio::join!(queue.enter(rules), async { drop(first) });
        drop(next.unwrap());
        assert!(queue.enter(rules).await.is_some() && queue.0.waiting.get() == 0);
    }

    #[tokio::test]
    async fn without_a_limit_all_come_in() {
        let queue = Queue::default();
        for _ in 0..1000 {
            std::mem::forget(queue.enter(Admission::default()).await.unwrap());
        }
    }
}
