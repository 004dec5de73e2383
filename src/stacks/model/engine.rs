//! Engine adapters: how each engine's stock image is told what the configuration's environment asks for.

mod vllm;

use std::collections::BTreeMap;

use lisa_config::section::image::Image;
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

/// How the model's engine is started on weights at `path`.
pub(super) fn start(spec: &ModelSpec, path: &str) -> Start {
    let none = BTreeMap::new;
    match spec.engine {
        InferenceContainer::Vllm => Start {
            // Named here because the images' own entry points differ from version to version.
            entry_point: Some(texts(&["python3", "-m", "vllm.entrypoints.openai.api_server"])),
            command: Some(vllm_arguments(spec, path)),
            environment: BTreeMap::from([("VLLM_NO_USAGE_STATS", "1".to_owned())]),
        },
        InferenceContainer::Tgi => Start {
            entry_point: None,
            command: Some(texts(&["--json-output"])),
            environment: text_generation(spec, path),
        },
        InferenceContainer::Tei => Start {
            entry_point: None,
            command: Some(texts(&["--json-output"])),
            environment: text_embeddings(spec, path),
        },
        InferenceContainer::Instructor => Start { entry_point: None, command: None, environment: none() },
    }
}

/// TGI takes MAX_INPUT_LENGTH, MAX_TOTAL_TOKENS, QUANTIZE and the like from the environment itself; `schemas/engines/tgi.json`
/// has all that it knows.
fn text_generation(spec: &ModelSpec, path: &str) -> BTreeMap<&'static str, String> {
    let mut environment = of_both(path);
    // It tells its makers of its use otherwise, from where nothing may leave.
    environment.insert("USAGE_STATS", "off".to_owned());
    let gpus = spec.instance_type.facts().gpus;
    let says_itself =
        ["NUM_SHARD", "SHARDED"].iter().any(|name| spec.container.environment.contains_key(*name));
    if gpus > 1 && !says_itself {
        environment.insert("NUM_SHARD", gpus.to_string());
    }
    environment
}

/// TEI takes MAX_BATCH_TOKENS, POOLING and the like from the environment itself; `schemas/engines/tei.json` has all that it
/// knows.
fn text_embeddings(spec: &ModelSpec, path: &str) -> BTreeMap<&'static str, String> {
    let mut environment = of_both(path);
    environment.insert("SERVED_MODEL_NAME", spec.name.clone());
    environment
}

fn of_both(path: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("HOSTNAME", "0.0.0.0".to_owned()),
        ("HUGGINGFACE_HUB_CACHE", "/tmp/hub".to_owned()),
        ("MODEL_ID", path.to_owned()),
        ("PORT", PORT.to_string()),
    ])
}

fn vllm_arguments(spec: &ModelSpec, path: &str) -> Vec<String> {
    let port = PORT.to_string();
    let mut arguments = texts(&["--model", path, "--served-model-name", &spec.name, "--port", &port]);
    let environment = &spec.container.environment;
    let gpus = spec.instance_type.facts().gpus;
    if gpus > 1 && !environment.contains_key("VLLM_TENSOR_PARALLEL_SIZE") {
        arguments.extend(texts(&["--tensor-parallel-size", &gpus.to_string()]));
    }
    let given = vllm::ARGUMENTS
        .iter()
        .filter_map(|argument| Some((argument.flag, environment.get(argument.variable)?)));
    for (flag, value) in given.filter(|(_, value)| !value.is_empty() && !value.eq_ignore_ascii_case("false"))
    {
        arguments.push(flag.to_owned());
        if !value.eq_ignore_ascii_case("true") {
            arguments.push(value.clone());
        }
    }
    arguments
}

/// The first variable of the environment that asks for what the image's version is known not to have, and which versions
/// do.
pub(super) fn unfit(spec: &ModelSpec) -> Option<(&'static str, String)> {
    if spec.engine != InferenceContainer::Vllm {
        return None;
    }
    let (Image::Registry { registry: reference }
    | Image::Asset { base_image: reference, .. }
    | Image::External { code: reference }) = &spec.image
    else {
        return None;
    };
    let version = vllm::version(reference.as_str())?;
    let environment = &spec.container.environment;
    let asked = |argument: &&vllm::Argument| {
        environment.get(argument.variable).is_some_and(|value| !value.is_empty())
    };
    vllm::ARGUMENTS
        .iter()
        .filter(asked)
        .find_map(|argument| Some((argument.variable, argument.unfit(version)?)))
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
