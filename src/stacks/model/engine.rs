//! Engine adapters: how each engine's stock image is told what the configuration's environment asks for.

use std::collections::BTreeMap;

use lisa_config::section::model::InferenceContainer;

use super::spec::ModelSpec;
use crate::parts::PORT;

/// What the engine's container is started with.
pub(super) struct Start {
    /// In place of the image's own entry point; none to keep it.
    pub(super) entry_point: Option<Vec<String>>,
    /// Arguments; none to keep the image's own.
    pub(super) command: Option<Vec<String>>,
    /// Variables that only this engine needs.
    pub(super) environment: BTreeMap<&'static str, String>,
}

/// Variables that vLLM takes as arguments, in upstream's names. A flag without a value is given where the variable is
/// `true`.
const VLLM_ARGUMENTS: [(&str, &str); 17] = [
    ("MAX_TOTAL_TOKENS", "--max-model-len"),
    ("QUANTIZE", "--quantization"),
    ("VLLM_DTYPE", "--dtype"),
    ("VLLM_ENABLE_AUTO_TOOL_CHOICE", "--enable-auto-tool-choice"),
    ("VLLM_ENABLE_PREFIX_CACHING", "--enable-prefix-caching"),
    ("VLLM_GPU_MEMORY_UTILIZATION", "--gpu-memory-utilization"),
    ("VLLM_KV_CACHE_DTYPE", "--kv-cache-dtype"),
    ("VLLM_MAX_MODEL_LEN", "--max-model-len"),
    ("VLLM_MAX_NUM_BATCHED_TOKENS", "--max-num-batched-tokens"),
    ("VLLM_MAX_NUM_SEQS", "--max-num-seqs"),
    ("VLLM_PIPELINE_PARALLEL_SIZE", "--pipeline-parallel-size"),
    ("VLLM_QUANTIZATION", "--quantization"),
    ("VLLM_REASONING_PARSER", "--reasoning-parser"),
    ("VLLM_SEED", "--seed"),
    ("VLLM_TENSOR_PARALLEL_SIZE", "--tensor-parallel-size"),
    ("VLLM_TOOL_CALL_PARSER", "--tool-call-parser"),
    ("VLLM_TRUST_REMOTE_CODE", "--trust-remote-code"),
];

/// How the model's engine is started on weights at `path`.
pub(super) fn start(spec: &ModelSpec, path: &str) -> Start {
    let none = BTreeMap::new;
    match spec.engine {
        InferenceContainer::Vllm => Start {
            // Named here because the images' own entry points differ from version to version.
            entry_point: Some(texts(&["python3", "-m", "vllm.entrypoints.openai.api_server"])),
            command: Some(vllm(spec, path)),
            environment: BTreeMap::from([("VLLM_NO_USAGE_STATS", "1".to_owned())]),
        },
        InferenceContainer::Tgi | InferenceContainer::Tei => Start {
            entry_point: None,
            command: Some(texts(&["--json-output"])),
            environment: text_generation_or_embeddings(spec, path),
        },
        InferenceContainer::Instructor => Start { entry_point: None, command: None, environment: none() },
    }
}

/// Both take MAX_INPUT_LENGTH, MAX_TOTAL_TOKENS, QUANTIZE, MAX_BATCH_TOKENS and the like from the environment itself.
fn text_generation_or_embeddings(spec: &ModelSpec, path: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("HOSTNAME", "0.0.0.0".to_owned()),
        ("HUGGINGFACE_HUB_CACHE", "/tmp/hub".to_owned()),
        ("MODEL_ID", path.to_owned()),
        ("PORT", PORT.to_string()),
        ("SERVED_MODEL_NAME", spec.name.clone()),
    ])
}

fn vllm(spec: &ModelSpec, path: &str) -> Vec<String> {
    let port = PORT.to_string();
    let mut arguments = texts(&["--model", path, "--served-model-name", &spec.name, "--port", &port]);
    let environment = &spec.container.environment;
    let gpus = spec.instance_type.facts().gpus;
    if gpus > 1 && !environment.contains_key("VLLM_TENSOR_PARALLEL_SIZE") {
        arguments.extend(texts(&["--tensor-parallel-size", &gpus.to_string()]));
    }
    let given = VLLM_ARGUMENTS.iter().filter_map(|(name, flag)| Some((*flag, environment.get(*name)?)));
    for (flag, value) in given.filter(|(_, value)| !value.is_empty() && !value.eq_ignore_ascii_case("false"))
    {
        arguments.push(flag.to_owned());
        if !value.eq_ignore_ascii_case("true") {
            arguments.push(value.clone());
        }
    }
    arguments
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
