//! The removal itself: each stack as soon as those that need it are gone, emptied first where that was told.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde::Serialize;

use super::attempt::Attempts;
use super::{Doomed, Removal, Thing};
use crate::control::Control;
use crate::engine::Engine;
use crate::event::StackStep;
use crate::machine::Poll;
use crate::outcome::{Outcome, StackOutcome};

/// What a removal was told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether everything in the buckets and repositories that go is deleted.
    pub empty: bool,
    /// Whether protection from deletion is lifted.
    pub unprotect: bool,
    /// What may be left behind.
    pub leave: Leave,
    /// How often CloudFormation is asked.
    pub poll: Poll,
}

/// What a removal may leave behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leave {
    /// Nothing: a stack that cannot be deleted stays.
    #[default]
    Nothing,
    /// The resources whose deletion failed, by name.
    Failed,
    /// Whatever cannot be deleted.
    Anything,
}

/// How a removal went.
#[derive(Clone, Debug, Default)]
pub struct Removed {
    /// The end of each stack.
    pub outcome: Outcome,
    /// What was emptied, and of how much.
    pub emptied: Vec<Emptied>,
    /// What was left behind, as told.
    pub left: Vec<Thing>,
}

/// A bucket or repository that was emptied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Emptied {
    /// Its name.
    pub name: String,
    /// How many objects, versions or images were deleted.
    pub items: u64,
}

/// Removes the stacks of a plan.
pub async fn run(engine: &Engine<'_>, removal: &Removal, options: Options) -> Removed {
    let mut removed = Removed::default();
    let mut waiting: Vec<&Doomed> = removal.stacks.iter().collect();
    let mut running = FuturesUnordered::new();
    loop {
        stop(engine, &mut waiting, &mut removed.outcome);
        let mut index = 0;
        while index < waiting.len() && running.len() < engine.limit {
            if is_ready(waiting[index], removal, &removed.outcome) {
                let attempts = Attempts::new(engine, waiting.remove(index), removal, options);
                running.push(attempts.run());
            } else {
                index += 1;
            }
        }
        let Some(gone) = running.next().await else { break };
        removed.emptied.extend(gone.emptied);
        removed.left.extend(gone.left);
        removed.outcome.stacks.insert(gone.name, gone.outcome);
    }
    removed
}

/// Whether every stack that must be gone first is; those that are not part of the removal do not count.
fn is_ready(stack: &Doomed, removal: &Removal, outcome: &Outcome) -> bool {
    let is_gone = |name: &String| match outcome.stacks.get(name) {
        Some(outcome) => matches!(outcome, StackOutcome::Done { .. }),
        None => !removal.stacks.iter().any(|other| other.name == *name),
    };
    stack.after.iter().all(is_gone)
}

/// Takes out the stacks that will not go: all when told to stop, else those that a stack which is still there needs.
fn stop(engine: &Engine<'_>, waiting: &mut Vec<&Doomed>, outcome: &mut Outcome) {
    let stopped = |status| match engine.control() {
        Control::Run => None,
        Control::Detach => Some(StackOutcome::Detached { status }),
        Control::Cancel => Some(StackOutcome::Cancelled { status }),
    };
    // A skipped stack keeps those from going that it needs: looked at again until nothing changes.
    loop {
        let found: BTreeMap<String, StackOutcome> = waiting
            .iter()
            .filter_map(|stack| {
                let ended = stopped(Some(stack.status)).or_else(|| skipped(stack, outcome))?;
                Some((stack.name.clone(), ended))
            })
            .collect();
        if found.is_empty() {
            return;
        }
        waiting.retain(|stack| !found.contains_key(&stack.name));
        for (name, ended) in found {
            if let StackOutcome::Skipped { because } = &ended {
                engine.tell(&name, StackStep::Skipped(format!("`{because}` is still there")));
            }
            outcome.stacks.insert(name, ended);
        }
    }
}

fn skipped(stack: &Doomed, outcome: &Outcome) -> Option<StackOutcome> {
    let is_there = |name: &&String| {
        outcome.stacks.get(*name).is_some_and(|outcome| !matches!(outcome, StackOutcome::Done { .. }))
    };
    stack.after.iter().find(is_there).map(|because| StackOutcome::Skipped { because: because.clone() })
}

/// The waits between attempts when what hinders goes by itself: 46 minutes in all, for the network interfaces of
/// functions take up to 45.
pub(super) const WAITS: [Duration; 6] = [
    Duration::from_mins(1),
    Duration::from_mins(2),
    Duration::from_mins(4),
    Duration::from_mins(9),
    Duration::from_mins(15),
    Duration::from_mins(15),
];
