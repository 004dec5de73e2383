//! A small executor for tests: reads the description as Step Functions reads its emission, with time as a
//! number.

use serde_json::{Value, json};

use crate::{Condition, Edit, Path, State, StateMachine, TaskName};

/// What happened.
pub(crate) struct Walk {
    pub(crate) tasks: Vec<TaskName>,
    pub(crate) state: Value,
    pub(crate) seconds: u64,
    pub(crate) end: String,
}

/// Walks the machine from its start to an end; `run` stands for the function that does the tasks.
pub(crate) fn walk(
    machine: &StateMachine,
    input: Value,
    mut run: impl FnMut(TaskName, &mut Value) -> Result<(), &'static str>,
) -> Walk {
    let mut walk = Walk { tasks: Vec::new(), state: input, seconds: 0, end: String::new() };
    let mut at = machine.start();
    loop {
        at = match machine.state(at).unwrap() {
            State::Succeed | State::Fail => {
                walk.end = at.to_string();
                return walk;
            }
            State::Wait { seconds, next } => {
                walk.seconds += u64::from(*seconds);
                next
            }
            State::Pass { edit, next } => {
                apply(edit, &mut walk.state);
                next
            }
            State::Choice(choice) => {
                let rule = choice.rules.iter().find(|rule| holds(&rule.when, &walk.state));
                rule.map_or(&choice.default, |rule| &rule.next)
            }
            State::Task(task) => {
                walk.tasks.push(task.task);
                match run(task.task, &mut walk.state) {
                    Ok(()) => &task.next,
                    Err(cause) => {
                        let catch = task.catch.as_ref().unwrap();
                        walk.state[field(catch.result)] = json!({"Error": "Broken", "Cause": cause});
                        &catch.next
                    }
                }
            }
        }
    }
}

fn field(path: Path) -> &'static str {
    path.as_str().strip_prefix("$.").unwrap()
}

fn read(path: Path, state: &Value) -> Option<&Value> {
    state.pointer(&format!("/{}", field(path).replace('.', "/")))
}

fn holds(condition: &Condition, state: &Value) -> bool {
    match condition {
        Condition::True(path) => read(*path, state) == Some(&json!(true)),
        Condition::Equals(path, text) => read(*path, state) == Some(&json!(text)),
        Condition::Spent(budget) => {
            state["polls"][budget.counter]["left"].as_i64().is_none_or(|left| left <= 0)
        }
    }
}

fn apply(edit: &Edit, state: &mut Value) {
    match edit {
        Edit::FillBudgets(budgets) => {
            for budget in budgets {
                state["polls"][budget.counter]["left"] = json!(budget.polls);
            }
        }
        Edit::CountDown(budget) => {
            let left = state["polls"][budget.counter]["left"].as_i64().unwrap();
            state["polls"][budget.counter]["left"] = json!(left - 1);
        }
        Edit::Blame { error, cause } => state["failure"] = json!({"Error": error, "Cause": cause}),
    }
}
