//! Whole lives of models: created, changed, stopped, started, deleted; and every way in which one can fail.

use lisa_api::models::ModelStatus;
use serde_json::json;

use super::stage::{Stage, death, external, hosted};
use crate::management::Asker;

const ID: &str = "mistral-vllm";

#[tokio::test]
async fn a_hosted_model_lives_from_creation_to_deletion() {
    let stage = Stage::set();
    stage.in_service().await;
    let row = stage.row(ID).await.unwrap();
    assert_eq!((row.url.as_str(), row.parts.group.as_str()), ("http://engine.local/v1", "group"));
    assert_eq!(row.parts.stack, "demo-mistral-vllm");
    let template = stage.fake.state().stacks["demo-mistral-vllm"].template.to_string();
    assert!(template.contains(&format!("sha256:{}", "a".repeat(64))), "the image of lisa-weights");

    stage.management.enable(ID, false).await.unwrap();
    stage.settled(ID).await;
    assert_eq!(stage.status(ID).await, Some(ModelStatus::Stopped));
    assert_eq!(stage.fake.state().group.desired, 0);

    stage.management.enable(ID, true).await.unwrap();
    stage.settled(ID).await;
    assert_eq!(stage.status(ID).await, Some(ModelStatus::InService));
    assert_eq!(stage.fake.state().group.desired, 1);

    stage.management.delete(ID).await.unwrap();
    stage.settled(ID).await;
    assert_eq!(stage.row(ID).await, None);
    assert!(stage.fake.state().stacks.is_empty());
}

#[tokio::test]
async fn settings_of_the_container_reach_a_new_task_definition_and_the_row() {
    let stage = Stage::set();
    stage.in_service().await;
    let change = json!({ "containerConfig": { "environment": {
        "MAX_TOTAL_TOKENS": "4096",
        "MAX_INPUT_LENGTH": "LISA_MARKED_FOR_DELETION",
    } }, "streaming": false, "allowedGroups": ["research"] });
    stage.management.update(ID, &change).await.unwrap();
    let trace = stage.settled(ID).await.join(" ");
    assert!(trace.contains("RegisterTaskDefinition RollService PollRollout"), "{trace}");
    let row = stage.row(ID).await.unwrap();
    assert_eq!((row.status, row.config.streaming), (ModelStatus::InService, false));
    assert_eq!(row.config.allowed_groups, ["research"]);
    let engine = stage.fake.state().definitions[1]["containerDefinitions"][0].clone();
    let command = engine["command"].to_string();
    assert!(command.contains("\"--max-model-len\",\"4096\""), "{command}");
    let environment = engine["environment"].to_string();
    assert!(environment.contains("AWS_REGION") && !environment.contains("MAX_INPUT_LENGTH"), "{environment}");
}

#[tokio::test]
async fn limits_are_changed_on_the_group() {
    let stage = Stage::set();
    stage.in_service().await;
    let change = json!({ "autoScalingInstanceConfig": { "maxCapacity": 4, "desiredCapacity": 3 } });
    stage.management.update(ID, &change).await.unwrap();
    stage.settled(ID).await;
    assert_eq!(stage.status(ID).await, Some(ModelStatus::InService));
    let group = stage.fake.state().group;
    assert_eq!((group.min, group.max, group.desired), (1, 4, 3));
}

#[tokio::test]
async fn a_model_elsewhere_is_registered_after_one_request_and_has_nothing() {
    let stage = Stage::set();
    stage.management.create(&external(), None).await.unwrap();
    let trace = stage.settled("titan-express-v1").await;
    assert_eq!(trace.last().map(String::as_str), Some("InService"));
    let (path, body) = stage.fake.state().posted[0].clone();
    assert_eq!(path, "/model/amazon%2Etitan%2Dtext%2Dexpress%2Dv1/converse");
    assert_eq!(body["inferenceConfig"]["maxTokens"], 1);
    assert!(stage.fake.state().stacks.is_empty());
    let answer = stage.management.delete("titan-express-v1").await.unwrap();
    assert_eq!(answer.message, "Model titan-express-v1 has been deleted successfully.");
    assert_eq!(stage.row("titan-express-v1").await, None);
}

#[tokio::test]
async fn a_key_is_kept_apart_rotated_and_removed() {
    let stage = Stage::set();
    let request = json!({ "modelId": "other", "modelName": "openai/gpt-4o", "modelType": "textgen",
        "modelUrl": "https://models.example.com/v1", "apiKey": "sk-one" });
    let made = stage.management.create(&request, None).await.unwrap();
    stage.settled("other").await;
    let key = || stage.fake.state().keys.get("other").cloned();
    assert_eq!(key().as_deref(), Some("sk-one"));
    // Neither the row, nor what an execution was started with, nor an answer has it.
    let row = stage.row("other").await.unwrap();
    let told = format!("{} {}", serde_json::json!(row.to_item()), serde_json::json!(made));
    assert!(!told.contains("sk-one") && !format!("{row:?}").contains("sk-one"), "{told}");

    stage.management.update("other", &json!({ "apiKey": "sk-two" })).await.unwrap();
    assert_eq!(key().as_deref(), Some("sk-two"));
    stage.management.update("other", &json!({ "apiKey": "sk-three", "streaming": true })).await.unwrap();
    stage.settled("other").await;
    assert_eq!(key().as_deref(), Some("sk-three"));
    let again = stage.management.create(&request, None).await;
    assert!(again.is_err() && key().as_deref() == Some("sk-three"), "a model that is there keeps its key");

    stage.management.delete("other").await.unwrap();
    assert_eq!(key(), None);
}

