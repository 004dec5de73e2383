//! How a run ended, stack by stack, and what that means as a whole.

use std::collections::BTreeMap;

use crate::ports::CallError;
use crate::ports::cloudformation::{ObservedStack, StackEvent};
use crate::status::StackStatus;

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The end of each stack, by its short name.
    pub stacks: BTreeMap<String, StackOutcome>,
}

/// How one stack's part of a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum StackOutcome {
    /// It is as it should be: deployed, or gone where it was to go.
    Done {
        /// False where nothing had to be changed.
        changed: bool,
        /// The stack at the end; `None` where it is gone.
        stack: Option<Box<ObservedStack>>,
    },
    /// It failed.
    Failed(Box<StackFailure>),
    /// It was not touched because a stack that it needs failed, was skipped or was interrupted: that stack's short name.
    Skipped {
        /// The stack that it needs.
        because: String,
    },
    /// It was let run on, as told; a later run finds it.
    Detached {
        /// Its last known status; `None` where nothing had been begun.
        status: Option<StackStatus>,
    },
    /// It was stopped, as told.
    Cancelled {
        /// Its status now; `None` where there is no stack.
        status: Option<StackStatus>,
    },
}

/// A stack that failed, with everything that is known of why.
#[derive(Clone, Debug, PartialEq)]
pub struct StackFailure {
    /// The short name, such as `serve`.
    pub stack: String,
    /// The name in CloudFormation.
    pub deployed_name: String,
    /// Its last known status; `None` where there is no stack or none could be seen.
    pub status: Option<StackStatus>,
    /// Every event of the operation that failed, oldest first, captured while it went on.
    pub events: Vec<StackEvent>,
    /// The call that failed, where it was a call.
    pub error: Option<CallError>,
    /// What CloudFormation or the engine says beside the events: a change set's reason, a refusal.
    pub reason: Option<String>,
    /// What to do about `reason`, where the engine knows it.
    pub remedy: Option<String>,
    /// Whether the stack is as it was before: rolled back, or nothing had been begun.
    pub rolled_back: bool,
}

/// What an [`Outcome`] means as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// Every stack is as it should be.
    Done,
    /// Something failed, and each stack that failed is as it was before: exit status 5.
    RolledBack,
    /// It was interrupted, as told: exit status 130.
    Interrupted,
    /// Something failed and is neither done nor as it was before: exit status 6.
    NeedsAction,
}

impl Outcome {
    /// The meaning of the whole: the gravest of its stacks'.
    pub fn meaning(&self) -> Meaning {
        self.stacks.values().map(StackOutcome::meaning).max().unwrap_or(Meaning::Done)
    }

    /// The stacks that failed, by name.
    pub fn failures(&self) -> impl Iterator<Item = &StackFailure> {
        self.stacks.values().filter_map(|outcome| match outcome {
            StackOutcome::Failed(failure) => Some(&**failure),
            _ => None,
        })
    }
}

impl StackOutcome {
    /// The meaning of this stack's end. A skipped stack means nothing by itself: the one that it needs does.
    pub fn meaning(&self) -> Meaning {
        match self {
            Self::Done { .. } | Self::Skipped { .. } => Meaning::Done,
            Self::Failed(failure) if failure.rolled_back => Meaning::RolledBack,
            Self::Failed(_) => Meaning::NeedsAction,
            Self::Detached { .. } | Self::Cancelled { .. } => Meaning::Interrupted,
        }
    }
}

impl Meaning {
    /// The exit status of the command.
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::RolledBack => 5,
            Self::NeedsAction => 6,
            Self::Interrupted => 130,
        }
    }
}
