//! Walks the graph of a run's stacks, with as many in flight as dependencies and the limit allow.
//!
//! A stack that fails lets those that run finish and keeps those that need it from beginning; all others go on.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::control::Control;
use crate::engine::Engine;
use crate::event::StackStep;
use crate::machine::{Options, Work};
use crate::next::Intent;
use crate::outcome::{Outcome, StackOutcome};
use crate::ports::cloudformation::ObservedStack;
use crate::target::{Target, state_of};

/// One stack's part of a run.
#[derive(Clone, Debug)]
pub struct Job {
    /// The stack.
    pub target: Target,
    /// What is wanted of it.
    pub intent: Intent,
    /// How.
    pub options: Options,
    /// Short names of the stacks that must be through before; those that are not part of the run are not waited for.
    pub needs: Vec<String>,
}

impl Job {
    /// The deployment of a stack, after those that it depends on.
    pub fn deploy(target: Target, options: Options) -> Self {
        let needs = target.depends_on.clone();
        Self { target, intent: Intent::Deploy, options, needs }
    }

    /// The removal of stacks, each after those that depend on it.
    pub fn destroy(targets: Vec<Target>, options: &Options) -> Vec<Self> {
        let needs = |name: &String| {
            let dependants = targets.iter().filter(|other| other.depends_on.contains(name));
            dependants.map(|other| other.name.clone()).collect()
        };
        let needs: Vec<Vec<String>> = targets.iter().map(|target| needs(&target.name)).collect();
        let jobs = targets.into_iter().zip(needs);
        jobs.map(|(target, needs)| Self { target, intent: Intent::Destroy, options: options.clone(), needs })
            .collect()
    }
}

/// What stacks are at, by short name: what a change set's parameters depend on.
#[derive(Clone, Debug, Default)]
pub struct Basis(BTreeMap<String, String>);

impl Basis {
    /// Takes note of a stack; of its absence where `None`.
    pub fn see(&mut self, name: &str, stack: Option<&ObservedStack>) {
        let state = stack.map(state_of).unwrap_or_default();
        self.0.insert(name.to_owned(), state);
    }

    /// What the stacks that this one needs are at.
    pub fn of(&self, target: &Target) -> String {
        let states = target.depends_on.iter().filter_map(|name| self.0.get(name));
        states.cloned().collect::<Vec<_>>().join("\n")
    }
}

impl Engine<'_> {
    /// Does all jobs. `basis` is what the stacks are at before.
    ///
    /// A circle among the jobs is no run: nothing of it begins, and each of its stacks is skipped because of another.
    pub async fn execute(&self, jobs: Vec<Job>, mut basis: Basis) -> Outcome {
        let members = jobs.iter().map(|job| job.target.name.clone()).collect();
        let mut walk = Walk { members, waiting: jobs, told: BTreeMap::new(), outcome: Outcome::default() };
        let mut running = FuturesUnordered::new();
        loop {
            walk.settle(self);
            while running.len() < self.limit
                && let Some(job) = walk.take_ready()
            {
                let work = Work {
                    basis: basis.of(&job.target),
                    target: job.target,
                    intent: job.intent,
                    options: job.options,
                };
                running.push(async move { (work.target.name.clone(), self.run(work).await) });
            }
            walk.tell_waiting(self);
            let Some((name, outcome)) = running.next().await else {
                walk.give_up();
                return walk.outcome;
            };
            if let StackOutcome::Done { stack, .. } = &outcome {
                basis.see(&name, stack.as_deref());
            }
            walk.outcome.stacks.insert(name, outcome);
        }
    }
}

/// How far a walk over the graph is.
struct Walk {
    members: BTreeSet<String>,
    waiting: Vec<Job>,
    /// What observers were told that each stack waits for.
    told: BTreeMap<String, Vec<String>>,
    outcome: Outcome,
}

impl Walk {
    /// Whether the stack is not to be waited for: it is through, or not part of the run.
    fn is_through(&self, name: &str) -> bool {
        match self.outcome.stacks.get(name) {
            Some(outcome) => matches!(outcome, StackOutcome::Done { .. }),
            None => !self.members.contains(name),
        }
    }

    /// The first job that may begin.
    fn take_ready(&mut self) -> Option<Job> {
        let is_ready = |job: &Job| job.needs.iter().all(|name| self.is_through(name));
        let index = self.waiting.iter().position(is_ready)?;
        Some(self.waiting.remove(index))
    }

    /// Takes the jobs out that will not begin: those that need a stack that is not done, and all when told to stop.
    fn settle(&mut self, engine: &Engine<'_>) {
        loop {
            let stopped = match engine.control() {
                Control::Run => None,
                Control::Detach => Some(StackOutcome::Detached { status: None }),
                Control::Cancel => Some(StackOutcome::Cancelled { status: None }),
            };
            let failed = |job: &Job| {
                let is_bad = |outcome: &StackOutcome| !matches!(outcome, StackOutcome::Done { .. });
                job.needs.iter().find(|name| self.outcome.stacks.get(*name).is_some_and(is_bad)).cloned()
            };
            let found = self.waiting.iter().enumerate().find_map(|(index, job)| {
                let outcome =
                    stopped.clone().or_else(|| Some(StackOutcome::Skipped { because: failed(job)? }))?;
                Some((index, outcome))
            });
            let Some((index, outcome)) = found else { return };
            let name = self.waiting.remove(index).target.name;
            if let StackOutcome::Skipped { because } = &outcome {
                engine.tell(&name, StackStep::Skipped(format!("`{because}` is not done")));
            }
            self.outcome.stacks.insert(name, outcome);
        }
    }

    /// Tells what each stack waits for, where that is not what was told before.
    fn tell_waiting(&mut self, engine: &Engine<'_>) {
        for job in &self.waiting {
            let open = job.needs.iter().filter(|name| !self.is_through(name));
            let open: Vec<String> = open.cloned().collect();
            if !open.is_empty() && self.told.get(&job.target.name) != Some(&open) {
                engine.tell(&job.target.name, StackStep::Waiting(open.clone()));
                self.told.insert(job.target.name.clone(), open);
            }
        }
    }

    /// What is left when nothing runs and nothing may begin waits for itself.
    fn give_up(&mut self) {
        for job in std::mem::take(&mut self.waiting) {
            let because = job.needs.first().cloned().unwrap_or_default();
            self.outcome.stacks.insert(job.target.name, StackOutcome::Skipped { because });
        }
    }
}
