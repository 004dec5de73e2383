//! How a machine fails: with everything that is known of the stack and of why.

use super::{Action, Machine, end};
use crate::outcome::{StackFailure, StackOutcome};
use crate::ports::CallError;
use crate::ports::cloudformation::StackStatus;

/// Why a machine fails, beside the events.
#[derive(Debug, Default)]
pub(super) struct Why {
    error: Option<CallError>,
    reason: Option<String>,
    remedy: Option<&'static str>,
    /// Whether the last call may have changed the stack, and it is not known how.
    unknown: bool,
}

impl Why {
    /// A call failed.
    pub(super) fn call(error: CallError, unknown: bool) -> Self {
        Self { error: Some(error), unknown, ..Self::default() }
    }

    /// CloudFormation says why, or the events alone do.
    pub(super) fn told(reason: Option<String>) -> Self {
        Self { reason, ..Self::default() }
    }

    /// The engine says why, and what to do.
    pub(super) fn known(reason: impl Into<String>, remedy: &'static str) -> Self {
        Self { reason: Some(reason.into()), remedy: Some(remedy), ..Self::default() }
    }

    /// As this, but it is not known what became of the stack.
    pub(super) fn unknown(self) -> Self {
        Self { unknown: true, ..self }
    }
}

impl Machine {
    /// Ends with a failure.
    pub(super) fn fail(&self, why: Why) -> Action {
        end(self.failure(why))
    }

    /// Ends with a failure for the reason that the stack's status has.
    pub(super) fn fail_as_told(&self) -> Action {
        self.fail(Why::told(self.reason()))
    }

    /// Why the stack has its status.
    pub(super) fn reason(&self) -> Option<String> {
        self.stack.as_ref().and_then(|stack| stack.reason.clone())
    }

    pub(super) fn failure(&self, why: Why) -> StackOutcome {
        let (status, target) = (self.status(), &self.work.target);
        let remedy = why.remedy.map(str::to_owned);
        StackOutcome::Failed(Box::new(StackFailure {
            stack: target.name.clone(),
            deployed_name: target.deployed_name.clone(),
            status,
            events: self.events.clone(),
            remedy: remedy.or_else(|| why.error.as_ref().and_then(crate::retry::remedy)),
            error: why.error,
            reason: why.reason,
            rolled_back: !why.unknown && status.is_none_or(StackStatus::is_settled),
        }))
    }
}
