//! What becomes of every key of a document.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::deployment::is_served_by_proxy;
use crate::keys::{Block, Verdict};

/// What becomes of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its place below `litellmConfig`: `router_settings.num_retries`, `model_list[0].litellm_params.rpm`.
    pub path: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// What is done, why nothing is, or what to write instead: a fragment.
    pub why: String,
}

/// Callbacks whose work the gateway does itself.
const CALLBACKS: [&str; 3] = ["prometheus", "otel", "opentelemetry"];

/// Judges every key of a `litellmConfig`, in the order of the blocks. Nothing of it is left out.
pub fn judge(document: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    for block in [Block::General, Block::Library, Block::Router] {
        let keys = document[block.name()].as_object().into_iter().flatten();
        findings.extend(keys.map(|(key, value)| option(block, block.name(), key, value, true)));
    }
    let models = document["model_list"].as_array().into_iter().flatten();
    let defaults = &document["router_settings"]["default_litellm_params"];
    for (index, model) in models.enumerate() {
        let proxied = is_served_by_proxy(&model["litellm_params"], defaults);
        for block in [Block::Params, Block::ModelInfo] {
            let place = format!("model_list[{index}].{}", block.name());
            let keys = model[block.name()].as_object().into_iter().flatten();
            findings.extend(keys.map(|(key, value)| option(block, &place, key, value, proxied)));
        }
    }
    for (key, _) in object(document, "environment_variables") {
        let why = "what `os.environ/NAME` stands for, and the environment of the LiteLLM proxy";
        findings.push(finding("environment_variables", key, Verdict::Honoured, why));
    }
    for (key, _) in object(document, "callback_settings") {
        let why = "metrics and traces are set up by the gateway's own variables";
        findings.push(finding("callback_settings", key, Verdict::Warned, why));
    }
    findings
}

fn object<'a>(document: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    document[name].as_object().map(Map::iter).into_iter().flatten()
}

fn finding(place: &str, key: &str, verdict: Verdict, why: impl Into<String>) -> Finding {
    Finding { path: format!("{place}.{key}"), verdict, why: why.into() }
}

fn option(block: Block, place: &str, key: &str, value: &Value, proxied: bool) -> Finding {
    let Some(row) = block.find(key) else { return unknown(block, place, key) };
    if let Some(why) = contradiction(block, key, value) {
        return finding(place, key, Verdict::Refused, why);
    }
    match row.verdict {
        Verdict::Proxy if !proxied => finding(place, key, Verdict::Warned, row.why),
        verdict => finding(place, key, verdict, row.why),
    }
}

/// Values of an honoured option that ask for what the gateway does not do.
fn contradiction(block: Block, key: &str, value: &Value) -> Option<String> {
    match (block, key) {
        (Block::Library, "callbacks" | "success_callback" | "failure_callback") => {
            let names = value.as_array().into_iter().flatten().chain(value.is_string().then_some(value));
            let foreign = names.filter_map(Value::as_str).find(|name| !CALLBACKS.contains(name))?;
            Some(format!(
                "`{foreign}` is none of the gateway's callbacks: metrics are at `/metrics`, traces go where \
                 `OTEL_EXPORTER_OTLP_ENDPOINT` leads; remove it"
            ))
        }
        (Block::Library, "cache_params") => {
            let kind = value["type"].as_str().filter(|kind| *kind != "local")?;
            Some(format!("the cache is in memory: write `type: local`, and not `{kind}`"))
        }
        (Block::General, "cancel_on_disconnect") if value == &Value::Bool(false) => {
            Some("a model always stops when its caller leaves: remove the option".to_owned())
        }
        (Block::General, "store_model_in_db") if value == &Value::Bool(false) => {
            Some("models of the model table are always served: remove the option".to_owned())
        }
        _ => None,
    }
}

/// A key that LiteLLM does not document. Beside a model it is a parameter of every request, as LiteLLM has it.
fn unknown(block: Block, place: &str, key: &str) -> Finding {
    let names = block.keys().iter().map(|row| row.name).filter(|name| !name.contains('*'));
    let near = names
        .map(|name| (strsim::damerau_levenshtein(name, key), name))
        .filter(|(distance, name)| *distance <= name.len() / 5)
        .min();
    match (block, near) {
        (Block::Params, None) => {
            finding(place, key, Verdict::Honoured, "sent with every request that has none of its own")
        }
        (Block::ModelInfo, None) => finding(place, key, Verdict::Honoured, "told by `model/info`"),
        (_, Some((_, name))) => finding(
            place,
            key,
            Verdict::Warned,
            format!("LiteLLM has no such option; perhaps `{name}` is meant"),
        ),
        (_, None) => {
            finding(place, key, Verdict::Warned, "LiteLLM documents no such option, and it has no effect")
        }
    }
}
