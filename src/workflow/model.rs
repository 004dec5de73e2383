//! The three workflows of a model's life, and what their states share: fields, budgets and the failure path.
//!
//! The execution's input is the request with `model_id`; each task answers with the state it was given and
//! what it adds. Tasks are idempotent: any of them may run twice, and the second run finds the first one's
//! work.

mod create;
mod delete;
mod update;

pub use create::{CreateTask, create};
pub use delete::{DeleteTask, delete};
pub use update::{UpdateTask, update};

use crate::{Budget, Draft, Edit, Path, State, StateName, Task, TaskName};

/// The first state of every workflow: fills its poll budgets.
pub const BEGIN: StateName = StateName::new("Begin");
/// The last state of every workflow that did not succeed; the model's row says why.
pub const FAILED: StateName = StateName::new("Failed");

/// The model gets a stack of its own; set by `Validate`. Otherwise it is external and has no infrastructure.
pub const HOSTED: Path = Path::new("$.hosted");
/// The stack has arrived where it was sent; set by `PollStack` and `PollStackGone`.
pub const STACK_SETTLED: Path = Path::new("$.stack.settled");
/// The stack exists; set by `FindStack`.
pub const STACK_FOUND: Path = Path::new("$.stack.found");
/// The engine has answered `/health` and `/v1/models`; set by `ProbeEngine`.
pub const ENGINE_ANSWERED: Path = Path::new("$.engine.answered");
/// The group has as many healthy instances as wanted; set by `PollCapacity`.
pub const CAPACITY_REACHED: Path = Path::new("$.capacity.reached");
/// The service runs the new task definition alone; set by `PollRollout`.
pub const ROLLOUT_DONE: Path = Path::new("$.rollout.done");
/// Another workflow of the model was running and has been stopped; set by `StopWorkflow`.
pub const INTERRUPTED: Path = Path::new("$.interrupted");
/// What an update does to the instances: one of [`START`], [`STOP`], [`SCALE`], or absent; set by `Validate`.
pub const CAPACITY_CHANGE: Path = Path::new("$.change.capacity");
/// Whether an update has new container settings for a running model; set by `Validate`.
pub const CONTAINER_CHANGE: Path = Path::new("$.change.container");

/// [`CAPACITY_CHANGE`]: a stopped model gets its configured instances back.
pub const START: &str = "start";
/// [`CAPACITY_CHANGE`]: a model in service loses all instances.
pub const STOP: &str = "stop";
/// [`CAPACITY_CHANGE`]: a model in service gets other limits.
pub const SCALE: &str = "scale";

/// Seconds between two polls: short beside a stack's or an engine's minutes, long beside the services' rate
/// limits.
const EVERY_SECONDS: u32 = 30;
/// Polls in an hour.
const HOUR: u32 = 3600 / EVERY_SECONDS;

/// 60 minutes for a stack to be made.
pub const STACK: Budget = Budget {
    counter: "stack",
    polls: HOUR,
    every_seconds: EVERY_SECONDS,
    unmet: "the stack was not complete",
};
/// 60 minutes for a stack to be deleted; network interfaces alone can take 20.
pub const STACK_GONE: Budget = Budget {
    counter: "stack",
    polls: HOUR,
    every_seconds: EVERY_SECONDS,
    unmet: "the stack was not deleted",
};
/// 60 minutes from running instances to the first answer: pull the image, copy the weights, load them.
pub const ENGINE: Budget = Budget {
    counter: "engine",
    polls: HOUR,
    every_seconds: EVERY_SECONDS,
    unmet: "the engine had not answered",
};
/// 30 minutes for instances to come or go; where there are none to be had, waiting longer rarely helps.
pub const CAPACITY: Budget = Budget {
    counter: "capacity",
    polls: HOUR / 2,
    every_seconds: EVERY_SECONDS,
    unmet: "the wanted number of instances was not reached",
};
/// 60 minutes for the service to replace its tasks, each of which copies and loads the weights anew.
pub const ROLLOUT: Budget = Budget {
    counter: "rollout",
    polls: HOUR,
    every_seconds: EVERY_SECONDS,
    unmet: "the service had not taken over the new settings",
};

impl Draft {
    /// A workflow that fills its budgets first.
    fn begin(comment: &'static str, budgets: &[Budget], next: StateName) -> Self {
        let fill = Edit::FillBudgets(budgets.to_vec());
        Self::new(comment, BEGIN).state(BEGIN, State::Pass { edit: fill, next })
    }

    /// A task of the failure path. Should it fail too, the first failure stays, and the execution ends all
    /// the same.
    fn last_rites(self, task: impl Into<TaskName>, next: StateName) -> Self {
        let task = Task::new(task, next).caught(Path::SECOND_FAILURE, FAILED);
        self.state(task.task.state(), State::Task(task))
    }
}

#[cfg(test)]
mod tests;
