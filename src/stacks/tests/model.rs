//! Stacks of hosted models.

use std::collections::BTreeSet;

use lisa_api::models::CreateModelRequest;
use serde_json::{Value as Json, json};

use super::{app, config, of_type, statements, valid_named};
use crate::{Assets, model};

fn request() -> Json {
    serde_json::from_str(include_str!("../../../examples/model-vllm.json")).expect("the example is JSON")
}

fn synthesized(request: &Json) -> Json {
    let request = CreateModelRequest::parse(request).unwrap_or_else(|errors| panic!("{errors:?}"));
    let stack = model::synthesize(&config(""), &request, &Assets::not_built());
    stack.unwrap_or_else(|errors| panic!("{errors}")).template.to_json()
}

fn engine(template: &Json) -> &Json {
    &template["Resources"]["Task"]["Properties"]["ContainerDefinitions"][1]
}

fn variable<'a>(container: &'a Json, name: &str) -> &'a Json {
    let environment = container["Environment"].as_array().expect("an environment");
    let found = environment.iter().find(|one| one["Name"] == name);
    &found.unwrap_or_else(|| panic!("no variable {name}"))["Value"]
}

#[test]
fn a_models_stack_is_small_and_named_as_upstreams() {
    let request = CreateModelRequest::parse(&request()).unwrap();
    let stack = model::synthesize(&config(""), &request, &Assets::not_built()).unwrap();
    assert_eq!(
        (stack.name.as_str(), stack.deployed_name.as_str()),
        ("model-mistralvllm", "demo-mistral-vllm")
    );
    assert_eq!(stack.depends_on, ["core", "models", "network"]);
    assert!(stack.template.len() <= 17, "{}", stack.template.len());
    let outputs: Vec<&str> = stack.template.outputs().collect();
    assert_eq!(outputs, ["autoScalingGroup", "cluster", "modelEndpointUrl", "service"]);
}

