//! The removal of one stack, in as many attempts as are of use: again when what hinders goes by itself, when a bucket
//! that was emptied is not empty any more, and once more without what may be left behind.

use std::time::Duration;

use super::run::{Emptied, Leave, Options, WAITS};
use super::{Doomed, Removal, Thing, is_bucket, is_load_balancer};
use crate::cause::{Around, Cause};
use crate::control::Control;
use crate::engine::Engine;
use crate::event::Event;
use crate::machine::{self, Work};
use crate::next::Intent;
use crate::outcome::{StackFailure, StackOutcome};
use crate::ports::{Call, CallError, CallErrorKind};
use crate::target::Target;

/// How one stack's removal went.
pub(super) struct Gone {
    /// The stack's short name.
    pub name: String,
    /// Its end.
    pub outcome: StackOutcome,
    /// What was emptied.
    pub emptied: Vec<Emptied>,
    /// What was left behind.
    pub left: Vec<Thing>,
}

/// The attempts at one stack.
pub(super) struct Attempts<'a> {
    engine: &'a Engine<'a>,
    stack: &'a Doomed,
    stores: Vec<&'a Thing>,
    balancers: Vec<&'a Thing>,
    options: Options,
    emptied: Vec<Emptied>,
    left: Vec<Thing>,
    waited: usize,
    refilled: u32,
}

/// How often a bucket may be found not empty although it was emptied: log delivery is late.
const REFILLS: u32 = 3;

/// How long a wait goes on without looking whether the run is told something.
const SLICE: Duration = Duration::from_secs(5);

impl<'a> Attempts<'a> {
    pub(super) fn new(
        engine: &'a Engine<'a>,
        stack: &'a Doomed,
        removal: &'a Removal,
        options: Options,
    ) -> Self {
        let stores =
            removal.stores.iter().filter(|store| store.thing.stack == stack.name && !store.empties_itself);
        let stores = stores.map(|store| &store.thing).collect();
        let guarded = removal.guarded.iter().filter(|thing| thing.stack == stack.name);
        let balancers = guarded.filter(|thing| is_load_balancer(thing)).collect();
        let (emptied, left) = (Vec::new(), Vec::new());
        Self { engine, stack, stores, balancers, options, emptied, left, waited: 0, refilled: 0 }
    }

    /// Removes the stack, or finds out why it stays.
    pub(super) async fn run(mut self) -> Gone {
        let outcome = loop {
            let outcome = match self.prepare().await {
                Ok(()) => self.engine.run(self.work()).await,
                Err(error) => self.failed(error),
            };
            let StackOutcome::Failed(failure) = &outcome else { break outcome };
            if !self.is_of_use_again(failure).await {
                break outcome;
            }
        };
        let is_gone = matches!(outcome, StackOutcome::Done { .. });
        let left = if is_gone { self.left } else { Vec::new() };
        Gone { name: self.stack.name.clone(), outcome, emptied: self.emptied, left }
    }

    fn work(&self) -> Work {
        let may_leave = !self.left.is_empty();
        let force = may_leave && self.options.leave == Leave::Anything;
        let by_name = self.left.iter().filter(|_| !force).map(|thing| thing.logical_id.clone());
        let options = machine::Options {
            retain: by_name.collect(),
            force,
            unprotect: self.options.unprotect,
            poll: self.options.poll,
            ..machine::Options::default()
        };
        let target = Target::named(&self.stack.name, &self.stack.deployed_name);
        Work { target, intent: Intent::Destroy, basis: String::new(), options }
    }

    /// Clears away what the stack's deletion would stop at. A stack whose protection stays keeps what it has.
    async fn prepare(&mut self) -> Call<()> {
        if self.stack.protected && !self.options.unprotect {
            return Ok(());
        }
        let (account, caller) = (&self.engine.world().account, self.engine.caller());
        for balancer in &self.balancers {
            or_none(caller.call(|| account.unprotect_load_balancer(&balancer.physical_id)).await)?;
        }
        if self.options.empty { self.empty().await } else { Ok(()) }
    }