#[tokio::test]
async fn a_key_is_of_no_use_to_models_of_our_own() {
    let stage = Stage::set();
    for mut request in [hosted(), external()] {
        request["apiKey"] = json!("sk-one");
        let refused = stage.management.create(&request, None).await.unwrap_err();
        assert!(refused.to_string().contains("apiKey"), "{refused}");
    }
    let wrong = json!({ "modelId": "other", "modelName": "openai/gpt-4o", "modelType": "textgen",
        "modelUrl": "https://models.example.com/v1", "apiKey": "two words" });
    assert!(stage.management.create(&wrong, None).await.is_err());
    assert!(stage.fake.state().keys.is_empty());
}

#[tokio::test]
async fn a_server_of_openai_s_protocol_is_asked_for_one_word() {
    let stage = Stage::set();
    let request = json!({ "modelId": "other", "modelName": "openai/meta/llama", "modelType": "textgen",
        "modelUrl": "https://models.example.com/v1/" });
    stage.management.create(&request, None).await.unwrap();
    stage.settled("other").await;
    let (url, body) = stage.fake.state().posted[0].clone();
    assert_eq!(url, "https://models.example.com/v1/chat/completions");
    assert_eq!((body["model"].as_str(), body["max_tokens"].as_u64()), (Some("meta/llama"), Some(1)));
    assert_eq!(stage.row("other").await.unwrap().url, "https://models.example.com/v1/");
}

#[tokio::test]
async fn every_failure_ends_as_failed_with_its_cause_and_no_hosts() {
    type Break = fn(&Stage);
    let cases: [(&str, Break, &[&str]); 7] = [
        ("type", |stage| stage.fake.state().offers = false, &["does not offer `g5.xlarge`"]),
        (
            "weights",
            |stage| stage.fake.state().weights = false,
            &["`weights` has nothing under", "lisa model stage"],
        ),
        (
            "stack",
            |stage| stage.fake.state().stack_fails = Some("You have requested more vCPU capacity".to_owned()),
            &["`Hosts` (AWS::AutoScaling::AutoScalingGroup) failed", "more vCPU capacity"],
        ),
        (
            "engine",
            |stage| stage.fake.state().engine_polls = u32::MAX,
            &["had not answered after 60 minutes", "503"],
        ),
        (
            "death",
            |stage| {
                let mut state = stage.fake.state();
                state.engine_polls = u32::MAX;
                state.dead = (0..3).map(|index| death(2_000_000 + index)).collect();
                state.words = vec!["loading".to_owned(), "CUDA out of memory".to_owned()];
            },
            &["died 3 times", "container `engine` ended with code 1", "CUDA out of memory"],
        ),
        (
            "denied",
            |stage| {
                let mut state = stage.fake.state();
                state.fault = Some((state.calls.len() + 3, super::stage::Fault::Refused));
            },
            &["AccessDeniedException"],
        ),
        ("nothing", |_| {}, &[]),
    ];
    for (name, broken, expected) in cases {
        let stage = Stage::set();
        broken(&stage);
        let _ = stage.management.create(&hosted(), None).await;
        let trace = stage.settled(ID).await;
        let reason = stage.reason(ID).await;
        if expected.is_empty() {
            assert_eq!(stage.status(ID).await, Some(ModelStatus::InService), "{name}");
            continue;
        }
        assert_eq!(stage.status(ID).await, Some(ModelStatus::Failed), "{name}: {trace:?}");
        assert_eq!(trace.last().map(String::as_str), Some("Failed"), "{name}");
        for part in expected {
            assert!(reason.contains(part), "{name}: {reason}");
        }
        assert_eq!(stage.fake.state().group.desired, 0, "{name}");
        stage.fake.state().fault = None;
        stage.management.delete(ID).await.unwrap();
        stage.settled(ID).await;
        assert_eq!(stage.row(ID).await, None, "{name}");
    }
}

