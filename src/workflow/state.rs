//! The states a machine is made of, and where each can go next.

use crate::budget::Budget;
use crate::choice::Choice;
use crate::name::StateName;
use crate::path::Path;
use crate::retry::{Catch, Retry};
use crate::task::TaskName;

/// One state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Runs a task of the workflow's function.
    Task(Task),
    /// Picks the next state.
    Choice(Choice),
    /// Lets time pass.
    Wait {
        /// How long.
        seconds: u32,
        /// What comes then.
        next: StateName,
    },
    /// Changes the state without a call.
    Pass {
        /// The change.
        edit: Edit,
        /// What comes then.
        next: StateName,
    },
    /// Ends the execution well.
    Succeed,
    /// Ends the execution as failed, with the error and cause that stand at [`Path::FAILURE`].
    Fail,
}

/// A change that a `Pass` state makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Fills every poll budget. Only the first state may do so: a refill inside a loop would undo its limit.
    FillBudgets(Vec<Budget>),
    /// Takes one poll off a budget.
    CountDown(Budget),
    /// Puts a failure at [`Path::FAILURE`], in the shape of a caught error.
    Blame {
        /// The error's name.
        error: &'static str,
        /// The cause, in words.
        cause: String,
    },
}

/// A call of the workflow's function. The task gets the whole state and answers with the whole state to go
/// on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What to run.
    pub task: TaskName,
    /// Seconds that one attempt may take.
    pub timeout_seconds: u32,
    /// Tried in order; each keeps its own count.
    pub retries: Vec<Retry>,
    /// Where any other error leads.
    pub catch: Option<Catch>,
    /// What comes after success.
    pub next: StateName,
}

impl Task {
    /// Seconds that one attempt may take; the models function's own time-out must not be longer.
    pub const TIMEOUT_SECONDS: u32 = 60;
    /// Seconds that one attempt of a poll may take: it only reads.
    pub const POLL_TIMEOUT_SECONDS: u32 = 30;

    /// A task with the house's retries and no catch yet.
    pub fn new(task: impl Into<TaskName>, next: StateName) -> Self {
        let retries = vec![Retry::THROTTLING, Retry::PASSING];
        Self { task: task.into(), timeout_seconds: Self::TIMEOUT_SECONDS, retries, catch: None, next }
    }

    /// A task inside a poll loop: less patient, since the loop itself tries again.
    pub fn poll(task: impl Into<TaskName>, next: StateName) -> Self {
        let retries = vec![Retry::THROTTLING.at_most(4), Retry::PASSING.at_most(2)];
        Self { timeout_seconds: Self::POLL_TIMEOUT_SECONDS, retries, ..Self::new(task, next) }
    }

    /// Leads every error to `next`, kept at `result`.
    pub fn caught(mut self, result: Path, next: StateName) -> Self {
        self.catch = Some(Catch { result, next });
        self
    }
}

impl State {
    /// Every state that can come next, errors included, in the order written.
    pub fn successors(&self) -> Vec<&StateName> {
        match self {
            Self::Task(task) => {
                std::iter::once(&task.next).chain(task.catch.iter().map(|catch| &catch.next)).collect()
            }
            Self::Choice(choice) => {
                let rules = choice.rules.iter().map(|rule| &rule.next);
                rules.chain(std::iter::once(&choice.default)).collect()
            }
            Self::Wait { next, .. } | Self::Pass { next, .. } => vec![next],
            Self::Succeed | Self::Fail => Vec::new(),
        }
    }

    /// Whether the execution ends here.
    pub const fn is_end(&self) -> bool {
        matches!(self, Self::Succeed | Self::Fail)
    }

    /// The longest one visit can take, in seconds: every attempt up to its time-out and every pause between
    /// them.
    pub fn longest_seconds(&self) -> u64 {
        match self {
            Self::Wait { seconds, .. } => u64::from(*seconds),
            Self::Task(task) => {
                let retries: u64 = task.retries.iter().map(|retry| u64::from(retry.max_attempts)).sum();
                let pauses: u64 = task.retries.iter().map(Retry::longest_pause_seconds).sum();
                (1 + retries) * u64::from(task.timeout_seconds) + pauses
            }
            Self::Choice(_) | Self::Pass { .. } | Self::Succeed | Self::Fail => 0,
        }
    }

    /// The most entries one visit can add to the execution's history.
    ///
    /// A state is entered and exited; a task's attempt is scheduled, started and ended.
    pub fn most_events(&self) -> u64 {
        match self {
            Self::Task(task) => {
                2 + 3 * (1 + task.retries.iter().map(|retry| u64::from(retry.max_attempts)).sum::<u64>())
            }
            _ => 2,
        }
    }
}