    /// Empties what the stack's deletion deletes.
    async fn empty(&mut self) -> Call<()> {
        for store in self.stores.clone() {
            let name = store.physical_id.clone();
            let items = if is_bucket(store) {
                self.empty_bucket(&name).await
            } else {
                self.empty_repository(&name).await
            };
            let items = items?;
            if items > 0 {
                self.note(format!("{}: {items} deleted from `{name}`", self.stack.name));
                self.emptied.push(Emptied { name, items });
            }
        }
        Ok(())
    }

    async fn empty_bucket(&self, name: &str) -> Call<u64> {
        let objects = &self.engine.world().objects;
        or_none(self.engine.caller().call(|| objects.empty(name)).await)
    }

    async fn empty_repository(&self, name: &str) -> Call<u64> {
        /// Digests that one call of ECR takes.
        const AT_ONCE: usize = 100;
        let (registry, caller) = (&self.engine.world().registry, self.engine.caller());
        let images = caller.call(|| registry.images(name)).await?;
        let digests: Vec<String> = images.into_iter().map(|image| image.digest).collect();
        for some in digests.chunks(AT_ONCE) {
            caller.call(|| registry.delete_images(name, some)).await?;
        }
        Ok(digests.len() as u64)
    }

    /// Whether another attempt may succeed; waits for it where that takes time.
    async fn is_of_use_again(&mut self, failure: &StackFailure) -> bool {
        let Self { stack, engine, .. } = self;
        // A call that failed was made again already, as often as that is of use.
        if failure.error.is_some() || engine.control() != Control::Run {
            return false;
        }
        let cause = Cause::of_events(&stack.name, &stack.deployed_name, &failure.events, Around::default());
        let Some(cause) = cause.filter(|cause| cause.logical_id.is_some()) else { return false };
        let is_full = matches!(cause.remedy.id, "bucket-not-empty" | "repository-not-empty");
        if is_full && self.options.empty && self.refilled < REFILLS {
            self.refilled += 1;
            return true;
        }
        if cause.remedy.transient && self.waited < WAITS.len() {
            return self.wait(&cause).await;
        }
        self.options.leave != Leave::Nothing && self.found_more_to_leave(failure)
    }

    async fn wait(&mut self, cause: &Cause) -> bool {
        let (wait, engine) = (WAITS[self.waited], self.engine);
        self.waited += 1;
        let minutes = wait.as_secs() / 60;
        self.note(format!("{}; tried again in {minutes} min", cause.headline()));
        let mut left = wait;
        while !left.is_zero() && engine.control() == Control::Run {
            let slice = left.min(SLICE);
            engine.world().clock.sleep(slice).await;
            left -= slice;
        }
        engine.control() == Control::Run
    }

    /// Takes note of the resources whose deletion failed; whether any is new.
    fn found_more_to_leave(&mut self, failure: &StackFailure) -> bool {
        let failed = failure.events.iter().filter(|event| {
            event.status.as_str() == "DELETE_FAILED" && event.logical_id != failure.deployed_name
        });
        let before = self.left.len();
        for event in failed {
            let known = self.left.iter().any(|thing| thing.logical_id == event.logical_id);
            if !known {
                self.left.push(Thing {
                    stack: self.stack.name.clone(),
                    logical_id: event.logical_id.clone(),
                    kind: event.kind.clone(),
                    physical_id: event.physical_id.clone(),
                });
            }
        }
        self.left.len() > before
    }

    fn failed(&self, error: CallError) -> StackOutcome {
        StackOutcome::Failed(Box::new(StackFailure {
            stack: self.stack.name.clone(),
            deployed_name: self.stack.deployed_name.clone(),
            status: Some(self.stack.status),
            events: Vec::new(),
            error: Some(error),
            reason: None,
            remedy: None,
            rolled_back: false,
        }))
    }

    fn note(&self, text: String) {
        self.engine.caller().observer.on(Event::Note(text));
    }
}

/// What is gone is empty, and protected no more.
fn or_none<T: Default>(answer: Call<T>) -> Call<T> {
    match answer {
        Err(error) if error.kind == CallErrorKind::NotFound => Ok(T::default()),
        answer => answer,
    }
}
