//! The states as a graph: what can be reached, where the loops are, how long the longest way is.

use std::collections::{BTreeMap, BTreeSet};

use crate::name::StateName;
use crate::state::{Edit, State};

type Names<'a> = BTreeSet<&'a StateName>;

/// States by name with their transitions; a transition to no state of the machine is left out.
pub(crate) struct Graph<'a> {
    states: BTreeMap<&'a StateName, &'a State>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(states: &'a [(StateName, State)]) -> Self {
        Self { states: states.iter().map(|(name, state)| (name, state)).collect() }
    }

    pub(crate) fn state(&self, name: &StateName) -> Option<&'a State> {
        self.states.get(name).copied()
    }

    fn successors(&self, name: &StateName) -> impl Iterator<Item = &'a StateName> {
        let next = self.state(name).map(State::successors).unwrap_or_default();
        next.into_iter().filter(|name| self.states.contains_key(name))
    }

    /// Every state that can come after `from`; `from` itself only if it lies on a loop.
    pub(crate) fn after(&self, from: &StateName) -> Names<'a> {
        self.after_without(from, &Names::new())
    }

    /// As [`Graph::after`], never entering a state of `closed`.
    fn after_without(&self, from: &StateName, closed: &Names<'_>) -> Names<'a> {
        let mut seen = Names::new();
        let mut open: Vec<_> = self.successors(from).collect();
        while let Some(name) = open.pop() {
            if !closed.contains(name) && seen.insert(name) {
                open.extend(self.successors(name));
            }
        }
        seen
    }

    /// The states that can lead to each other: one set per knot of loops.
    pub(crate) fn loops(&self) -> Vec<Names<'a>> {
        let mut found: Vec<Names<'a>> = Vec::new();
        for name in self.states.keys() {
            if !found.iter().any(|knot| knot.contains(name)) {
                found.extend(self.knot(name));
            }
        }
        found
    }

    fn knot(&self, name: &StateName) -> Option<Names<'a>> {
        let after = self.after(name);
        after
            .contains(name)
            .then(|| after.into_iter().filter(|other| self.after(other).contains(name)).collect())
    }

    /// Whether every loop inside `knot` passes through one of `gates`.
    pub(crate) fn all_loops_pass(&self, knot: &Names<'a>, gates: &Names<'a>) -> bool {
        knot.difference(gates).all(|name| !self.after_without(name, gates).contains(name))
    }

    /// The heaviest way from `from` to an end, where a loop is gone round as often as its budget allows.
    pub(crate) fn longest(&self, from: &StateName, weight: fn(&State) -> u64) -> u64 {
        self.longest_after(from, weight, &mut BTreeMap::new())
    }

    fn longest_after(
        &self,
        from: &StateName,
        weight: fn(&State) -> u64,
        known: &mut BTreeMap<StateName, u64>,
    ) -> u64 {
        if let Some(total) = known.get(from) {
            return *total;
        }
        let Some(state) = self.state(from) else { return 0 };
        let (own, inside) = match self.knot(from) {
            None => (weight(state), Names::from_iter(self.states.get_key_value(from).map(|(name, _)| *name))),
            Some(knot) => {
                let once: u64 = knot.iter().filter_map(|name| self.state(name)).map(weight).sum();
                (once * self.rounds(&knot), knot)
            }
        };
        let exits: Names<'a> = inside
            .iter()
            .flat_map(|name| self.successors(name))
            .filter(|name| !inside.contains(name))
            .collect();
        let rest = exits.into_iter().map(|name| self.longest_after(name, weight, known)).max().unwrap_or(0);
        known.insert(from.clone(), own + rest);
        own + rest
    }

    /// How often each state of a loop can be visited: once, and once more for every poll of its budget.
    fn rounds(&self, knot: &Names<'a>) -> u64 {
        let polls = knot.iter().filter_map(|name| match self.state(name) {
            Some(State::Pass { edit: Edit::CountDown(budget), .. }) => Some(u64::from(budget.polls)),
            _ => None,
        });
        1 + polls.max().unwrap_or(0)
    }
}