#[tokio::test]
async fn a_missing_image_is_found_before_there_is_a_stack() {
    let stage = Stage::set();
    let mut request = hosted();
    request["containerConfig"]["baseImage"] =
        json!("123456789012.dkr.ecr.us-east-1.amazonaws.com/mirror/vllm:v0.6.3");
    request["inferenceContainer"] = json!("vllm");
    stage.management.create(&request, None).await.unwrap();
    stage.settled(ID).await;
    let reason = stage.reason(ID).await;
    assert!(reason.contains("`mirror/vllm` of account 123456789012 has no image `v0.6.3`"), "{reason}");
    assert!(stage.fake.state().stacks.is_empty());
    stage.management.delete(ID).await.unwrap();
    stage.settled(ID).await;
    stage.fake.state().images.insert("v0.6.3".to_owned());
    stage.management.create(&request, None).await.unwrap();
    stage.settled(ID).await;
    assert_eq!(stage.status(ID).await, Some(ModelStatus::InService));
}

#[tokio::test]
async fn an_update_that_fails_tells_why_and_keeps_the_old_configuration() {
    let stage = Stage::set();
    stage.in_service().await;
    stage.fake.state().rollout_fails = true;
    stage.fake.state().dead = vec![death(1)];
    stage.fake.state().words = vec!["unknown argument".to_owned()];
    let change = json!({ "containerConfig": { "environment": { "VLLM_DTYPE": "odd" } } });
    stage.management.update(ID, &change).await.unwrap();
    stage.settled(ID).await;
    let row = stage.row(ID).await.unwrap();
    assert_eq!(row.status, ModelStatus::Failed);
    let reason = row.reason.unwrap();
    assert!(reason.contains("circuit breaker") && reason.contains("unknown argument"), "{reason}");
    assert!(!row.config.container_config.unwrap().environment.contains_key("VLLM_DTYPE"));
    // A way back: it still has hosts.
    stage.management.enable(ID, true).await.unwrap();
    stage.settled(ID).await;
    assert_eq!(stage.status(ID).await, Some(ModelStatus::InService));
}

#[tokio::test]
async fn hosts_that_cannot_be_had_are_told_by_the_group_s_own_words() {
    let stage = Stage::set();
    stage.in_service().await;
    stage.management.enable(ID, false).await.unwrap();
    stage.settled(ID).await;
    stage.fake.state().activity = Some("We currently do not have sufficient g5.xlarge capacity".to_owned());
    stage.management.enable(ID, true).await.unwrap();
    stage.settled(ID).await;
    let reason = stage.reason(ID).await;
    assert!(
        reason.contains("not reached after 30 minutes") && reason.contains("sufficient g5.xlarge"),
        "{reason}"
    );
    assert_eq!(stage.fake.state().group.desired, 0);
}

#[tokio::test]
async fn a_deletion_that_fails_says_what_is_in_the_way_and_can_be_repeated() {
    let stage = Stage::set();
    stage.in_service().await;
    stage.fake.state().deletion_fails = true;
    stage.management.delete(ID).await.unwrap();
    stage.settled(ID).await;
    assert_eq!(stage.status(ID).await, Some(ModelStatus::Failed));
    let reason = stage.reason(ID).await;
    assert!(reason.contains("could not be deleted") && reason.contains("the cluster has tasks"), "{reason}");
    stage.fake.state().deletion_fails = false;
    stage.management.delete(ID).await.unwrap();
    stage.settled(ID).await;
    assert_eq!(stage.row(ID).await, None);
}

#[tokio::test]
async fn a_stack_of_another_origin_is_neither_taken_over_nor_deleted() {
    let stage = Stage::set();
    stage.in_service().await;
    let mut foreign = stage.fake.state().stacks["demo-mistral-vllm"].clone();
    foreign.description = "LISA core: keys and alarms".to_owned();
    stage.fake.state().stacks.insert("demo-lisa-core-prod".to_owned(), foreign);
    let mut request = hosted();
    request["modelId"] = json!("lisa-core-prod");
    stage.management.create(&request, None).await.unwrap();
    stage.settled("lisa-core-prod").await;
    let reason = stage.reason("lisa-core-prod").await;
    assert!(reason.contains("that is not this model's"), "{reason}");
    stage.management.delete("lisa-core-prod").await.unwrap();
    stage.settled("lisa-core-prod").await;
    assert!(stage.fake.state().stacks.contains_key("demo-lisa-core-prod"));
    assert_eq!(stage.row("lisa-core-prod").await, None);
}

#[tokio::test]
async fn groups_see_their_models_and_users_see_no_environment() {
    let stage = Stage::set();
    let mut request = hosted();
    request["allowedGroups"] = json!(["research"]);
    stage.management.create(&request, None).await.unwrap();
    stage.settled(ID).await;
    stage.management.create(&external(), None).await.unwrap();
    let asker = |groups: &[&str]| Asker {
        is_admin: false,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    };
    let seen = async |asker: &Asker| stage.management.list(asker, None, None).await.unwrap().models.len();
    assert_eq!(seen(&Asker::ADMIN).await, 2);
    assert_eq!(seen(&asker(&["research"])).await, 2);
    assert_eq!(seen(&asker(&["res"])).await, 1);
    assert!(stage.management.get(&asker(&[]), ID).await.is_err());
    let shown = stage.management.get(&asker(&["research"]), ID).await.unwrap();
    assert!(shown.request.container_config.unwrap().environment.is_empty());
}
