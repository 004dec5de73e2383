//! Faults at every place: each call throttled or its answer lost, each task killed after its work, executions that race,
//! are stopped, and end without their own end.

use lisa_api::models::ModelStatus;
use lisa_workflow::{End, Execution, Step, TaskError, model};
use serde_json::{Value, json};

use super::stage::{Fault, Stage, external, hosted};
use crate::error::Error;
use crate::ports::{Workflow, Workflows as _};

const ID: &str = "mistral-vllm";

/// Runs a workflow by hand; `disturb` is asked before the outcome of the `n`th task is told.
async fn walk(
    stage: &Stage,
    workflow: Workflow,
    input: Value,
    disturb: impl Fn(usize) -> bool,
) -> (End, Vec<String>) {
    let machine = match workflow {
        Workflow::Create => model::create(),
        Workflow::Update => model::update(),
        Workflow::Delete => model::delete(),
    };
    let mut execution = Execution::new(machine, format!("by-hand:{}", workflow.name()), input);
    let mut count = 0;
    loop {
        match execution.step() {
            Step::Run { invocation, .. } => {
                let outcome = stage.tasks.run_in_process(invocation).await;
                let killed = TaskError { name: "Runtime.ExitError".to_owned(), cause: String::new() };
                execution.finish(if disturb(count) { Err(killed) } else { outcome });
                count += 1;
            }
            Step::Wait { .. } => {}
            Step::End(end) => {
                let trace = execution.trace().iter().map(ToString::to_string).collect();
                return (end, trace);
            }
        }
    }
}

fn create() -> Value {
    json!({ "model_id": ID, "request": hosted() })
}

fn update() -> Value {
    let environment = json!({ "environment": { "VLLM_SEED": "1" } });
    let scaling = json!({ "maxCapacity": 2 });
    let request = json!({ "containerConfig": environment, "autoScalingInstanceConfig": scaling });
    json!({ "model_id": ID, "request": request })
}

#[tokio::test]
async fn a_task_killed_after_any_step_changes_nothing() {
    let undisturbed = Stage::set();
    let (_, created) = walk(&undisturbed, Workflow::Create, create(), |_| false).await;
    let (_, updated) = walk(&undisturbed, Workflow::Update, update(), |_| false).await;
    let (_, deleted) = walk(&undisturbed, Workflow::Delete, json!({ "model_id": ID }), |_| false).await;
    for killed in 0..40 {
        let stage = Stage::set();
        let (end, trace) = walk(&stage, Workflow::Create, create(), |count| count == killed).await;
        assert_eq!(end, End::Succeeded, "{killed}: {trace:?}");
        assert_eq!(first_visits(&trace), first_visits(&created), "{killed}");
        let (end, trace) = walk(&stage, Workflow::Update, update(), |count| count == killed).await;
        assert_eq!((end, first_visits(&trace)), (End::Succeeded, first_visits(&updated)), "{killed}");
        assert_eq!(stage.status(ID).await, Some(ModelStatus::InService), "{killed}");
        let (end, trace) =
            walk(&stage, Workflow::Delete, json!({ "model_id": ID }), |count| count == killed).await;
        assert_eq!((end, first_visits(&trace)), (End::Succeeded, first_visits(&deleted)), "{killed}");
        assert!(stage.row(ID).await.is_none() && stage.fake.state().stacks.is_empty(), "{killed}");
    }
}

/// The states in the order of their first visit, without the way round of polls: how often is polled does not matter.
fn first_visits(trace: &[String]) -> Vec<&String> {
    let mut seen: Vec<&String> = Vec::new();
    for state in trace {
        let is_round = ["Count", "Wait"].iter().any(|suffix| state.ends_with(suffix));
        if !seen.contains(&state) && !is_round {
            seen.push(state);
        }
    }
    seen
}

#[tokio::test]
async fn any_call_may_be_throttled_or_lose_its_answer() {
    let quiet = Stage::set();
    quiet.in_service().await;
    let calls = quiet.fake.state().calls.len();
    assert!(calls > 10);
    for fault in [Fault::Throttled, Fault::Lost] {
        for index in 0..calls {
            let stage = Stage::set();
            stage.fake.state().fault = Some((index, fault));
            let (end, trace) = walk(&stage, Workflow::Create, create(), |_| false).await;
            assert_eq!(end, End::Succeeded, "{fault:?} at {index}: {trace:?} {}", stage.reason(ID).await);
            assert_eq!(stage.fake.state().stacks.len(), 1);
        }
    }
}

#[tokio::test]
async fn any_call_that_is_refused_ends_in_a_reason_and_can_be_deleted() {
    let quiet = Stage::set();
    quiet.in_service().await;
    let calls = quiet.fake.state().calls.len();
    for index in 0..calls {
        let stage = Stage::set();
        stage.fake.state().fault = Some((index, Fault::Refused));
        let (end, trace) = walk(&stage, Workflow::Create, create(), |_| false).await;
        let called = stage.fake.state().calls[index];
        // An engine that cannot be asked is asked again.
        if called == "GET" {
            assert_eq!(end, End::Succeeded);
            continue;
        }
        assert_eq!(end, End::Failed, "{called}: {trace:?}");
        assert_eq!(stage.status(ID).await, Some(ModelStatus::Failed), "{called}");
        assert!(stage.reason(ID).await.contains("AccessDenied"), "{called}: {}", stage.reason(ID).await);
        stage.fake.state().fault = None;
        let (end, _) = walk(&stage, Workflow::Delete, json!({ "model_id": ID }), |_| false).await;
        assert_eq!(end, End::Succeeded, "{called}");
        assert!(stage.row(ID).await.is_none() && stage.fake.state().stacks.is_empty(), "{called}");
    }
}

