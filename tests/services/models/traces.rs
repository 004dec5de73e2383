//! The state machines as the emulator's Step Functions walks them and as the executor in process does: the same states in
//! the same order.

use std::time::{Duration, Instant};

use lisa_signed::service::STEP_FUNCTIONS;
use lisa_stacks::Naming;
use lisa_workflow::{End, Execution, Step, model};
use serde_json::{Value, json};

use super::place::{Place, REGION, request};

/// Longer than a workflow takes on a crowded machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Runs a workflow by Step Functions; returns the states that were entered, and how it ended.
fn by_step_functions(place: &Place, workflow: &str, input: &Value) -> (Vec<String>, String) {
    let name = Naming::new(&place.config).model_workflow(workflow);
    let machine = format!("arn:aws:states:{REGION}:000000000000:stateMachine:{name}");
    let asked = json!({ "stateMachineArn": machine, "input": input.to_string() });
    let started = place.call(&STEP_FUNCTIONS, "StartExecution", &asked);
    let execution = json!({ "executionArn": started["executionArn"] });
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        let described = place.call(&STEP_FUNCTIONS, "DescribeExecution", &execution);
        match described["status"].as_str().unwrap() {
            "RUNNING" if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(100)),
            status => break status.to_owned(),
        }
    };
    let mut asked = execution;
    asked["maxResults"] = json!(1000);
    let history = place.call(&STEP_FUNCTIONS, "GetExecutionHistory", &asked);
    let events = history["events"].as_array().unwrap().iter();
    let entered = events.filter_map(|event| event["stateEnteredEventDetails"]["name"].as_str());
    (entered.map(str::to_owned).collect(), status)
}

/// Walks the machine in process with tasks that do what the world did there: polls take the same number of rounds.
fn in_process(machine: lisa_workflow::StateMachine, input: Value, entered: &[String]) -> (Vec<String>, End) {
    let mut execution = Execution::new(machine, "e", input);
    loop {
        match execution.step() {
            Step::Run { invocation, .. } => {
                let at = execution.trace().len();
                let name = invocation.task.as_str();
                let mut state = invocation.state;
                // What came next there tells what the task had found.
                let next = entered.get(at).map(String::as_str).unwrap_or_default();
                if next == "RecordFailure" {
                    execution.finish(Err(lisa_workflow::TaskError {
                        name: "Hopeless".to_owned(),
                        cause: "as there".to_owned(),
                    }));
                    continue;
                }
                let is_last = entered.get(at + 1).is_some_and(|after| !after.ends_with("Count"));
                match name {
                    "Validate" => {
                        state["hosted"] = json!(true);
                        state["change"] = json!({ "capacity": "stop" });
                    }
                    "FindStack" => {
                        state["stack"]["found"] = json!(entered.iter().any(|one| one == "DeleteStack"));
                    }
                    "PollStack" | "PollStackGone" => state["stack"]["settled"] = json!(is_last),
                    "ProbeEngine" => state["engine"]["answered"] = json!(is_last),
                    "PollCapacity" => state["capacity"]["reached"] = json!(is_last),
                    _ => {}
                }
                execution.finish(Ok(state));
            }
            Step::Wait { .. } => {}
            Step::End(end) => {
                return (execution.trace().iter().map(ToString::to_string).collect(), end);
            }
        }
    }
}

#[test]
fn both_executors_walk_the_same_states() {
    let place = Place::set();
    let create = json!({ "model_id": "mistral", "request": request("mistral") });
    let (entered, status) = by_step_functions(&place, "create", &create);
    assert_eq!(status, "SUCCEEDED", "{entered:?} {}", place.log());
    assert_eq!(in_process(model::create(), create.clone(), &entered), (entered, End::Succeeded));

    let stop = json!({ "model_id": "mistral", "request": { "enabled": false } });
    let (entered, status) = by_step_functions(&place, "update", &stop);
    assert_eq!(status, "SUCCEEDED", "{entered:?}");
    assert_eq!(in_process(model::update(), stop, &entered), (entered, End::Succeeded));

    // The id is taken: the workflow fails where it marks its row, and leaves the row alone.
    let (entered, status) = by_step_functions(&place, "create", &create);
    assert_eq!(status, "FAILED", "{entered:?}");
    assert_eq!(in_process(model::create(), create, &entered), (entered, End::Failed));

    let delete = json!({ "model_id": "mistral" });
    let (entered, status) = by_step_functions(&place, "delete", &delete);
    assert_eq!(status, "SUCCEEDED", "{entered:?}");
    assert_eq!(in_process(model::delete(), delete, &entered), (entered, End::Succeeded));

    // The engine dies of its arguments; the weights of another model are not there.
    for (break_it, expected) in [
        (
            json!({ "containerConfig": { "environment": { "QUANTIZE": "odd" } } }),
            "unknown quantization method",
        ),
        (json!({ "modelName": "no/weights" }), "has nothing under `no/weights/`"),
    ] {
        let mut broken = request("broken");
        merge(&mut broken, &break_it);
        let input = json!({ "model_id": "broken", "request": broken });
        let (entered, status) = by_step_functions(&place, "create", &input);
        assert_eq!(status, "FAILED", "{entered:?}");
        assert_eq!(in_process(model::create(), input, &entered), (entered, End::Failed));
        let row = place.does(&["model", "get", "broken"]);
        assert_eq!(row["status"], "Failed");
        assert!(row["failureReason"].as_str().unwrap().contains(expected), "{row}");
        place.does(&["model", "delete", "broken", "--yes", "--wait"]);
    }
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}
