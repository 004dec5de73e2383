//! What goes on with a stack of the fake cloud: creations, updates, deletions and rollbacks as steps in time.
//!
//! Resources of one operation start together; each takes five seconds and one more for each before it.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use lisa_deploy::ports::cloudformation::{ChangeAction, ResourceChange, StackStatus};
use serde_json::Value;

use super::State;
use super::stack::{FakeChangeSet, FakeResource, FakeStack};

/// When a resource fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum On {
    /// When it is created.
    Create,
    /// When it is updated.
    Update,
    /// When its creation or update is rolled back.
    Rollback,
    /// When it is deleted.
    Delete,
}

/// An operation on a stack.
#[derive(Clone, Debug, Default)]
pub(crate) struct Operation {
    /// The token that it was asked for with.
    pub(crate) token: String,
    /// What is still to happen.
    pub(crate) steps: VecDeque<(Duration, Step)>,
    /// What it has changed, with what was there before.
    pub(crate) touched: Vec<(String, Option<FakeResource>)>,
}

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// The stack gets a status.
    Turn(StackStatus, Option<String>),
    /// A resource gets a status.
    Tell { id: String, body: Value, status: String, reason: Option<String> },
    /// A resource is made or changed.
    Put { id: String, body: Value },
    /// A resource is as it was.
    Restore { id: String, old: Option<FakeResource> },
    /// A resource is gone.
    Remove(String),
    /// The operation fails: the rest is cancelled and what was done is rolled back.
    Fail(String),
    /// It is over.
    End,
}

type Steps = VecDeque<(Duration, Step)>;

/// How long the resource of this place takes.
fn takes(index: usize) -> Duration {
    Duration::from_secs(5 + index as u64)
}

impl FakeStack {
    fn failure(&self, state: &State, id: &str, on: On) -> Option<String> {
        state.failures.get(&(self.name.clone(), id.to_owned(), on)).cloned()
    }

    /// Executes a change set.
    pub(super) fn execute(&mut self, state: &mut State, set: &FakeChangeSet, token: &str) {
        let creates = self.status == StackStatus::ReviewInProgress;
        (self.template, self.parameters, self.tags) =
            (set.template.clone(), set.parameters.clone(), set.tags.clone());
        let mut steps = Steps::new();
        let changes = set.changes.iter().filter(|change| change.action != ChangeAction::Remove);
        for (index, change) in changes.enumerate() {
            let body = &set.resources[&change.logical_id];
            self.forward(state, &mut steps, change, body, takes(index));
        }
        let last = steps.iter().map(|(at, _)| *at).max().unwrap_or(state.now) + Duration::from_millis(10);
        let (begun, done) = if creates {
            (StackStatus::CreateInProgress, StackStatus::CreateComplete)
        } else {
            (StackStatus::UpdateInProgress, StackStatus::UpdateComplete)
        };
        let removed = set.changes.iter().filter(|change| change.action == ChangeAction::Remove);
        let removed: BTreeMap<String, Value> = removed
            .filter_map(|change| {
                Some((change.logical_id.clone(), self.resources.get(&change.logical_id)?.body.clone()))
            })
            .collect();
        if !creates {
            steps.push_back((last, Step::Turn(StackStatus::UpdateCompleteCleanupInProgress, None)));
        }
        let end = self.deletions(state, &mut steps, &removed, last);
        steps.push_back((end, Step::Turn(done, None)));
        steps.push_back((end, Step::End));
        steps.make_contiguous().sort_by_key(|(at, _)| *at);
        self.begin(token, steps);
        self.turn(state, state.now, begun, Some("User Initiated".to_owned()));
    }

    fn forward(
        &self,
        state: &State,
        steps: &mut Steps,
        change: &ResourceChange,
        body: &Value,
        takes: Duration,
    ) {
        let (verb, on) = match change.action {
            ChangeAction::Add => ("CREATE", On::Create),
            _ => ("UPDATE", On::Update),
        };
        let id = &change.logical_id;
        let tell = |status: &str, reason: Option<String>| {
            let status = format!("{verb}_{status}");
            Step::Tell { id: id.clone(), body: body.clone(), status, reason }
        };
        let end = state.now + takes;
        steps.push_back((state.now + Duration::from_millis(1), tell("IN_PROGRESS", None)));
        if let Some(reason) = self.failure(state, id, on) {
            steps.push_back((end, tell("FAILED", Some(reason))));
            steps.push_back((end, Step::Fail(id.clone())));
        } else {
            steps.push_back((end, Step::Put { id: id.clone(), body: body.clone() }));
            steps.push_back((end, tell("COMPLETE", None)));
        }
    }

    /// Deletions of these resources from `start` on; returns when the last is over.
    fn deletions(
        &self,
        state: &State,
        steps: &mut Steps,
        bodies: &BTreeMap<String, Value>,
        start: Duration,
    ) -> Duration {
        let mut end = start;
        for (index, (id, body)) in bodies.iter().enumerate() {
            let tell = |status: &str, reason: Option<String>| Step::Tell {
                id: id.clone(),
                body: body.clone(),
                status: status.to_owned(),
                reason,
            };
            end = start + takes(index);
            steps.push_back((start, tell("DELETE_IN_PROGRESS", None)));
            if let Some(reason) = self.failure(state, id, On::Delete) {
                steps.push_back((end, tell("DELETE_FAILED", Some(reason))));
            } else {
                steps.push_back((end, tell("DELETE_COMPLETE", None)));
                steps.push_back((end, Step::Remove(id.clone())));
            }
        }
        end
    }

