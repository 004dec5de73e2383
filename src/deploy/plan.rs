//! What a deployment would do, from what is wanted and what is observed, and its execution after a confirmation.
//!
//! [`Engine::prepare`] makes change sets of the stacks that are there and reads them; [`Engine::carry_out`] executes
//! those very change sets, and makes new ones where a stack that they depend on has changed since.

mod after;

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream::iter;

use crate::engine::Engine;
use crate::executor::{Basis, Job};
use crate::losses;
use crate::machine::{Accepted, Finish, Options, Prepared, Work};
use crate::next::{Intent, Next, Refusal, next};
use crate::outcome::{Outcome, StackFailure, StackOutcome};
use crate::ports::CallError;
use crate::ports::cloudformation::{ChangeAction, ObservedStack, ResourceChange, StackStatus};
use crate::target::Target;

/// What a deployment would do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The chosen stacks, each after those that it depends on.
    pub stacks: Vec<PlannedStack>,
    basis: Basis,
}

/// What would be done to one stack.
#[derive(Clone, Debug)]
pub struct PlannedStack {
    /// What it is to be.
    pub target: Target,
    /// The stack now; `None` where there is none.
    pub stack: Option<ObservedStack>,
    /// What is done.
    pub step: Step,
    /// What happens to its resources; `None` where that is not known yet.
    pub changes: Option<Vec<Change>>,
    /// Short names of the stacks of this plan that change before it: what it reads of them may change more.
    pub after: Vec<String>,
    change_set: Option<String>,
    /// Whether it changed while it was looked at, by somebody else's work.
    moved: bool,
    /// Resources that leave the stack and stay in the account.
    kept: BTreeSet<String>,
}

/// What is done to a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is created.
    Create,
    /// What is left of it is deleted, then it is created.
    Recreate,
    /// It is updated.
    Update,
    /// A rollback is brought to its end, then it is updated.
    Repair,
    /// What is under way is waited for, then it is looked at again.
    Wait,
    /// Nothing, unless what it reads of other stacks changes.
    Nothing,
    /// It cannot be deployed as it is.
    Refused(&'static Refusal),
}

/// What happens to a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What CloudFormation says.
    pub resource: ResourceChange,
    /// Whether data is lost, or may be.
    pub loses_data: bool,
}

/// What a preparation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A deployment follows if it is confirmed: what is under way is waited for, and change sets are kept for it.
    Deploy,
    /// Nothing follows: nothing is waited for, nothing is left behind.
    Look,
}

/// Whose data may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losses {
    /// Nobody's.
    None,
    /// That of the resources that the plan shows.
    Shown,
    /// Any, also that of resources which only show when the stacks before have changed.
    Any,
}

impl Plan {
    /// Whether nothing would be done.
    pub fn is_empty(&self) -> bool {
        self.stacks.iter().all(|stack| stack.step == Step::Nothing)
    }

    /// The resources that lose data, or may, with their stack's short name.
    pub fn losses(&self) -> impl Iterator<Item = (&str, &ResourceChange)> {
        self.stacks.iter().flat_map(|stack| {
            let changes = stack.changes.iter().flatten().filter(|change| change.loses_data);
            changes.map(|change| (stack.target.name.as_str(), &change.resource))
        })
    }

    /// The stacks that cannot be deployed as they are.
    pub fn refused(&self) -> impl Iterator<Item = (&PlannedStack, &'static Refusal)> {
        self.stacks.iter().filter_map(|stack| match stack.step {
            Step::Refused(refusal) => Some((stack, refusal)),
            _ => None,
        })
    }
}

