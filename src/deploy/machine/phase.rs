//! Where a machine stands.

use super::Finish;
use crate::ports::cloudformation::StackStatus;

/// Where a machine stands: what it waits for.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// The stack, to decide what to do.
    Observe,
    /// Its own change set, perhaps left by a run before.
    Seek,
    /// The making of its change set.
    Make,
    /// The shell that CloudFormation made for its change set: the stack's id.
    Adopt,
    /// Its change set, until that is made.
    Await,
    /// The stack's last event before an operation begins.
    Mark(Begin),
    /// The call that begins an operation.
    Begin(Begin),
    /// The stack, until an operation ends.
    Follow,
    /// The events of an operation.
    Events,
    /// The deletion of a change set.
    Drop(Then),
    /// The deletion of the shell that CloudFormation made for a change set.
    Clear(Box<Finish>),
    /// The end of a stack's protection.
    Unprotect,
}

/// How an operation begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    Execute(String),
    Delete { retain: Vec<String>, force: bool },
    ContinueRollback,
    RollBack,
    CancelUpdate,
}

/// Why an operation is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It was under way already.
    Found,
    /// It is the deployment.
    Deploy,
    /// It clears the way for the deployment.
    Heal,
    /// It is the removal.
    Destroy,
    /// It takes back the deployment, as told.
    Undo,
}

/// An operation that is followed.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Operation {
    pub(super) kind: Kind,
    /// The stack before it; while the stack looks the same, the operation has not begun.
    pub(super) from: Option<(StackStatus, String)>,
    pub(super) begun: bool,
    pub(super) over: bool,
    pub(super) polls: u32,
    /// Whether it deploys just what this machine wants, begun by a run before.
    pub(super) is_ours: bool,
    /// Whether the change set was found executed.
    pub(super) was_found: bool,
}

/// What follows the deletion of a change set.
#[derive(Clone, Debug)]
pub(super) enum Then {
    /// To look for its own, after one that is out of date.
    Seek,
    /// To make it anew.
    Make,
    /// The end.
    Finish(Box<Finish>),
    /// The end, after the shell that CloudFormation made for the change set is deleted.
    Clear(Box<Finish>),
}
