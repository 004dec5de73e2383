//! What the stacks of a plan have to do with each other: who changes before whom, and who needs whom.

use std::collections::BTreeSet;

use super::{Basis, Change, Look, Plan, PlannedStack, Step};
use crate::losses;
use crate::next::{Intent, Next, next};
use crate::outcome::{Outcome, StackFailure, StackOutcome};
use crate::ports::cloudformation::{ObservedStack, ResourceChange};
use crate::target::{Target, state_of};

/// Makes sure that every stack has what it needs: it is `there`, or among the `wanted`.
pub(super) fn demand(wanted: &[Target], there: &BTreeSet<String>) -> Result<(), Outcome> {
    let is_wanted = |name: &str| wanted.iter().any(|target| target.name == name);
    let mut outcome = Outcome::default();
    for target in wanted {
        let missing = target.depends_on.iter().find(|name| !there.contains(*name) && !is_wanted(name));
        if let Some(missing) = missing {
            let failure = StackFailure {
                stack: target.name.clone(),
                deployed_name: target.deployed_name.clone(),
                status: None,
                events: Vec::new(),
                error: None,
                reason: Some(format!("it needs the stack `{missing}`, which is not deployed")),
                remedy: Some(format!(
                    "Deploy that too: `lisa deploy --stack {missing} --stack {}`.",
                    target.name
                )),
                rolled_back: true,
            };
            outcome.stacks.insert(target.name.clone(), StackOutcome::Failed(Box::new(failure)));
        }
    }
    if outcome.stacks.is_empty() { Ok(()) } else { Err(outcome) }
}

/// The plan of what was looked at, and found before that; with the failures, where there are any.
pub(super) fn arrange(
    looks: impl Iterator<Item = (Target, (Option<ObservedStack>, Look))>,
    basis: Basis,
) -> Result<Plan, (Plan, Outcome)> {
    let (mut plan, mut outcome) = (Plan { stacks: Vec::new(), basis }, Outcome::default());
    for (target, (stack, look)) in looks {
        let changing = plan.stacks.iter().filter(|stack| may_change(stack));
        let changing: BTreeSet<&String> = changing.map(|stack| &stack.target.name).collect();
        let after: Vec<String> =
            target.depends_on.iter().filter(|name| changing.contains(name)).cloned().collect();
        let planned = match look {
            Look::Prepared(prepared, kept) => {
                let changes = prepared.changes.map(|changes| weighed(changes, &target, &kept));
                let step = step(prepared.stack.as_ref(), changes.as_deref());
                let moved = stack.as_ref().map(state_of) != prepared.stack.as_ref().map(state_of);
                plan.basis.see(&target.name, prepared.stack.as_ref());
                let (stack, change_set) = (prepared.stack, prepared.change_set);
                PlannedStack { target, stack, step, changes, after, change_set, moved, kept }
            }
            // What it reads may be written by a stack that changes before it.
            Look::Ended(StackOutcome::Failed(failure)) if !after.is_empty() && failure.error.is_none() => {
                uncompared(target, stack, after)
            }
            Look::Unknown => uncompared(target, stack, after),
            Look::Ended(ended) => {
                outcome.stacks.insert(target.name, ended);
                continue;
            }
        };
        plan.stacks.push(planned);
    }
    if outcome.stacks.is_empty() { Ok(plan) } else { Err((plan, outcome)) }
}

fn uncompared(target: Target, stack: Option<ObservedStack>, after: Vec<String>) -> PlannedStack {
    let step = step(stack.as_ref(), None);
    let (change_set, kept) = (None, BTreeSet::new());
    PlannedStack { target, stack, step, changes: None, after, change_set, moved: false, kept }
}

/// Whether the stack changes, has just changed, or may because of what it reads.
fn may_change(stack: &PlannedStack) -> bool {
    stack.step != Step::Nothing || stack.moved || !stack.after.is_empty()
}

fn weighed(changes: Vec<ResourceChange>, target: &Target, kept: &BTreeSet<String>) -> Vec<Change> {
    let lost = losses::of(&changes, &target.content.text);
    let is_lost = |id: &String| lost.contains(id) && !kept.contains(id);
    let weighed = changes.into_iter();
    weighed.map(|resource| Change { loses_data: is_lost(&resource.logical_id), resource }).collect()
}

fn step(stack: Option<&ObservedStack>, changes: Option<&[Change]>) -> Step {
    match next(stack.map(|stack| stack.status), Intent::Deploy) {
        Next::Create => Step::Create,
        Next::DeleteThenCreate => Step::Recreate,
        Next::RollBack | Next::ContinueRollback => Step::Repair,
        Next::Wait => Step::Wait,
        Next::Refuse(refusal) => Step::Refused(refusal),
        _ if changes.is_some_and(<[Change]>::is_empty) => Step::Nothing,
        _ => Step::Update,
    }
}

/// The short names of the stacks that a plan does something with, or may have to.
pub(super) fn touched(plan: &Plan) -> BTreeSet<String> {
    let touched = plan.stacks.iter().filter(|stack| may_change(stack));
    touched.map(|stack| stack.target.name.clone()).collect()
}