#[tokio::test]
async fn of_two_creations_at_once_one_wins() {
    let stage = Stage::set();
    let (hosted_one, hosted_two) = (hosted(), hosted());
    let (one, two) =
        tokio::join!(stage.management.create(&hosted_one, None), stage.management.create(&hosted_two, None));
    let won = [&one, &two].into_iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(won, 1, "{one:?} {two:?}");
    let lost = [one, two].into_iter().find_map(Result::err).unwrap();
    assert!(matches!(lost, Error::Exists(_)), "{lost:?}");
    stage.settled(ID).await;
    assert_eq!(stage.status(ID).await, Some(ModelStatus::InService));
    assert!(matches!(stage.management.create(&hosted(), None).await, Err(Error::Exists(_))));
}

#[tokio::test]
async fn a_repeated_creation_with_a_key_is_the_same_model() {
    let stage = Stage::set();
    let first = stage.management.create(&external(), Some("key")).await.unwrap();
    let again = stage.management.create(&external(), Some("key")).await.unwrap();
    assert_eq!(first.request, again.request);
    assert!(matches!(stage.management.create(&external(), Some("other")).await, Err(Error::Exists(_))));
    stage.management.delete("titan-express-v1").await.unwrap();
    let spent = stage.management.create(&external(), Some("key")).await.unwrap_err();
    assert!(matches!(spent, Error::Input(_)), "{spent:?}");
}

#[tokio::test]
async fn a_model_is_deleted_while_it_is_created() {
    let stage = Stage::set();
    // The stack never arrives: the creation polls on.
    let creation = {
        stage.fake.state().engine_polls = u32::MAX;
        stage.runner.start(Workflow::Create, "creation", &create()).await.unwrap()
    };
    while stage.row(ID).await.is_none_or(|row| row.parts.stack_id.is_empty()) {
        tokio::task::yield_now().await;
    }
    stage.management.delete(ID).await.unwrap();
    stage.settled(ID).await;
    stage.runner.ended(&creation).await;
    assert!(stage.row(ID).await.is_none() && stage.fake.state().stacks.is_empty());
}

#[tokio::test]
async fn a_creation_that_lost_its_row_writes_nothing_more() {
    let stage = Stage::set();
    stage.in_service().await;
    let (end, _) = walk(&stage, Workflow::Create, create(), |_| false).await;
    assert_eq!(end, End::Failed);
    assert_eq!(stage.status(ID).await, Some(ModelStatus::InService));
    assert_eq!(stage.reason(ID).await, "");
}

#[tokio::test]
async fn an_execution_that_ends_without_its_own_end_fails_its_model_and_no_other() {
    let stage = Stage::set();
    let event = |execution: &str, status: &str| {
        json!({
            "source": "aws.states",
            "detail-type": "Step Functions Execution Status Change",
            "detail": {
                "executionArn": execution,
                "status": status,
                "input": create().to_string(),
                "output": null,
            },
        })
    };
    let mut execution = Execution::new(model::create(), "lost", create());
    for _ in 0..4 {
        if let Step::Run { invocation, .. } = execution.step() {
            execution.finish(stage.tasks.run_in_process(invocation).await);
        }
    }
    assert_eq!(stage.status(ID).await, Some(ModelStatus::Creating));
    stage.tasks.ended(event("another", "ABORTED")).await.unwrap();
    assert_eq!(stage.status(ID).await, Some(ModelStatus::Creating));
    stage.tasks.ended(event("lost", "TIMED_OUT")).await.unwrap();
    assert_eq!(stage.status(ID).await, Some(ModelStatus::Failed));
    assert!(stage.reason(ID).await.contains("took longer than it may"));
    assert_eq!(stage.fake.state().group.desired, 0);
    // Replayed, it changes nothing.
    let row = stage.row(ID).await;
    stage.tasks.ended(event("lost", "TIMED_OUT")).await.unwrap();
    assert_eq!(stage.row(ID).await, row);
}

#[tokio::test]
async fn a_model_that_another_process_left_is_recovered() {
    let stage = Stage::set();
    stage.in_service().await;
    let mut row = stage.row(ID).await.unwrap();
    row.status = ModelStatus::Updating;
    row.execution = Some("local:update:gone".to_owned());
    row.revision += 1;
    assert!(stage.world.rows.put(&row).await.unwrap());
    stage.runner.recover().await.unwrap();
    assert_eq!(stage.status(ID).await, Some(ModelStatus::Failed));
    assert!(stage.reason(ID).await.contains("LISA was stopped"));
}
