//! Choices: which state comes next, by what the state holds.
//!
//! A choice always has a default, and every test also holds an answer for a field that is absent: Step
//! Functions ends an execution at once, past every catch, when a choice reads a missing field or matches
//! nothing.

use crate::budget::Budget;
use crate::name::StateName;
use crate::path::Path;

/// A fork: the first rule that holds decides, else the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Tried in order.
    pub rules: Vec<Rule>,
    /// Where to go when no rule holds.
    pub default: StateName,
}

impl Choice {
    /// A choice that goes to `default` until rules are added.
    pub fn otherwise(default: StateName) -> Self {
        Self { rules: Vec::new(), default }
    }

    /// Adds a rule after those there are.
    pub fn when(mut self, when: Condition, next: StateName) -> Self {
        self.rules.push(Rule { when, next });
        self
    }
}

/// One way out of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What must hold.
    pub when: Condition,
    /// Where to go then.
    pub next: StateName,
}

/// A test of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The field is there and `true`.
    True(Path),
    /// The field is there and is this text.
    Equals(Path, &'static str),
    /// Nothing is left of the budget. A lost counter counts as spent, so that no loop outlives its counter.
    Spent(Budget),
}
