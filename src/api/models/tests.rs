//! Requests in every documented form, and every fault that one can have.

use serde_json::{Value, json};

use super::*;

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The documented request for a hosted model, in the form of 3.0.
fn hosted() -> Value {
    document(include_str!("tests/create-hosted.json"))
}

fn faults(request: &Value) -> Vec<String> {
    CreateModelRequest::parse(request).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_documented_hosted_model_is_taken_and_completed() {
    let model = CreateModelRequest::parse(&hosted()).unwrap();
    assert!(model.is_hosted() && model.streaming);
    assert_eq!(model.inference_container, Some(InferenceContainer::Vllm));
    let scaling = model.auto_scaling_config.unwrap();
    assert_eq!(
        (scaling.default_instance_warmup, scaling.metric_config.estimated_instance_warmup),
        (180, 330)
    );
    let image = model.container_config.unwrap().image;
    assert_eq!(
        image,
        Image::Asset { base_image: "vllm/vllm-openai:v0.5.0".into(), path: Some("vllm".into()) }
    );
}

#[test]
fn the_documented_external_model_is_taken() {
    let model = CreateModelRequest::parse(&document(include_str!("tests/create-external.json"))).unwrap();
    assert!(!model.is_hosted());
    assert_eq!(model.model_name, "bedrock/amazon.titan-text-express-v1");
}

#[test]
fn the_documented_list_is_read_and_written_again() {
    let documented = document(include_str!("tests/list.json"));
    let list: ListModelsResponse = serde_json::from_value(documented.clone()).unwrap();
    assert_eq!(list.models.len(), 2);
    assert_eq!(list.models[0].status, ModelStatus::Creating);
    let written = serde_json::to_value(&list).unwrap();
    assert_eq!(serde_json::from_value::<ListModelsResponse>(written.clone()).unwrap(), list);
    for (field, value) in documented["models"][1].as_object().unwrap() {
        assert_eq!(&written["models"][1][field], value, "{field}");
    }
}

#[test]
fn the_documented_deletion_is_read() {
    let answer: DeleteModelResponse = serde_json::from_str(include_str!("tests/delete.json")).unwrap();
    assert_eq!((answer.status.as_str(), answer.model), ("success", None));
}

#[test]
fn all_forms_of_an_image_are_one() {
    let image = |name: &str, value: Value| {
        let mut request = hosted();
        let container = request["containerConfig"].as_object_mut().unwrap();
        container.remove("baseImage");
        container.insert(name.to_owned(), value);
        request["inferenceContainer"] = json!("vllm");
        CreateModelRequest::parse(&request).map(|model| model.container_config.unwrap().image)
    };
    let registry = |text: &str| Ok(Image::Registry { registry: text.to_owned() });
    let asset = Ok(Image::Asset { base_image: "a/b:1".into(), path: None });
    assert_eq!(image("baseImage", json!("a/b:1")), registry("a/b:1"));
    assert_eq!(image("image", json!("a/b:1")), registry("a/b:1"));
    assert_eq!(image("image", json!({"type": "registry", "registry": "a/b:1"})), registry("a/b:1"));
    assert_eq!(image("image", json!({"type": "ecr", "baseImage": "a/b:1"})), registry("a/b:1"));
    assert_eq!(image("image", json!({"type": "asset", "baseImage": "a/b:1"})), asset);
    assert_eq!(
        image("image", json!({"type": "ecr", "repositoryArn": "arn:aws:ecr:::repository/x", "tag": "1"})),
        Ok(Image::Ecr { repository_arn: "arn:aws:ecr:::repository/x".into(), tag: Some("1".into()) })
    );
    assert!(image("image", json!({"type": "floppy", "baseImage": "a"})).is_err());
}

#[test]
fn every_form_is_read_back_from_what_is_kept_of_it() {
    for request in [hosted(), document(include_str!("tests/create-external.json"))] {
        let model = CreateModelRequest::parse(&request).unwrap();
        let kept = serde_json::to_value(&model).unwrap();
        assert_eq!(CreateModelRequest::parse(&kept), Ok(model));
    }
}

#[test]
fn the_engine_is_told_by_folder_or_image_and_else_asked_for() {
    for (image, engine) in [
        (json!({"type": "asset", "baseImage": "x", "path": "textgen/tgi"}), Some(InferenceContainer::Tgi)),
        (json!({"type": "asset", "baseImage": "x", "path": "embedding/tei"}), Some(InferenceContainer::Tei)),
        (json!("ghcr.io/huggingface/text-generation-inference:1.0.2"), Some(InferenceContainer::Tgi)),
        (json!("ghcr.io/huggingface/text-embeddings-inference:1"), Some(InferenceContainer::Tei)),
        (json!("example.com/own:1"), None),
    ] {
        let mut request = hosted();
        request["containerConfig"]["baseImage"] = image;
        match CreateModelRequest::parse(&request) {
            Ok(model) => assert_eq!(model.inference_container, engine),
            Err(errors) => {
                assert_eq!(engine, None);
                assert_eq!(errors.len(), 1);
                assert_eq!(errors[0].path, "inferenceContainer");
            }
        }
    }
}

#[test]
fn every_wrong_field_is_reported_at_once() {
    let mut request = hosted();
    request["modelId"] = json!("");
    request["modelType"] = json!("textgem");
    request["streaming"] = json!("maybe");
    request["instanceType"] = json!("g5.xlrage");
    request["autoScalingConfig"]["minCapacity"] = json!(3);
    request["autoScalingConfig"]["cooldown"] = json!(0);
    request["containerConfig"]["environment"] = json!({"A": ["list"], "B": 2});
    request["containerConfig"]["healthCheckConfig"]["retries"] = json!(-1);
    request["loadBalancerConfig"]["healthCheckConfig"].as_object_mut().unwrap().remove("path");
    assert_eq!(
        faults(&request),
        [
            "`autoScalingConfig.cooldown`: is 0, allowed is 1 or more",
            "`autoScalingConfig.minCapacity`: is 3, more than `maxCapacity`, which is 1",
            "`containerConfig.environment.A`: is a list, needed is a text",
            "`containerConfig.healthCheckConfig.retries`: is `-1`, needed is a whole number of 1 or more",
            "`instanceType`: `g5.xlrage` is not a known EC2 instance type: no table has it, known are sizes of m5, \
             m6i, m7i, c6i, r6i, g4dn, g5, g6, g6e, p4d, p5 and their kin. Did you mean `g5.xlarge`?",
            "`loadBalancerConfig.healthCheckConfig.path`: is missing",
            "`modelId`: is empty",
            "`modelType`: is `textgem`, allowed are `textgen`, `embedding`, `imagegen`, `videogen`",
            "`streaming`: is a text, needed is `true` or `false`",
        ]
    );
}

#[test]
fn a_request_that_is_empty_or_no_object_is_refused() {
    assert_eq!(
        faults(&json!({})),
        ["`modelId`: is missing", "`modelName`: is missing", "`modelType`: is missing"]
    );
    assert!(faults(&json!([])).contains(&"is a list, needed is an object".to_owned()));
}

#[test]
fn one_hosting_field_asks_for_all() {
    let mut request = document(include_str!("tests/create-external.json"));
    request["instanceType"] = json!("g5.xlarge");
    let paths: Vec<_> =
        CreateModelRequest::parse(&request).unwrap_err().into_iter().map(|error| error.path).collect();
    assert_eq!(paths, ["autoScalingConfig", "containerConfig", "inferenceContainer", "loadBalancerConfig"]);
}

#[test]
fn rules_between_fields_are_kept() {
    let mut embedding = document(include_str!("tests/create-external.json"));
    embedding["modelType"] = json!("embedding");
    assert_eq!(faults(&embedding), ["`streaming`: is `true`, but an embedding model has nothing to stream"]);
    let mut external = document(include_str!("tests/create-external.json"));
    external["modelId"] = json!("a.b_c:1");
    assert!(CreateModelRequest::parse(&external).is_ok());
    external["modelId"] = json!("a/b");
    assert_eq!(faults(&external).len(), 1);
    let mut named = hosted();
    named["modelId"] = json!("a.b");
    assert!(faults(&named)[0].contains("is not a model id: character 2 is `.`"));
}

#[test]
fn updates_are_read_and_their_rules_kept() {
    let paths = |request: Value| match UpdateModelRequest::parse(&request) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.into_iter().map(|error| error.path).collect::<Vec<_>>(),
    };
    assert!(paths(json!({"enabled": false})).is_empty());
    assert!(paths(json!({"autoScalingInstanceConfig": {"minCapacity": 1, "maxCapacity": 2}})).is_empty());
    assert_eq!(paths(json!({})), [""]);
    assert_eq!(paths(json!({"modelType": "embedding", "streaming": true})), ["streaming"]);
    assert_eq!(paths(json!({"autoScalingInstanceConfig": {}})), ["autoScalingInstanceConfig"]);
    assert_eq!(paths(json!({"enabled": true, "autoScalingInstanceConfig": {"minCapacity": 1}})), ["enabled"]);
    assert_eq!(
        paths(
            json!({"autoScalingInstanceConfig": {"desiredCapacity": 5, "maxCapacity": 2, "minCapacity": 3}})
        ),
        ["autoScalingInstanceConfig.desiredCapacity", "autoScalingInstanceConfig.minCapacity"]
    );
    assert_eq!(
        paths(json!({"autoScalingInstanceConfig": {"minCapacity": 0}, "enabled": "yes"})),
        ["autoScalingInstanceConfig.minCapacity", "enabled"]
    );
}

#[test]
fn words_are_written_as_they_are_read() {
    for status in ModelStatus::ALL {
        assert_eq!(serde_json::to_value(status).unwrap(), json!(status.as_str()));
        assert_eq!(ModelStatus::from_text(status.as_str()), Some(*status));
    }
}
