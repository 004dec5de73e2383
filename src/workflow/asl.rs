//! The Amazon States Language of a machine, as the definition of an `AWS::StepFunctions::StateMachine`.
//!
//! It is written in JSONPath, the language's default, and without a `QueryLanguage` field: JSONata and that
//! field are younger than the oldest Step Functions among the partitions. What only the stack knows stands
//! as `${Name}` and is filled in by the resource's `DefinitionSubstitutions`.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::budget::Budget;
use crate::choice::{Choice, Condition, Rule};
use crate::machine::StateMachine;
use crate::path::Path;
use crate::retry::{ErrorName, Retry};
use crate::state::{Edit, State, Task};

#[cfg(test)]
mod tests;

/// A value that the stack puts into the definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Substitution {
    /// The ARN of the models function, which runs every task.
    ModelsFunction,
    /// The ARN by which a task invokes a function in the stack's partition: `arn:aws:states:::lambda:invoke`.
    /// Whole, because checkers of templates take a placeholder for a resource and not for a part of one.
    InvokeLambda,
}

impl Substitution {
    /// Every substitution; each definition uses all of them.
    pub const ALL: [Self; 2] = [Self::ModelsFunction, Self::InvokeLambda];

    /// The key in `DefinitionSubstitutions`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ModelsFunction => "ModelsFunction",
            Self::InvokeLambda => "InvokeLambda",
        }
    }
}

/// The placeholder as it stands in the definition: `${ModelsFunction}`.
impl fmt::Display for Substitution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{{}}}", self.key())
    }
}

impl StateMachine {
    /// The definition, with a placeholder for each [`Substitution`].
    pub fn to_asl(&self) -> Value {
        let states: Map<String, Value> =
            self.states().iter().map(|(name, state)| (name.to_string(), write_state(state))).collect();
        json!({
            "Comment": self.comment(),
            "StartAt": self.start().as_str(),
            "TimeoutSeconds": self.timeout_seconds(),
            "States": states,
        })
    }
}

fn write_state(state: &State) -> Value {
    match state {
        State::Task(task) => write_task(task),
        State::Choice(choice) => write_choice(choice),
        State::Wait { seconds, next } => json!({"Type": "Wait", "Seconds": seconds, "Next": next.as_str()}),
        State::Pass { edit, next } => {
            let mut pass = write_edit(edit);
            pass["Type"] = json!("Pass");
            pass["Next"] = json!(next.as_str());
            pass
        }
        State::Succeed => json!({"Type": "Succeed"}),
        State::Fail => json!({
            "Type": "Fail",
            "ErrorPath": format!("{}.Error", Path::FAILURE),
            "CausePath": format!("{}.Cause", Path::FAILURE),
        }),
    }
}

fn write_task(task: &Task) -> Value {
    let mut payload = json!(task.task);
    payload["execution.$"] = json!("$$.Execution.Id");
    payload["state.$"] = json!("$");
    let catch: Vec<Value> = task
        .catch
        .iter()
        .map(|catch| {
            let errors = [ErrorName::All.as_str()];
            json!({"ErrorEquals": errors, "ResultPath": catch.result.as_str(), "Next": catch.next.as_str()})
        })
        .collect();
    json!({
        "Type": "Task",
        "Resource": Substitution::InvokeLambda.to_string(),
        "Parameters": {"FunctionName": Substitution::ModelsFunction.to_string(), "Payload": payload},
        "OutputPath": "$.Payload",
        "TimeoutSeconds": task.timeout_seconds,
        "Retry": task.retries.iter().map(write_retry).collect::<Vec<_>>(),
        "Catch": catch,
        "Next": task.next.as_str(),
    })
}

fn write_retry(retry: &Retry) -> Value {
    json!({
        "ErrorEquals": retry.errors.iter().map(|error| error.as_str()).collect::<Vec<_>>(),
        "IntervalSeconds": retry.interval_seconds,
        "MaxAttempts": retry.max_attempts,
        // statelint takes a number without a fraction for no rate.
        "BackoffRate": f64::from(retry.backoff_rate),
        "MaxDelaySeconds": retry.max_delay_seconds,
        "JitterStrategy": if retry.full_jitter { "FULL" } else { "NONE" },
    })
}

fn write_choice(choice: &Choice) -> Value {
    let rules: Vec<Value> = choice.rules.iter().map(write_rule).collect();
    json!({"Type": "Choice", "Choices": rules, "Default": choice.default.as_str()})
}

fn write_rule(rule: &Rule) -> Value {
    let mut written = match rule.when {
        Condition::True(path) => present_and(path, "BooleanEquals", &json!(true)),
        Condition::Equals(path, text) => present_and(path, "StringEquals", &json!(text)),
        Condition::Spent(budget) => {
            let left = format!("{}.left", counter(budget));
            json!({"Or": [
                {"Variable": left, "IsPresent": false},
                {"Variable": left, "NumericLessThanEquals": 0},
            ]})
        }
    };
    written["Next"] = json!(rule.next.as_str());
    written
}

fn present_and(path: Path, test: &str, value: &Value) -> Value {
    json!({"And": [
        {"Variable": path.as_str(), "IsPresent": true},
        {"Variable": path.as_str(), test: value},
    ]})
}

fn write_edit(edit: &Edit) -> Value {
    match edit {
        Edit::FillBudgets(budgets) => {
            let polls: Map<String, Value> = budgets
                .iter()
                .map(|budget| (budget.counter.to_owned(), json!({"left": budget.polls})))
                .collect();
            json!({"Result": polls, "ResultPath": Path::POLLS.as_str()})
        }
        Edit::CountDown(budget) => {
            let counter = counter(*budget);
            json!({
                "Parameters": {"left.$": format!("States.MathAdd({counter}.left, -1)")},
                "ResultPath": counter,
            })
        }
        Edit::Blame { error, cause } => {
            json!({"Result": {"Error": error, "Cause": cause}, "ResultPath": Path::FAILURE.as_str()})
        }
    }
}

/// Where a budget's counter stands: an object with the one field `left`, since a `Pass` can only make
/// objects.
fn counter(budget: Budget) -> String {
    format!("{}.{}", Path::POLLS, budget.counter)
}
