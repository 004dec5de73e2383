//! `lisa model synth`: a request in each of its forms becomes the same template.

use insta::assert_snapshot;
use serde_json::Value;

use crate::cli::project::Project;

/// A request as version 3.1 writes it.
const REQUEST: &str = r#"{
  "modelId": "mistral-vllm",
  "modelName": "mistralai/Mistral-7B-Instruct-v0.2",
  "modelType": "textgen",
  "inferenceContainer": "vllm",
  "instanceType": "g5.xlarge",
  "streaming": true,
  "containerConfig": {
    "image": { "baseImage": "vllm/vllm-openai:v0.5.0", "type": "asset" },
    "sharedMemorySize": 2048,
    "environment": { "MAX_TOTAL_TOKENS": "2048" },
    "healthCheckConfig": { "command": ["CMD-SHELL", "exit 0"], "interval": 10, "startPeriod": 30, "timeout": 5, "retries": 3 }
  },
  "autoScalingConfig": {
    "minCapacity": 1, "maxCapacity": 1, "cooldown": 420, "defaultInstanceWarmup": 180,
    "metricConfig": { "albMetricName": "RequestCountPerTarget", "targetValue": 30, "duration": 60, "estimatedInstanceWarmup": 330 }
  },
  "loadBalancerConfig": {
    "healthCheckConfig": { "path": "/health", "interval": 60, "timeout": 30, "healthyThresholdCount": 2, "unhealthyThresholdCount": 10 }
  }
}"#;

fn synthesized(project: &Project, file: &str) -> String {
    let conversation = project.lisa(&["model", "synth", "-f", file]);
    assert_eq!((conversation.exit, conversation.stderr.as_str()), (Some(0), ""), "{conversation}");
    conversation.stdout
}

#[test]
fn the_forms_of_3_1_and_3_0_and_yaml_are_one() {
    let project = Project::minimal();
    project.write("model.json", REQUEST);
    let old = REQUEST.replace("\"image\": {", "\"baseImage\": {");
    assert_ne!(old, REQUEST);
    project.write("old.json", old);
    // YAML's flow style is JSON without the quotes.
    project
        .write("model.yaml", REQUEST.replace("\"modelId\"", "modelId").replace("\"modelType\"", "modelType"));
    let template = synthesized(&project, "model.json");
    assert_eq!(template, synthesized(&project, "old.json"));
    assert_eq!(template, synthesized(&project, "model.yaml"));
    let template: Value = serde_json::from_str(&template).unwrap();
    assert!(template["Resources"].as_object().unwrap().len() > 5, "{template:#}");
}

#[test]
fn a_request_from_standard_input() {
    let project = Project::minimal();
    project.write("model.json", REQUEST);
    let conversation = project.lisa_reading(&["model", "synth", "-f", "-"], REQUEST);
    assert_eq!(conversation.stdout, synthesized(&project, "model.json"));
}

