//! What the executor adds to the machines: retries, their pauses, crashes in mid-task, and what is at the edges.

use super::*;
use crate::model;
use crate::{Retry, TaskName};

fn throttled() -> TaskError {
    TaskError { name: "Throttled".to_owned(), cause: "too fast".to_owned() }
}

fn due(execution: &mut Execution) -> TaskName {
    match execution.step() {
        Step::Run { invocation, .. } => invocation.task,
        other => panic!("{other:?}"),
    }
}

fn created() -> Execution {
    Execution::new(model::create(), "e", json!({ "model_id": "m" }))
}

#[test]
fn a_throttled_task_is_tried_again_after_growing_pauses_and_then_caught() {
    let mut execution = created();
    let mut pauses = Vec::new();
    loop {
        match execution.step() {
            Step::Run { invocation, .. } if invocation.task.as_str() == "Validate" => {
                execution.finish(Err(throttled()));
            }
            Step::Wait { seconds, at_most } => {
                assert!(at_most);
                pauses.push(seconds);
            }
            Step::Run { invocation, .. } => {
                assert_eq!(invocation.task.as_str(), "RecordFailure");
                break;
            }
            Step::End(end) => panic!("{end}"),
        }
    }
    assert_eq!(pauses, [2, 4, 8, 16, 32, 60]);
    assert_eq!(pauses.len(), Retry::THROTTLING.max_attempts as usize);
    assert_eq!(execution.state()["failure"], json!({ "Error": "Throttled", "Cause": "too fast" }));
}

#[test]
fn another_error_is_caught_at_once() {
    let mut execution = created();
    due(&mut execution);
    execution.finish(Err(TaskError { name: "Invalid".to_owned(), cause: "no".to_owned() }));
    assert_eq!(due(&mut execution).as_str(), "RecordFailure");
}

#[test]
fn retries_are_counted_anew_in_each_state() {
    let mut execution = created();
    for _ in 0..5 {
        due(&mut execution);
        execution.finish(Err(throttled()));
        assert!(matches!(execution.step(), Step::Wait { .. }));
    }
    due(&mut execution);
    execution.finish(Ok(json!({ "model_id": "m" })));
    assert_eq!(due(&mut execution).as_str(), "MarkCreating");
    execution.finish(Err(throttled()));
    assert_eq!(execution.step(), Step::Wait { seconds: 2, at_most: true });
}

#[test]
fn a_task_that_was_not_finished_is_due_again() {
    let mut execution = created();
    assert_eq!(execution.step(), execution.step());
    assert_eq!(execution.trace().len(), 2, "{:?}", execution.trace());
}

#[test]
fn a_task_that_answers_no_object_cannot_break_the_walk() {
    let mut execution = created();
    due(&mut execution);
    execution.finish(Ok(json!(7)));
    due(&mut execution);
    execution.finish(Err(TaskError { name: "Odd".to_owned(), cause: "a number".to_owned() }));
    assert_eq!(execution.state()["failure"]["Cause"], "a number");
}
