//! The update workflow: start, stop, other limits, other container settings, other metadata.
//!
//! A start or stop excludes the rest; limits, container settings and metadata may come in one request and
//! are done in that order. The new configuration is written last, so that an update that fails leaves the
//! old one in the row.

use super::{
    CAPACITY, CAPACITY_CHANGE, CAPACITY_REACHED, CONTAINER_CHANGE, ENGINE, ENGINE_ANSWERED, FAILED, ROLLOUT,
    ROLLOUT_DONE, SCALE, START, STOP,
};
use crate::task::tasks;
use crate::{Choice, Condition, Draft, Poll, State, StateMachine, StateName};

/// What happens to the instances.
const CAPACITY_CHANGES: StateName = StateName::new("CapacityChanges");
/// What follows once the instances are there.
const AFTER_CAPACITY: StateName = StateName::new("AfterCapacity");
/// Whether the service must take over new container settings.
const CONTAINER_CHANGES: StateName = StateName::new("ContainerChanges");
/// A model that did not start must not keep its instances.
const WAS_STARTING: StateName = StateName::new("WasStarting");
/// The row has the new configuration, and the status that follows from it.
const UPDATED: StateName = StateName::new("Updated");

tasks! {
    /// The tasks of the update workflow.
    UpdateTask in Update {
        /// Checks the change against the model as it is now, and decides what has to be done.
        Validate ["autoscaling:DescribeAutoScalingGroups", "dynamodb:GetItem"],
        /// Writes the status `Updating`, `Starting` or `Stopping` and this execution; `Stopping` takes the
        /// model off the gateway's list.
        MarkUpdating ["dynamodb:GetItem", "dynamodb:PutItem"],
        /// Sets the group's limits and desired size: those asked for, at a start those configured, at a
        /// stop none.
        SetCapacity ["autoscaling:UpdateAutoScalingGroup", "dynamodb:GetItem"],
        /// Compares the group's healthy instances with its desired size; fails with the group's own failed
        /// activity.
        PollCapacity [
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribeScalingActivities",
            "dynamodb:GetItem",
        ],
        /// Registers a task definition with the new container settings; the old one stays for a way back.
        RegisterTaskDefinition [
            "dynamodb:GetItem",
            "ecs:DescribeServices",
            "ecs:DescribeTaskDefinition",
            "ecs:RegisterTaskDefinition",
            "ecs:TagResource",
            "iam:PassRole",
            "ssm:GetParameters",
        ],
        /// Points the service at the new task definition.
        RollService ["dynamodb:GetItem", "ecs:UpdateService"],
        /// Reads the service's deployments; fails when it has gone back to the old task definition.
        PollRollout [
            "dynamodb:GetItem",
            "ecs:DescribeServices",
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "logs:GetLogEvents",
        ],
        /// Asks the engine for its health and for what it serves through its load balancer; fails with its
        /// last words when its tasks keep dying.
        ProbeEngine [
            "dynamodb:GetItem",
            "ecs:DescribeServices",
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "logs:GetLogEvents",
        ],
        /// Writes the new configuration and the status: `InService`, `Stopped`, or the one before.
        SaveChange ["dynamodb:GetItem", "dynamodb:PutItem"],
        /// Writes the status `Failed` with the cause, the failed activity or the engine's last words,
        /// unless the row is another execution's by now.
        RecordFailure [
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "logs:GetLogEvents",
        ],
        /// Takes the instances of a model that did not start down to none.
        ReleaseCapacity [
            "autoscaling:UpdateAutoScalingGroup",
            "cloudformation:DescribeStackResource",
            "dynamodb:GetItem",
        ],
    }
}

/// The update workflow.
pub fn update() -> StateMachine {
    StateMachine::proven(draft())
}

pub(super) fn draft() -> Draft {
    use UpdateTask as T;
    let failure = &T::RecordFailure.state();
    let budgets = [CAPACITY, ROLLOUT, ENGINE];
    Draft::begin("Changes, starts or stops a model", &budgets, T::Validate.state())
        .task(T::Validate, T::MarkUpdating.state(), failure)
        .task(T::MarkUpdating, CAPACITY_CHANGES, failure)
        .choice(CAPACITY_CHANGES, capacity_changes())
        .task(T::SetCapacity, T::PollCapacity.state(), failure)
        .poll(poll_capacity(), failure)
        .choice(AFTER_CAPACITY, after_capacity())
        .choice(CONTAINER_CHANGES, container_changes())
        .task(T::RegisterTaskDefinition, T::RollService.state(), failure)
        .task(T::RollService, T::PollRollout.state(), failure)
        .poll(poll_rollout(), failure)
        .poll(probe_engine(), failure)
        .task(T::SaveChange, UPDATED, failure)
        .state(UPDATED, State::Succeed)
        .last_rites(T::RecordFailure, WAS_STARTING)
        .choice(
            WAS_STARTING,
            Choice::otherwise(FAILED)
                .when(Condition::Equals(CAPACITY_CHANGE, START), T::ReleaseCapacity.state()),
        )
        .last_rites(T::ReleaseCapacity, FAILED)
        .state(FAILED, State::Fail)
}

fn capacity_changes() -> Choice {
    let set = UpdateTask::SetCapacity.state();
    Choice::otherwise(CONTAINER_CHANGES)
        .when(Condition::Equals(CAPACITY_CHANGE, START), set.clone())
        .when(Condition::Equals(CAPACITY_CHANGE, STOP), set.clone())
        .when(Condition::Equals(CAPACITY_CHANGE, SCALE), set)
}

/// A started model must answer; a stopped one cannot; one that is scaled goes on answering.
fn after_capacity() -> Choice {
    Choice::otherwise(CONTAINER_CHANGES)
        .when(Condition::Equals(CAPACITY_CHANGE, START), UpdateTask::ProbeEngine.state())
        .when(Condition::Equals(CAPACITY_CHANGE, STOP), UpdateTask::SaveChange.state())
}

fn container_changes() -> Choice {
    Choice::otherwise(UpdateTask::SaveChange.state())
        .when(Condition::True(CONTAINER_CHANGE), UpdateTask::RegisterTaskDefinition.state())
}

fn poll_capacity() -> Poll {
    Poll {
        task: UpdateTask::PollCapacity.into(),
        done: Condition::True(CAPACITY_REACHED),
        next: AFTER_CAPACITY,
        budget: CAPACITY,
    }
}

fn poll_rollout() -> Poll {
    Poll {
        task: UpdateTask::PollRollout.into(),
        done: Condition::True(ROLLOUT_DONE),
        next: UpdateTask::ProbeEngine.state(),
        budget: ROLLOUT,
    }
}

fn probe_engine() -> Poll {
    Poll {
        task: UpdateTask::ProbeEngine.into(),
        done: Condition::True(ENGINE_ANSWERED),
        next: UpdateTask::SaveChange.state(),
        budget: ENGINE,
    }
}
