//! The delete workflow: from a model in any status to none, or to `Failed` with the reason.

use super::{FAILED, INTERRUPTED, STACK_FOUND, STACK_GONE, STACK_SETTLED};
use crate::task::tasks;
use crate::{Choice, Condition, Draft, Poll, State, StateMachine, StateName, Task};

/// Whether the model had another workflow under way.
const WAS_BUSY: StateName = StateName::new("WasBusy");
/// Stopping an execution does not stop the task it is in, which may be about to ask for the stack.
const LET_TASK_END: StateName = StateName::new("LetTaskEnd");
/// Whether there is a stack to delete.
const HAS_STACK: StateName = StateName::new("HasStack");
/// Nothing is left of the model.
const DELETED: StateName = StateName::new("Deleted");

tasks! {
    /// The tasks of the delete workflow.
    DeleteTask in Delete {
        /// Writes the status `Deleting`, which takes the model off the gateway's list. A missing row is no
        /// error.
        MarkDeleting ["dynamodb:GetItem", "dynamodb:PutItem"],
        /// Stops the model's create or update execution, if one is running.
        StopWorkflow ["dynamodb:GetItem", "states:DescribeExecution", "states:StopExecution"],
        /// Looks for the stack by its name, since a row written half may not know it, and tells by its
        /// description whether it is the model's.
        FindStack ["cloudformation:DescribeStacks", "dynamodb:GetItem"],
        /// Asks for the stack's deletion, whatever its status.
        DeleteStack ["cloudformation:DeleteStack", "iam:PassRole"],
        /// Reads the stack's status, and asks again for the deletion where something else was under way; fails
        /// with the first event that kept it from going.
        PollStackGone [
            "cloudformation:DeleteStack",
            "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStacks",
            "iam:PassRole",
        ],
        /// Removes the key of a model elsewhere, and the row.
        RemoveRow ["dynamodb:DeleteItem", "dynamodb:GetItem", "secretsmanager:DeleteSecret"],
        /// Writes the status `Failed` with the cause.
        RecordFailure ["cloudformation:DescribeStackEvents", "dynamodb:GetItem", "dynamodb:PutItem"],
    }
}

/// The delete workflow.
pub fn delete() -> StateMachine {
    StateMachine::proven(draft())
}

pub(super) fn draft() -> Draft {
    use DeleteTask as T;
    let failure = &T::RecordFailure.state();
    let wait = State::Wait { seconds: Task::TIMEOUT_SECONDS, next: T::FindStack.state() };
    Draft::begin("Takes a model away, whatever its status", &[STACK_GONE], T::MarkDeleting.state())
        .task(T::MarkDeleting, T::StopWorkflow.state(), failure)
        .task(T::StopWorkflow, WAS_BUSY, failure)
        .choice(
            WAS_BUSY,
            Choice::otherwise(T::FindStack.state()).when(Condition::True(INTERRUPTED), LET_TASK_END),
        )
        .state(LET_TASK_END, wait)
        .task(T::FindStack, HAS_STACK, failure)
        .choice(
            HAS_STACK,
            Choice::otherwise(T::RemoveRow.state())
                .when(Condition::True(STACK_FOUND), T::DeleteStack.state()),
        )
        .task(T::DeleteStack, T::PollStackGone.state(), failure)
        .poll(poll_stack_gone(), failure)
        .task(T::RemoveRow, DELETED, failure)
        .state(DELETED, State::Succeed)
        .last_rites(T::RecordFailure, FAILED)
        .state(FAILED, State::Fail)
}

fn poll_stack_gone() -> Poll {
    Poll {
        task: DeleteTask::PollStackGone.into(),
        done: Condition::True(STACK_SETTLED),
        next: DeleteTask::RemoveRow.state(),
        budget: STACK_GONE,
    }
}
