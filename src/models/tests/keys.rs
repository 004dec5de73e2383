//! Keys of models elsewhere while requests race, fail half-way or are repeated: each model keeps its own, and none is left.

use std::sync::Arc;

use async_trait::async_trait;
use lisa_api::models::CreateModelRequest;
use lisa_workflow::model::{self, DeleteTask};
use lisa_workflow::{Execution, Step, TaskName};
use serde_json::{Value, json};

use super::stage::{Fault, Stage};
use crate::Management;
use crate::error::Error;
use crate::local::Runner;
use crate::ports::{Ran, Workflow, Workflows};
use crate::row::Row;
use crate::world::World;

const ID: &str = "other";

fn request(key: Option<&str>) -> Value {
    let mut request = json!({ "modelId": ID, "modelName": "openai/gpt-4o", "modelType": "textgen",
        "modelUrl": "https://models.example.com/v1" });
    if let Some(key) = key {
        request["apiKey"] = json!(key);
    }
    request
}

fn kept(stage: &Stage) -> Option<String> {
    stage.fake.state().keys.get(ID).cloned()
}

/// Workflows that cannot be started, or are started a moment after somebody else's.
struct Disturbed {
    runner: Runner,
    /// Where the other's row is written; without, no workflow starts.
    world: Option<World>,
}

#[async_trait]
impl Workflows for Disturbed {
    async fn start(&self, workflow: Workflow, name: &str, input: &Value) -> Result<String, Error> {
        let Some(world) = &self.world else {
            return Err(Error::Throttled("too many executions are started".to_owned()));
        };
        let mut other = Row::new(CreateModelRequest::parse(&request(None)).unwrap(), "another");
        other.revision = 1;
        assert!(world.rows.put(&other).await.unwrap());
        self.runner.start(workflow, name, input).await
    }

    async fn describe(&self, execution: &str) -> Result<Option<Ran>, Error> {
        self.runner.describe(execution).await
    }

    async fn stop(&self, execution: &str, why: &str) -> Result<(), Error> {
        self.runner.stop(execution, why).await
    }
}

fn disturbed(stage: &Stage, world: Option<World>) -> Management {
    let workflows = Arc::new(Disturbed { runner: stage.runner.clone(), world });
    Management::new(World { workflows, ..stage.world.clone() })
}

#[tokio::test]
async fn of_two_creations_with_keys_the_winner_keeps_its_own() {
    let stage = Stage::set();
    let (one, two) = (request(Some("sk-one")), request(Some("sk-two")));
    let (first, second) =
        tokio::join!(stage.management.create(&one, None), stage.management.create(&two, None));
    let expected = match (&first, &second) {
        (Ok(_), Err(Error::KeyExists { .. } | Error::Exists(_))) => "sk-one",
        (Err(Error::KeyExists { .. } | Error::Exists(_)), Ok(_)) => "sk-two",
        _ => panic!("{first:?} {second:?}"),
    };
    assert_eq!(kept(&stage).as_deref(), Some(expected));
}

#[tokio::test]
async fn a_key_that_is_there_is_not_written_over_and_is_named() {
    let stage = Stage::set();
    stage.fake.state().keys.insert(ID.to_owned(), "sk-of-another".to_owned());
    let refused = stage.management.create(&request(Some("sk-one")), None).await.unwrap_err();
    assert_eq!(refused.name(), "ModelAlreadyExistsError");
    assert!(refused.to_string().contains("demo-lisa-prod-model-other"), "{refused}");
    assert_eq!(kept(&stage).as_deref(), Some("sk-of-another"));
}

#[tokio::test]
async fn a_model_that_is_not_made_leaves_no_key() {
    let stage = Stage::set();
    let management = disturbed(&stage, None);
    let failed = management.create(&request(Some("sk-one")), None).await.unwrap_err();
    assert!(matches!(failed, Error::Throttled(_)), "{failed:?}");
    assert_eq!(kept(&stage), None);
}

#[tokio::test]
async fn a_key_that_stays_behind_is_said() {
    let stage = Stage::set();
    let management = disturbed(&stage, None);
    // The first call makes the key, the second removes it.
    stage.fake.state().fault = Some((1, Fault::Refused));
    let failed = management.create(&request(Some("sk-one")), None).await.unwrap_err().to_string();
    for part in ["too many executions", "`DeleteSecret` was refused", "`demo-lisa-prod-model-other`"] {
        assert!(failed.contains(part), "{failed}");
    }
    assert_eq!(kept(&stage).as_deref(), Some("sk-one"));
}

#[tokio::test]
async fn the_key_of_a_creation_that_lost_is_not_the_winners() {
    let stage = Stage::set();
    let management = disturbed(&stage, Some(stage.world.clone()));
    let lost = management.create(&request(Some("sk-one")), None).await.unwrap_err();
    assert!(matches!(lost, Error::Exists(_) | Error::Input(_)), "{lost:?}");
    assert_eq!(kept(&stage), None);
    assert_eq!(stage.row(ID).await.unwrap().execution.as_deref(), Some("another"));
}

#[tokio::test]
async fn a_repeated_removal_leaves_the_next_model_its_key() {
    let stage = Stage::set();
    stage.management.create(&request(Some("sk-one")), None).await.unwrap();
    stage.settled(ID).await;
    let input = json!({ "model_id": ID });
    let mut execution = Execution::new(model::delete(), "by-hand:delete".to_owned(), input);
    let mut removal = None;
    loop {
        match execution.step() {
            Step::Run { invocation, .. } => {
                if invocation.task == TaskName::Delete(DeleteTask::RemoveRow) {
                    removal = Some(invocation.clone());
                }
                execution.finish(stage.tasks.run_in_process(invocation).await);
            }
            Step::Wait { .. } => {}
            Step::End(_) => break,
        }
    }
    assert!(stage.row(ID).await.is_none() && kept(&stage).is_none());
    stage.management.create(&request(Some("sk-next")), None).await.unwrap();
    stage.tasks.run_in_process(removal.unwrap()).await.unwrap();
    assert_eq!(kept(&stage).as_deref(), Some("sk-next"));
    assert!(stage.row(ID).await.is_some());
}
