//! An execution in process: walks a machine as Step Functions walks its emission, one step at a time.
//!
//! It does no I/O and knows no clock. Whoever holds it runs the task that [`Execution::step`] asks for and tells the
//! outcome to [`Execution::finish`], or lets the time pass that it asks for, and asks again.

use std::fmt;

use serde_json::{Value, json};

use crate::budget::Budget;
use crate::choice::{Choice, Condition};
use crate::machine::StateMachine;
use crate::name::StateName;
use crate::path::Path;
use crate::retry::ErrorName;
use crate::state::{Edit, State, Task};
use crate::task::Invocation;

/// Why a task failed, as its function reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskError {
    /// What retries are chosen by: `Throttled`.
    pub name: String,
    /// The reason, for people.
    pub cause: String,
}

/// What an execution needs to go on.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Run a task, and tell [`Execution::finish`] how it went.
    Run {
        /// The task and what it gets.
        invocation: Invocation,
        /// Seconds after which it counts as failed with [`ErrorName::Timeout`].
        timeout_seconds: u32,
    },
    /// Let time pass.
    Wait {
        /// How long.
        seconds: u32,
        /// Whether any shorter time will do as well: the pause before a retry, which is spread at random.
        at_most: bool,
    },
    /// Nothing: it is over.
    End(End),
}

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In a `Succeed` state.
    Succeeded,
    /// In a `Fail` state.
    Failed,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        })
    }
}

/// One execution of a machine.
#[derive(Clone, Debug)]
pub struct Execution {
    machine: StateMachine,
    id: String,
    at: StateName,
    state: Value,
    /// Retries made so far of the task that is due, by the policies of its list.
    retries: Vec<u32>,
    /// Seconds to pass before the task that is due is tried again.
    pause: Option<(u32, bool)>,
    trace: Vec<StateName>,
}

impl Execution {
    /// An execution at its start. `id` is what tasks know it by.
    pub fn new(machine: StateMachine, id: impl Into<String>, input: Value) -> Self {
        let at = machine.start().clone();
        let trace = vec![at.clone()];
        Self { machine, id: id.into(), at, state: input, retries: Vec::new(), pause: None, trace }
    }

    /// What it carries.
    pub fn state(&self) -> &Value {
        &self.state
    }

    /// The states that it has entered, in order.
    pub fn trace(&self) -> &[StateName] {
        &self.trace
    }

    /// What is to be done next. Asked again before [`Self::finish`], a task is due again: as after a crash.
    pub fn step(&mut self) -> Step {
        if let Some((seconds, at_most)) = self.pause.take() {
            return Step::Wait { seconds, at_most };
        }
        loop {
            let next = match self.machine.state(&self.at).cloned() {
                Some(State::Task(task)) => return self.run(&task),
                Some(State::Wait { seconds, next }) => {
                    self.enter(next);
                    return Step::Wait { seconds, at_most: false };
                }
                Some(State::Choice(choice)) => self.choose(&choice),
                Some(State::Pass { edit, next }) => {
                    self.apply(&edit);
                    next
                }
                Some(State::Succeed) => return Step::End(End::Succeeded),
                // A machine has a state for every transition, so that the second case never happens.
                Some(State::Fail) | None => return Step::End(End::Failed),
            };
            self.enter(next);
        }
    }

    /// Tells how the task went that [`Self::step`] asked for: the whole state to go on with, or why it failed.
    pub fn finish(&mut self, outcome: Result<Value, TaskError>) {
        let Some(State::Task(task)) = self.machine.state(&self.at).cloned() else { return };
        match outcome {
            Ok(state) => {
                self.state = state;
                self.enter(task.next);
            }
            Err(error) => self.fail(task, &error),
        }
    }

    fn run(&self, task: &Task) -> Step {
        let invocation =
            Invocation { task: task.task, execution: self.id.clone(), state: self.state.clone() };
        Step::Run { invocation, timeout_seconds: task.timeout_seconds }
    }

    /// Tries again if a retry is left for the error, and else goes where the catch leads.
    fn fail(&mut self, task: Task, error: &TaskError) {
        self.retries.resize(task.retries.len(), 0);
        let matches = |names: &[ErrorName]| {
            names.iter().any(|name| *name == ErrorName::All || name.as_str() == error.name)
        };
        let retry = task.retries.iter().position(|retry| matches(retry.errors));
        if let Some(index) = retry
            && self.retries[index] < task.retries[index].max_attempts
        {
            let retry = task.retries[index];
            self.pause = Some((retry.pause_seconds(self.retries[index]), retry.full_jitter));
            self.retries[index] += 1;
            return;
        }
        let Some(catch) = task.catch else { return };
        put(&mut self.state, catch.result, json!({ "Error": error.name, "Cause": error.cause }));
        self.enter(catch.next);
    }

    fn enter(&mut self, next: StateName) {
        self.retries.clear();
        self.trace.push(next.clone());
        self.at = next;
    }

    fn choose(&self, choice: &Choice) -> StateName {
        let rule = choice.rules.iter().find(|rule| self.holds(&rule.when));
        rule.map_or(&choice.default, |rule| &rule.next).clone()
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::True(path) => read(&self.state, *path) == Some(&Value::Bool(true)),
            Condition::Equals(path, text) => read(&self.state, *path).and_then(Value::as_str) == Some(*text),
            Condition::Spent(budget) => self.left(*budget).is_none_or(|left| left <= 0),
        }
    }

    fn left(&self, budget: Budget) -> Option<i64> {
        read(&self.state, Path::POLLS)?.get(budget.counter)?.get("left")?.as_i64()
    }

    fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::FillBudgets(budgets) => {
                let polls =
                    budgets.iter().map(|budget| (budget.counter.to_owned(), json!({ "left": budget.polls })));
                put(&mut self.state, Path::POLLS, Value::Object(polls.collect()));
            }
            Edit::CountDown(budget) => {
                let left = self.left(*budget).unwrap_or_default() - 1;
                if let Some(polls) = self.state.get_mut("polls") {
                    polls[budget.counter] = json!({ "left": left });
                }
            }
            Edit::Blame { error, cause } => {
                put(&mut self.state, Path::FAILURE, json!({ "Error": error, "Cause": cause }));
            }
        }
    }
}

/// What stands at a path.
fn read(state: &Value, path: Path) -> Option<&Value> {
    path.fields().try_fold(state, |value, field| value.get(field))
}

/// Puts a value at a path, which has one field.
fn put(state: &mut Value, path: Path, value: Value) {
    if !state.is_object() {
        *state = json!({});
    }
    if let Some(field) = path.fields().next() {
        state[field] = value;
    }
}

#[cfg(test)]
mod tests;
