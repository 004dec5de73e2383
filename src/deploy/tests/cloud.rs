//! A cloud in memory: every port of the engine over one state, with a simulated clock, scripted failures, a request
//! rate, and a fault at any call. Work that the engine does twice is recorded as a violation.
//!
//! Time is tokio's paused clock: run tests in [`Cloud::run`], and an hour of polling takes a millisecond.

mod account;
mod cloudformation;
mod fault;
mod objects;
mod operation;
mod registry;
mod scene;
mod stack;
mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use lisa_deploy::ports::{Call, World};
use tokio::time::Instant;

pub(crate) use fault::{Fault, Phase};
pub(crate) use objects::Stored;
pub(crate) use operation::On;
pub(crate) use stack::{FakeResource, FakeStack};

use fault::Faults;

/// A cloud.
pub(crate) struct Cloud {
    start: Instant,
    state: Mutex<State>,
    /// Told when a fault kills the engine.
    killed: tokio::sync::Notify,
}

/// What the cloud holds.
#[derive(Default)]
pub(crate) struct State {
    /// Time since the beginning.
    pub(crate) now: Duration,
    /// Every stack that ever was, oldest first.
    pub(crate) stacks: Vec<FakeStack>,
    /// Values in the Parameter Store.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Objects by bucket and key.
    pub(crate) objects: BTreeMap<String, BTreeMap<String, objects::Stored>>,
    /// Images by repository.
    pub(crate) images: BTreeMap<String, Vec<lisa_deploy::ports::registry::StoredImage>>,
    /// Subnets by VPC.
    pub(crate) subnets: BTreeMap<String, Vec<lisa_deploy::ports::account::Subnet>>,
    /// What answers over HTTP, by URL.
    pub(crate) answers: BTreeMap<String, lisa_deploy::ports::web::Answer>,
    /// Resources that fail: by stack, logical id and phase, the reason.
    pub(crate) failures: BTreeMap<(String, String, On), String>,
    /// Load balancers whose protection was ended.
    pub(crate) unprotected: BTreeSet<String>,
    /// Every call that was begun, in order.
    pub(crate) calls: Vec<&'static str>,
    /// Changes that were made twice, in words: a test fails on any.
    pub(crate) violations: Vec<String>,
    /// How often each resource was created, by stack and logical id.
    pub(crate) created: BTreeMap<(String, String), usize>,
    faults: Faults,
    hooks: BTreeMap<usize, Hook>,
    ids: u64,
}

type Hook = Box<dyn FnOnce() + Send>;

impl State {
    /// A number that no other thing of this cloud has.
    pub(crate) fn id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    /// Lets everything happen that is due.
    fn advance(&mut self) {
        for index in 0..self.stacks.len() {
            let mut stack = std::mem::take(&mut self.stacks[index]);
            stack.advance(self);
            self.stacks[index] = stack;
        }
    }
}

impl Cloud {
    /// An empty cloud. Call it inside [`Cloud::run`].
    pub(crate) fn new() -> Arc<Self> {
        let (start, state, killed) = (Instant::now(), Mutex::default(), tokio::sync::Notify::new());
        Arc::new(Self { start, state, killed })
    }

    /// Runs a test on the simulated clock.
    pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(test)
    }

    /// Every port of this cloud.
    pub(crate) fn world(self: &Arc<Self>) -> World {
        World {
            cloudformation: self.clone(),
            objects: self.clone(),
            registry: self.clone(),
            account: self.clone(),
            web: self.clone(),
            clock: self.clone(),
        }
    }

    /// The state, with everything that is due by now.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now = self.start.elapsed();
        state.advance();
        state
    }

    /// Lets a resource fail in a phase, for this reason, until it is mended.
    pub(crate) fn fail(&self, stack: &str, logical_id: &str, on: On, reason: &str) {
        let key = (stack.to_owned(), logical_id.to_owned(), on);
        self.state().failures.insert(key, reason.to_owned());
    }

    /// Lets nothing fail any more.
    pub(crate) fn mend(&self) {
        self.state().failures.clear();
    }

    /// Waits for a fault that kills the engine.
    pub(crate) async fn killed(&self) {
        self.killed.notified().await;
    }

    /// Does something when the call of this index begins.
    pub(crate) fn at(&self, index: usize, hook: impl FnOnce() + Send + 'static) {
        self.state().hooks.insert(index, Box::new(hook));
    }

    /// One call: takes its time, meets its fault, and is done or not.
    async fn call<T>(&self, action: &'static str, act: impl FnOnce(&mut State) -> Call<T>) -> Call<T> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let fault = {
            let mut state = self.state();
            let now = state.now;
            state.calls.push(action);
            let index = state.calls.len() - 1;
            if let Some(hook) = state.hooks.remove(&index) {
                hook();
            }
            state.faults.meet(index, now)
        };
        let Some(fault) = fault else { return act(&mut self.state()) };
        if fault.is_done() {
            // Whether it succeeded is what the engine does not get to know.
            drop(act(&mut self.state()));
        }
        if let Some(error) = fault.answer(action) {
            return Err(error);
        }
        self.killed.notify_one();
        std::future::pending().await
    }
}

/// The time of day at `since` the beginning of a cloud.
pub(crate) fn time_of_day(since: Duration) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000) + since
}

#[async_trait::async_trait]
impl lisa_deploy::ports::Clock for Cloud {
    fn now(&self) -> SystemTime {
        time_of_day(self.start.elapsed())
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
