//! What a machine is to do, and how.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::next::Intent;
use crate::target::Target;

/// What a machine is to do.
#[derive(Clone, Debug)]
pub struct Work {
    /// The stack.
    pub target: Target,
    /// What is wanted of it.
    pub intent: Intent,
    /// What the stacks that it needs are at: a change set reads their parameters when it is made, so another state
    /// of theirs asks for another change set.
    pub basis: String,
    /// How.
    pub options: Options,
}

/// How a machine does its work.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Options {
    /// For a diff: leaves the change set, for the deployment that follows a confirmation.
    pub keep: bool,
    /// For a diff: waits for what is under way instead of comparing templates.
    pub wait: bool,
    /// For a deployment: whose data may be lost.
    pub accepted: Accepted,
    /// For a deployment: the change set that was shown; it is deleted where it may not be executed any more.
    pub prepared: Option<String>,
    /// For a rollback that failed: logical ids of resources to leave out.
    pub skip: Vec<String>,
    /// For a removal that failed before: logical ids of resources to leave.
    pub retain: Vec<String>,
    /// For a removal that failed before: leaves whatever cannot be deleted.
    pub force: bool,
    /// For a removal: lifts the protection from deletion.
    pub unprotect: bool,
    /// How often CloudFormation is asked.
    pub poll: Poll,
}

/// The resources whose data may be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Any.
    All,
    /// These, by logical id.
    Only(BTreeSet<String>),
}

impl Default for Accepted {
    fn default() -> Self {
        Self::Only(BTreeSet::new())
    }
}

/// How often CloudFormation is asked: often at first, then less and less.
#[derive(Clone, Copy, Debug)]
pub struct Poll {
    /// The first wait.
    pub first: Duration,
    /// The longest wait.
    pub most: Duration,
}

impl Default for Poll {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), most: Duration::from_secs(10) }
    }
}