#[test]
fn wrong_fields_are_all_shown_in_their_places() {
    let project = Project::minimal();
    let wrong = REQUEST.replace("\"g5.xlarge\"", "5").replace("\"textgen\"", "\"textgne\"");
    project.write("model.json", wrong);
    assert_snapshot!(project.lisa(&["model", "synth", "-f", "model.json"]), @r#"
    exit 3
    --- stderr
    model-request

      x `instanceType` is `5`, needed is a text
       ,-[model.json:6:3]
     5 |   "inferenceContainer": "vllm",
     6 |   "instanceType": 5,
       :   ^^^^^^^|^^^^^^
       :          `-- here
     7 |   "streaming": true,
       `----

    model-request

      x `modelType` is `textgne`, allowed are `textgen`, `embedding`, `imagegen`,
      | `videogen`
       ,-[model.json:4:3]
     3 |   "modelName": "mistralai/Mistral-7B-Instruct-v0.2",
     4 |   "modelType": "textgne",
       :   ^^^^^|^^^^^
       :        `-- here
     5 |   "inferenceContainer": "vllm",
       `----

    model.json: 2 errors
    "#);
}

#[test]
fn a_request_that_is_no_json() {
    let project = Project::minimal();
    project.write("model.json", "{\"modelId\": ");
    assert_snapshot!(project.lisa(&["model", "synth", "-f", "model.json"]), @r#"
    exit 3
    --- stderr
    yaml-syntax

      x this is not YAML: unclosed bracket '{'
       ,-[model.json:1:1]
     1 | {"modelId":
       : ^^^^^|^^^^^
       :      `-- here
       `----
      help: Check indentation, quotes and the space after each colon.

    model.json: 1 error
    "#);
}

#[test]
fn a_request_that_is_not_there() {
    assert_snapshot!(Project::minimal().lisa(&["model", "synth", "-f", "model.json"]), @"
    exit 2
    --- stderr
      x there is no file `model.json`
      help: Name the file of a request to the model-management API, or `-` for
            standard input.
    ");
}

#[test]
fn what_a_model_needs_is_told_by_its_folder() {
    let project = Project::empty();
    let config = r#"{
      "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
      "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "tie_word_embeddings": false,
      "torch_dtype": "bfloat16", "max_position_embeddings": 131072
    }"#;
    project.write("models/meta-llama/Llama-3.1-8B/config.json", config);
    let model = "meta-llama/Llama-3.1-8B";
    assert_snapshot!(project.lisa(&["model", "fit", model, "--offline", "--context", "8192"]));
    let small = project.lisa(&["model", "fit", model, "--instance-type", "g4dn.xlarge"]);
    assert_eq!(small.exit, Some(6), "{small}");
    assert!(small.stdout.contains("too small: "), "{small}");
    let long = project.lisa(&["model", "fit", model, "--context", "200000"]);
    assert!(long.stderr.contains("more than the model's 131072"), "{long}");
    let absent = project.lisa(&["model", "fit", "nobody/nothing", "--offline"]);
    assert_eq!(absent.exit, Some(3), "{absent}");
}

/// What DeepSeek's models keep is little in versions of the engine that know how.
#[test]
fn a_small_cache_is_one_of_later_engines() {
    let project = Project::empty();
    let config = r#"{
      "model_type": "deepseek_v2", "hidden_size": 2048, "intermediate_size": 10944, "moe_intermediate_size": 1408,
      "num_hidden_layers": 27, "num_attention_heads": 16, "vocab_size": 102400, "kv_lora_rank": 512,
      "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128, "n_routed_experts": 64,
      "n_shared_experts": 2, "first_k_dense_replace": 1, "max_position_embeddings": 163840
    }"#;
    project.write("models/own/config.json", config);
    let fits = project.lisa(&["model", "fit", "own", "--offline", "--context", "8192"]);
    assert!(fits.stdout.contains("note       vLLM keeps as little as this from 0.7.1 on"), "{fits}");
}

/// A configuration that names no kind of number, beside weights whose header does.
#[test]
fn numbers_that_are_not_named_are_those_of_the_files() {
    let project = Project::empty();
    let config = r#"{
      "model_type": "of-tomorrow", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
      "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 8192
    }"#;
    project.write("models/own/config.json", config);
    for (kind, dtype, weights) in [("BF16", "bfloat16", 1088), ("F32", "float32", 588)] {
        let header = format!(r#"{{"a":{{"dtype":"{kind}","shape":[1],"data_offsets":[0,1000]}}}}"#);
        // The length of the header is 80, in 8 bytes.
        let file = format!("P\0\0\0\0\0\0\0{header:80}{}", "x".repeat(1000));
        project.write("models/own/model.safetensors", &file);
        let fits = project.lisa(&["model", "fit", "own", "--offline", "--output", "json"]);
        let fits: serde_json::Value = serde_json::from_str(&fits.stdout).expect("an answer");
        assert_eq!(
            (fits["dtype"].as_str(), fits["weights"].as_u64()),
            (Some(dtype), Some(weights)),
            "{fits:#}"
        );
    }
}
