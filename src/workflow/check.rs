//! The rules that every state machine keeps, checked on its graph.

use std::collections::BTreeSet;

use crate::budget::Budget;
use crate::choice::{Choice, Condition};
use crate::fault::Fault;
use crate::graph::Graph;
use crate::name::StateName;
use crate::state::{Edit, State, Task};

#[cfg(test)]
mod tests;

type States = [(StateName, State)];

/// Everything that is wrong, in the order of the rules, then of the states.
pub(crate) fn faults(start: &StateName, states: &States) -> Vec<Fault> {
    let graph = Graph::new(states);
    let mut faults = names(states);
    faults.extend(transitions(start, states, &graph));
    faults.extend(reach(start, states, &graph));
    faults.extend(catches(states, &graph));
    faults.extend(graph.loops().iter().filter_map(|knot| unbounded(&graph, knot)));
    faults.extend(budgets(start, states, &graph));
    faults
}

fn names(states: &States) -> Vec<Fault> {
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (name, _) in states {
        if !(1..=StateName::MAX_CHARS).contains(&name.as_str().chars().count()) {
            faults.push(Fault::BadName(name.clone()));
        }
        if !seen.insert(name) {
            faults.push(Fault::TwoStates(name.clone()));
        }
    }
    faults
}

fn transitions(start: &StateName, states: &States, graph: &Graph<'_>) -> Vec<Fault> {
    let no_start = graph.state(start).is_none().then(|| Fault::UnknownStart(start.clone()));
    let loose = states.iter().flat_map(|(from, state)| {
        let targets = state.successors().into_iter();
        targets
            .filter(|to| graph.state(to).is_none())
            .map(|to| Fault::UnknownNext { from: from.clone(), to: to.clone() })
    });
    no_start.into_iter().chain(loose).collect()
}

fn reach(start: &StateName, states: &States, graph: &Graph<'_>) -> Vec<Fault> {
    let reached = graph.after(start);
    let mut faults = Vec::new();
    for (name, state) in states {
        if name != start && !reached.contains(name) {
            faults.push(Fault::Unreachable(name.clone()));
        }
        if !state.is_end() && !graph.after(name).iter().any(|next| is_end(graph, next)) {
            faults.push(Fault::NoEnd(name.clone()));
        }
    }
    faults
}

fn is_end(graph: &Graph<'_>, name: &StateName) -> bool {
    graph.state(name).is_some_and(State::is_end)
}

fn catches(states: &States, graph: &Graph<'_>) -> Vec<Fault> {
    let tasks = states.iter().filter_map(|(name, state)| match state {
        State::Task(task) => Some((name, task)),
        _ => None,
    });
    tasks.filter_map(|(name, task)| uncaught(name, task, graph)).collect()
}

fn uncaught(name: &StateName, task: &Task, graph: &Graph<'_>) -> Option<Fault> {
    let Some(catch) = &task.catch else { return Some(Fault::Uncaught(name.clone())) };
    let mut handlers = graph.after(&catch.next);
    handlers.insert(&catch.next);
    handlers
        .into_iter()
        .any(|handler| matches!(graph.state(handler), Some(State::Succeed)))
        .then(|| Fault::CaughtIntoSuccess { task: name.clone(), catch: catch.next.clone() })
}

/// A loop ends when there is a budget that every round counts down, and whose end every round looks at.
fn unbounded(graph: &Graph<'_>, knot: &BTreeSet<&StateName>) -> Option<Fault> {
    let budgets: BTreeSet<Budget> = knot.iter().filter_map(|name| counted(graph.state(name)?)).collect();
    let bounded = budgets.into_iter().any(|budget| {
        let gates = |is_gate: &dyn Fn(&State) -> bool| -> BTreeSet<&StateName> {
            knot.iter().copied().filter(|name| graph.state(name).is_some_and(is_gate)).collect()
        };
        let counts = gates(&|state| counted(state) == Some(budget));
        let checks =
            gates(&|state| matches!(state, State::Choice(choice) if leaves_when_spent(choice, budget, knot)));
        graph.all_loops_pass(knot, &counts) && graph.all_loops_pass(knot, &checks)
    });
    let first = knot.first()?;
    (!bounded).then(|| Fault::Unbounded((*first).clone()))
}

fn counted(state: &State) -> Option<Budget> {
    match state {
        State::Pass { edit: Edit::CountDown(budget), .. } => Some(*budget),
        _ => None,
    }
}

/// Whether the choice leaves the loop once the budget is spent; a rule before that must not lead round again.
fn leaves_when_spent(choice: &Choice, budget: Budget, knot: &BTreeSet<&StateName>) -> bool {
    let mut before = choice.rules.iter().take_while(|rule| !knot.contains(&rule.next));
    before.any(|rule| rule.when == Condition::Spent(budget))
}

fn budgets(start: &StateName, states: &States, graph: &Graph<'_>) -> Vec<Fault> {
    let filled = match graph.state(start) {
        Some(State::Pass { edit: Edit::FillBudgets(budgets), .. }) => budgets.as_slice(),
        _ => &[],
    };
    let mut faults = Vec::new();
    for (name, state) in states {
        if name != start && matches!(state, State::Pass { edit: Edit::FillBudgets(_), .. }) {
            faults.push(Fault::LateFill(name.clone()));
        }
        let unfilled = used(state).into_iter().filter(|budget| !filled.contains(budget));
        faults
            .extend(unfilled.map(|budget| Fault::Unfilled { state: name.clone(), counter: budget.counter }));
    }
    faults
}

fn used(state: &State) -> Vec<Budget> {
    match state {
        State::Choice(choice) => choice
            .rules
            .iter()
            .filter_map(|rule| match rule.when {
                Condition::Spent(budget) => Some(budget),
                _ => None,
            })
            .collect(),
        _ => counted(state).into_iter().collect(),
    }
}