#[test]
fn the_engine_starts_after_its_weights_on_every_gpu() {
    let mut request = request();
    request["instanceType"] = json!("g5.12xlarge");
    let template = synthesized(&request);
    let engine = engine(&template);
    assert_eq!(engine["DependsOn"], json!([{ "ContainerName": "weights", "Condition": "SUCCESS" }]));
    assert_eq!(engine["ResourceRequirements"], json!([{ "Type": "GPU", "Value": "4" }]));
    assert_eq!(engine["LinuxParameters"]["SharedMemorySize"], 2048);
    assert_eq!(engine["MemoryReservation"], 192_000 - 5120);
    let command: Vec<&str> = engine["Command"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    assert_eq!(
        command,
        [
            "--model",
            "/nvme/model",
            "--served-model-name",
            "mistralai/Mistral-7B-Instruct-v0.2",
            "--port",
            "8080",
            "--tensor-parallel-size",
            "4",
            "--max-model-len",
            "2048",
        ]
    );
    let parameter = template["Parameters"]["HostImage"]["Default"].as_str();
    assert_eq!(parameter, Some("/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"));
}

/// A template of an engine that is told everything by its environment.
fn told_by_environment(container: &str, more: &Json) -> Json {
    let mut request = request();
    request["instanceType"] = json!("g5.12xlarge");
    request["inferenceContainer"] = json!(container);
    request["containerConfig"]["environment"] = more.clone();
    synthesized(&request)
}

/// What an engine is told is what its own program knows, by the table of its arguments in `schemas/engines`.
#[test]
fn engines_know_what_they_are_told() {
    let names = |template: &Json| -> BTreeSet<String> {
        let environment = engine(template)["Environment"].as_array().unwrap();
        environment.iter().filter_map(|one| one["Name"].as_str().map(str::to_owned)).collect()
    };
    // What scripts of containers, Python and the AWS SDK read.
    let of_all = names(&told_by_environment("instructor", &json!({})));
    let tables = [
        ("tgi", include_str!("../../../schemas/engines/tgi.json")),
        ("tei", include_str!("../../../schemas/engines/tei.json")),
    ];
    for (container, table) in tables {
        let table: Json = serde_json::from_str(table).unwrap();
        let known: Vec<&str> =
            table["arguments"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
        let template = told_by_environment(container, &json!({}));
        let own: Vec<String> = names(&template).difference(&of_all).cloned().collect();
        assert!(own.len() >= 5, "{container} is told {own:?} alone");
        for name in own {
            let argument = format!("--{}", name.to_lowercase().replace('_', "-"));
            assert!(known.contains(&argument.as_str()), "{container}: {name}");
        }
        for argument in engine(&template)["Command"].as_array().unwrap() {
            assert!(known.contains(&argument.as_str().unwrap()), "{container}: {argument}");
        }
    }
}

#[test]
fn text_generation_shards_over_every_gpu_unless_it_is_told_otherwise_and_tells_nobody() {
    let template = told_by_environment("tgi", &json!({}));
    assert_eq!(variable(engine(&template), "NUM_SHARD"), "4");
    assert_eq!(variable(engine(&template), "USAGE_STATS"), "off");
    let template = told_by_environment("tgi", &json!({ "SHARDED": "false" }));
    let environment = engine(&template)["Environment"].as_array().unwrap();
    assert!(environment.iter().all(|one| one["Name"] != "NUM_SHARD"));
    let template = told_by_environment("tgi", &json!({ "NUM_SHARD": "2" }));
    assert_eq!(variable(engine(&template), "NUM_SHARD"), "2");
}

#[test]
fn upstreams_variables_are_there_and_the_requests_own_win() {
    let mut request = request();
    request["containerConfig"]["environment"] = json!({ "LOG_LEVEL": "DEBUG", "EXTRA": "1" });
    let template = synthesized(&request);
    let engine = engine(&template);
    assert_eq!(variable(engine, "LOCAL_MODEL_PATH"), "/nvme/model");
    assert_eq!(variable(engine, "MODEL_NAME"), "mistralai/Mistral-7B-Instruct-v0.2");
    assert_eq!(variable(engine, "S3_BUCKET_MODELS"), "weights");
    assert_eq!(variable(engine, "THREADS"), "2");
    assert_eq!(variable(engine, "LOG_LEVEL"), "DEBUG");
    assert_eq!(variable(engine, "EXTRA"), "1");
}

#[test]
fn no_container_has_root_and_the_role_reads_one_folder() {
    let template = synthesized(&request());
    for container in template["Resources"]["Task"]["Properties"]["ContainerDefinitions"].as_array().unwrap() {
        assert_eq!(container["Privileged"], false);
        assert_eq!(container["ReadonlyRootFilesystem"], true);
        assert_eq!(container["User"], "65532:65532");
    }
    let read = statements(&template, "TaskRole")[0];
    assert_eq!(read["Action"], json!(["s3:GetObject"]));
    let folder = "arn:${AWS::Partition}:s3:::weights/mistralai/Mistral-7B-Instruct-v0.2/*";
    assert_eq!(read["Resource"], json!([{ "Fn::Sub": folder }]));
}

#[test]
fn a_disk_of_the_host_is_formatted_only_when_it_is_blank() {
    let user_data = |instance: &str| {
        let mut request = request();
        request["instanceType"] = json!(instance);
        let template = synthesized(&request);
        let data = &template["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["UserData"];
        data["Fn::Base64"]["Fn::Sub"].as_str().expect("a script").to_owned()
    };
    assert!(user_data("g5.xlarge").contains("blkid \"$disk\" || mkfs.xfs \"$disk\""));
    assert!(!user_data("m5.large").contains("mkfs"));
}

#[test]
fn what_cannot_be_hosted_is_refused_with_the_field() {
    let elsewhere = json!({ "modelId": "far", "modelName": "bedrock/far", "modelType": "textgen" });
    let request = CreateModelRequest::parse(&elsewhere).expect("a model that is not hosted");
    let errors = model::synthesize(&config(""), &request, &Assets::not_built()).expect_err("nothing to host");
    assert!(errors.to_string().contains("instanceType"), "{errors}");
}

#[test]
fn a_fixed_number_of_hosts_has_no_scaling() {
    let mut fixed = request();
    fixed["autoScalingConfig"]["maxCapacity"] = json!(1);
    assert!(of_type(&synthesized(&fixed), "AWS::AutoScaling::ScalingPolicy").is_empty());
    let scaled = synthesized(&request());
    let policy = of_type(&scaled, "AWS::AutoScaling::ScalingPolicy")[0].1;
    assert_eq!(policy["EstimatedInstanceWarmup"], 330);
    let metric = &policy["TargetTrackingConfiguration"]["CustomizedMetricSpecification"];
    assert_eq!(metric["Statistic"], "Sum");
}

#[test]
fn models_of_the_configuration_become_stacks_of_the_application() {
    let config = valid_named("models-to-deploy.yaml");
    let hosted = config.hosted_models().count();
    let stacks = app(&config).stacks;
    assert!(hosted > 1);
    assert_eq!(stacks.iter().filter(|stack| stack.name.starts_with("model-")).count(), hosted);
}

#[test]
fn models_of_the_configuration_are_asked_of_model_management() {
    for model in valid_named("models-to-deploy.yaml").hosted_models() {
        let request = model::request(model, Some("registry.example.com/engine:1"));
        let request = request.unwrap_or_else(|errors| panic!("{}: {errors:?}", model.model_id));
        let scaling = request.auto_scaling_config.expect("a hosted model has limits");
        assert_eq!(scaling.metric_config.target_value, 30, "{}", model.model_id);
    }
}