    /// Rolls back what the operation has done so far: it failed, or was cancelled.
    pub(super) fn fall_back(&mut self, state: &mut State, at: Duration, culprit: &str) {
        let Some(mut operation) = self.operation.take() else { return };
        let creates = self.status == StackStatus::CreateInProgress;
        let verb = if creates { "CREATE" } else { "UPDATE" };
        let cancelled = std::mem::take(&mut operation.steps).into_iter().filter_map(|(_, step)| match step {
            Step::Put { id, body } => Some((id, body)),
            _ => None,
        });
        let cancelled: Vec<_> = cancelled.collect();
        self.operation = Some(operation);
        for (id, body) in &cancelled {
            let (status, kind) = (format!("{verb}_FAILED"), super::template::kind(body));
            let reason = Some(format!("Resource {} cancelled", if creates { "creation" } else { "update" }));
            self.tell(state, at, [id, "", &kind, &status], reason);
        }
        let failed = std::iter::once(culprit).filter(|id| !id.is_empty());
        let failed: Vec<&str> = failed.chain(cancelled.iter().map(|(id, _)| id.as_str())).collect();
        let reason = if failed.is_empty() {
            "User Initiated".to_owned()
        } else {
            format!("The following resource(s) failed to {}: [{}]. ", verb.to_lowercase(), failed.join(", "))
        };
        let begun =
            if creates { StackStatus::RollbackInProgress } else { StackStatus::UpdateRollbackInProgress };
        self.turn(state, at, begun, Some(reason));
        let steps = self.rollback_steps(state, at, &[]);
        if let Some(operation) = &mut self.operation {
            operation.steps = steps;
        }
    }

    /// The steps of a rollback from `at` on, without the resources to skip.
    pub(super) fn rollback_steps(&mut self, state: &State, at: Duration, skip: &[String]) -> Steps {
        let creates = self.status == StackStatus::RollbackInProgress;
        let touched = self.operation.as_ref().map(|operation| operation.touched.clone()).unwrap_or_default();
        let (mut steps, mut end, mut failed) = (Steps::new(), at, Vec::new());
        for (index, (id, old)) in
            touched.into_iter().rev().enumerate().filter(|(_, (id, _))| !skip.contains(id))
        {
            end = at + takes(index);
            let body = self.resources.get(&id).map(|resource| resource.body.clone()).unwrap_or_default();
            let verb = if old.is_none() { "DELETE" } else { "UPDATE" };
            let tell = |status: &str, reason: Option<String>| Step::Tell {
                id: id.clone(),
                body: body.clone(),
                status: format!("{verb}_{status}"),
                reason,
            };
            if let Some(reason) = self.failure(state, &id, On::Rollback) {
                failed.push(id.clone());
                steps.push_back((end, tell("FAILED", Some(reason))));
                continue;
            }
            steps.push_back((end, tell("COMPLETE", None)));
            steps.push_back((end, Step::Restore { id, old }));
        }
        let reason = format!("The following resource(s) failed to update: [{}]. ", failed.join(", "));
        match (creates, failed.is_empty()) {
            (true, true) => steps.push_back((end, Step::Turn(StackStatus::RollbackComplete, None))),
            (true, false) => steps.push_back((end, Step::Turn(StackStatus::RollbackFailed, Some(reason)))),
            (false, false) => {
                steps.push_back((end, Step::Turn(StackStatus::UpdateRollbackFailed, Some(reason))));
                return steps;
            }
            (false, true) => {
                let cleanup = StackStatus::UpdateRollbackCompleteCleanupInProgress;
                steps.push_back((end, Step::Turn(cleanup, None)));
                end += Duration::from_secs(1);
                steps.push_back((end, Step::Turn(StackStatus::UpdateRollbackComplete, None)));
            }
        }
        steps.push_back((end, Step::End));
        steps
    }

    /// Deletes the stack.
    pub(super) fn delete(&mut self, state: &mut State, token: &str, leave: &[String], force: bool) {
        self.change_sets.clear();
        let bodies: BTreeMap<String, Value> =
            self.bodies().into_iter().filter(|(id, _)| !leave.contains(id)).collect();
        let failing = bodies.keys().filter(|id| self.failure(state, id, On::Delete).is_some());
        let failing: Vec<String> = failing.cloned().collect();
        let mut steps = Steps::new();
        let start = state.now + Duration::from_millis(1);
        let end = self.deletions(state, &mut steps, &bodies, start);
        let reason = format!("The following resource(s) failed to delete: [{}]. ", failing.join(", "));
        let last = if failing.is_empty() || force {
            Step::Turn(StackStatus::DeleteComplete, None)
        } else {
            Step::Turn(StackStatus::DeleteFailed, Some(reason))
        };
        steps.push_back((end, last));
        steps.push_back((end, Step::End));
        steps.make_contiguous().sort_by_key(|(at, _)| *at);
        self.begin(token, steps);
        self.turn(state, state.now, StackStatus::DeleteInProgress, Some("User Initiated".to_owned()));
    }
}
