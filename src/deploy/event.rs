//! What happens during a build, a deployment or a removal, told as it happens: the only way in which the engine speaks.

use std::time::Duration;

use crate::ports::cloudformation::StackEvent;
use crate::status::StackStatus;

/// Takes part in what happens: a terminal, a log, a test.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn on(&self, event: Event);
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Work on an asset, by its name.
    Asset {
        /// Such as `lisa-serve`.
        name: String,
        /// How far it is.
        step: AssetStep,
    },
    /// Work on a stack, by its short name.
    Stack {
        /// Such as `serve`.
        name: String,
        /// How far it is.
        step: StackStep,
    },
    /// The readiness gate's question to a part of the deployment.
    Ready {
        /// Such as `serve`.
        what: String,
        /// Where it is asked.
        url: String,
        /// What it answered; `None` as long as it does not.
        status: Option<u16>,
    },
    /// A call is made again later.
    Retry {
        /// The IAM action.
        action: &'static str,
        /// Why.
        why: String,
        /// After this time.
        after: Duration,
    },
    /// A remark.
    Note(String),
}

/// How far an asset is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssetStep {
    /// It is being built; the last line of what the builder says.
    Building(String),
    /// Bytes were sent, of so many.
    Sending {
        /// Sent so far.
        sent: u64,
        /// All.
        total: u64,
    },
    /// It is in place; whether anything had to be done for it.
    Done {
        /// False where it was there already.
        changed: bool,
        /// Bytes sent.
        sent: u64,
    },
    /// It failed, for this reason.
    Failed(String),
}

/// How far a stack is.
#[derive(Clone, Debug, PartialEq)]
pub enum StackStep {
    /// It waits for other stacks.
    Waiting(Vec<String>),
    /// Its change set is being made.
    Planning,
    /// CloudFormation works on it.
    Working(StackStatus),
    /// An event of one of its resources.
    Resource(StackEvent),
    /// It is as it should be.
    Done {
        /// False where nothing had to be changed.
        changed: bool,
    },
    /// It failed; the cause is in the outcome.
    Failed(StackStatus),
    /// It is not touched because a stack that it needs failed.
    Skipped(String),
}
