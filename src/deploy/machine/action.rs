//! What goes into a machine and what comes out of it.

use std::time::Duration;

use crate::event::StackStep;
use crate::next::Next;
use crate::outcome::StackOutcome;
use crate::ports::CallError;
use crate::ports::cloudformation::{
    ChangeSet, ChangeSetRequest, DeleteRequest, ObservedStack, ResourceChange, StackEvent,
};

/// What was answered.
#[derive(Clone, Debug)]
pub enum Input {
    /// Nothing yet.
    Start,
    /// The call succeeded.
    Answer(Answer),
    /// The call failed, and trying again is of no use.
    Failed(CallError),
    /// The wait is over, or was cut short because the run was told something.
    Slept,
}

/// What a call answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// To [`Request::Stack`].
    Stack(Option<ObservedStack>),
    /// To [`Request::ChangeSet`].
    ChangeSet(Option<ChangeSet>),
    /// To [`Request::Events`].
    Events(Vec<StackEvent>),
    /// To a request without an answer.
    Done,
}

/// What to do next.
#[derive(Clone, Debug)]
pub enum Action {
    /// Make this call.
    Call(Request),
    /// Wait.
    Sleep(Duration),
    /// It is over.
    Finish(Finish),
}

/// A call of the port [`crate::ports::CloudFormation`].
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the arguments of the port's methods")]
pub enum Request {
    /// `stack`
    Stack(String),
    /// `create_change_set`
    CreateChangeSet(Box<ChangeSetRequest>),
    /// `change_set`
    ChangeSet { stack: String, name: String },
    /// `execute_change_set`
    Execute { stack: String, name: String, token: String },
    /// `delete_change_set`
    DeleteChangeSet { stack: String, name: String },
    /// `events`
    Events { stack: String, after: Option<String> },
    /// `delete_stack`
    Delete(DeleteRequest),
    /// `continue_rollback`
    ContinueRollback { stack: String, skip: Vec<String>, token: String },
    /// `rollback`
    RollBack { stack: String, token: String },
    /// `cancel_update`
    CancelUpdate { stack: String, token: String },
    /// `protect`
    Unprotect(String),
}

/// How a machine ended.
#[derive(Clone, Debug)]
pub enum Finish {
    /// The stack's part of the run is over.
    Ended(StackOutcome),
    /// A diff: what a deployment would do.
    Prepared(Box<Prepared>),
}

/// What a deployment of a stack would do, as far as it can be told before.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The stack; `None` where there is none.
    pub stack: Option<ObservedStack>,
    /// How the comparison is to be made, by the table's column `diff`.
    pub how: Next,
    /// The changes, where a change set told; none where nothing would change.
    pub changes: Option<Vec<ResourceChange>>,
    /// The change set that was left for the deployment.
    pub change_set: Option<String>,
}

/// Something that an observer is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// How far the stack is.
    Step(StackStep),
    /// A remark.
    Note(String),
}