impl Engine<'_> {
    /// Plans the deployment of the `chosen` among `targets`, by short name; of all where none is chosen. `targets` is
    /// every stack of the deployment, each after those that it depends on.
    ///
    /// # Errors
    ///
    /// The stacks whose change set cannot be made, or that need a stack which is neither there nor chosen; nothing is
    /// left behind then.
    pub async fn prepare(
        &self,
        targets: Vec<Target>,
        chosen: &BTreeSet<String>,
        purpose: Purpose,
    ) -> Result<Plan, Outcome> {
        let cloudformation = &self.world().cloudformation;
        let observed = match self.caller().call(|| cloudformation.stacks()).await {
            Ok(observed) => observed,
            Err(error) => return Err(unseen(&targets, &error)),
        };
        let find = |target: &Target| observed.iter().find(|stack| stack.name == target.deployed_name);
        let mut basis = Basis::default();
        let mut there = BTreeSet::new();
        for target in &targets {
            let stack = find(target);
            basis.see(&target.name, stack);
            if is_there(stack.map(|stack| stack.status)) {
                there.insert(target.name.clone());
            }
        }
        let wanted = targets.into_iter().filter(|target| chosen.is_empty() || chosen.contains(&target.name));
        let wanted: Vec<Target> = wanted.collect();
        after::demand(&wanted, &there)?;
        let looks = wanted.iter().map(|target| async {
            let stack = find(target).cloned();
            let look = self.look(target, &basis, &there, purpose).await;
            (stack, look)
        });
        // In order, so that a plan is the same whatever answers first.
        let looks: Vec<_> = iter(looks).buffered(self.limit.max(1)).collect().await;
        let plan = after::arrange(wanted.into_iter().zip(looks), basis);
        match plan {
            Ok(plan) => Ok(plan),
            Err((plan, outcome)) => {
                self.discard(&plan).await;
                Err(outcome)
            }
        }
    }

    async fn look(&self, target: &Target, basis: &Basis, there: &BTreeSet<String>, purpose: Purpose) -> Look {
        // A change set would read what a stack that is not there has not written yet.
        let is_early = target.depends_on.iter().any(|name| !there.contains(name));
        if is_early || !there.contains(&target.name) {
            return Look::Unknown;
        }
        let keep = purpose == Purpose::Deploy;
        let options = Options { keep, wait: keep, poll: self.poll, ..Options::default() };
        let work = Work { target: target.clone(), intent: Intent::Diff, basis: basis.of(target), options };
        match self.drive(work).await {
            Finish::Ended(outcome) => Look::Ended(outcome),
            Finish::Prepared(prepared) => {
                let kept = self.kept(&prepared).await;
                Look::Prepared(prepared, kept)
            }
        }
    }

    /// Which of the resources with data that leave the stack stay in the account.
    async fn kept(&self, prepared: &Prepared) -> BTreeSet<String> {
        let leaves = |change: &ResourceChange| {
            change.action == ChangeAction::Remove && losses::is_stateful(&change.kind)
        };
        let (Some(stack), true) = (&prepared.stack, prepared.changes.iter().flatten().any(leaves)) else {
            return BTreeSet::new();
        };
        let template = self.caller().call(|| self.world().cloudformation.template(&stack.id)).await;
        template.map(|template| losses::kept(&template)).unwrap_or_default()
    }

    /// Deletes the change sets that were kept for a deployment which will not be.
    pub async fn discard(&self, plan: &Plan) {
        for planned in &plan.stacks {
            self.forget(planned).await;
        }
    }

    async fn forget(&self, planned: &PlannedStack) {
        if let (Some(name), Some(stack)) = (&planned.change_set, &planned.stack) {
            let cloudformation = &self.world().cloudformation;
            // What stays is of no harm: the next update deletes it.
            drop(self.caller().call(|| cloudformation.delete_change_set(&stack.id, name)).await);
        }
    }

    /// How a planned stack is deployed.
    fn options(&self, planned: &PlannedStack, losses: Losses) -> Options {
        let shown = planned.changes.iter().flatten().filter(|change| change.loses_data);
        let shown = shown.map(|change| change.resource.logical_id.clone());
        let kept = planned.kept.iter().cloned();
        let accepted = match losses {
            Losses::None => Accepted::Only(kept.collect()),
            Losses::Shown => Accepted::Only(kept.chain(shown).collect()),
            Losses::Any => Accepted::All,
        };
        let skip = self.skip.get(&planned.target.name).cloned().unwrap_or_default();
        let prepared = planned.change_set.clone();
        Options { accepted, prepared, skip, poll: self.poll, ..Options::default() }
    }

    /// Does what the plan says. Stacks that nothing changes are not touched.
    pub async fn carry_out(&self, plan: Plan, losses: Losses) -> Outcome {
        let touched = after::touched(&plan);
        let (mut jobs, mut untouched) = (Vec::new(), Outcome::default());
        for planned in &plan.stacks {
            let name = planned.target.name.clone();
            if touched.contains(&name) {
                jobs.push(Job::deploy(planned.target.clone(), self.options(planned, losses)));
            } else {
                self.tell(&name, crate::event::StackStep::Done { changed: false });
                let stack = planned.stack.clone().map(Box::new);
                untouched.stacks.insert(name, StackOutcome::Done { changed: false, stack });
            }
        }
        let mut outcome = self.execute(jobs, plan.basis.clone()).await;
        for planned in &plan.stacks {
            use StackOutcome as O;
            if let Some(O::Skipped { .. } | O::Cancelled { .. }) = outcome.stacks.get(&planned.target.name) {
                self.forget(planned).await;
            }
        }
        outcome.stacks.append(&mut untouched.stacks);
        outcome
    }
}

/// What is known of a stack before a deployment.
enum Look {
    /// It was compared; these resources leave it and stay.
    Prepared(Box<Prepared>, BTreeSet<String>),
    /// It cannot be compared yet.
    Unknown,
    /// It could not be compared, or the run was told to stop.
    Ended(StackOutcome),
}

/// Whether a stack of this status has what others read of it.
fn is_there(status: Option<StackStatus>) -> bool {
    !matches!(next(status, Intent::Diff), Next::CompareWithNothing)
}

fn unseen(targets: &[Target], error: &CallError) -> Outcome {
    let failed = targets
        .iter()
        .map(|target| (target.name.clone(), StackOutcome::Failed(Box::new(uncalled(target, error)))));
    Outcome { stacks: failed.collect() }
}

/// The failure of a stack that could not be looked at; nothing was changed.
fn uncalled(target: &Target, error: &CallError) -> StackFailure {
    StackFailure {
        stack: target.name.clone(),
        deployed_name: target.deployed_name.clone(),
        status: None,
        events: Vec::new(),
        error: Some(error.clone()),
        reason: None,
        remedy: crate::retry::remedy(error),
        rolled_back: true,
    }
}
