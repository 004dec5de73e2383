//! The real LiteLLM beside the gateway: it answers for a provider that the gateway does not speak, and it is an oracle for
//! those that it does. The same requests go to the same server through it and without it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use lisa_testkit::tool;
use serde_json::{Map, Value, json};

use super::local::{Answer, Gateway};
use super::mock::Mock;

/// Its first start on a crowded machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// What LiteLLM changes of an answer, and the gateway does not, because it passes a server's bytes on as they are.
const BY_DESIGN: &[(&str, &str)] = &[
    ("model", "LiteLLM writes the caller's name for the model over the server's"),
    ("provider_specific_fields", "LiteLLM collects what it does not know there"),
    ("created", "LiteLLM dates the chunks of a stream anew"),
    ("usage.completion_tokens_details", "LiteLLM counts what the server did not"),
    ("usage.prompt_tokens_details", "LiteLLM counts what the server did not"),
    ("usage.completion_tokens", "LiteLLM adds a zero to the usage of embeddings"),
];

/// A model of the server, asked for by the gateway itself and through LiteLLM.
fn document(mock: &Mock) -> Value {
    let base = format!("{}/v1", mock.url);
    let entry = |name: &str, model: &str, proxied: bool| {
        let mut params = json!({ "model": format!("openai/{model}"), "api_base": base, "api_key": "os.environ/MODEL_KEY",
            "temperature": 0.5, "max_retries": 0 });
        if proxied {
            params["use_litellm_proxy"] = json!(true);
        }
        json!({ "model_name": name, "litellm_params": params })
    };
    let cohere = json!({ "model": "cohere_chat/command-r", "api_base": format!("{}/cohere", mock.url), "api_key": "key" });
    json!({
        "litellm_settings": { "drop_params": true },
        "environment_variables": { "MODEL_KEY": "secret" },
        "model_list": [
            entry("native", "real", false), entry("proxied", "real", true),
            entry("native-busy", "busy", false), entry("proxied-busy", "busy", true),
            entry("native-strict", "strict", false), entry("proxied-strict", "strict", true),
            { "model_name": "cohere", "litellm_params": cohere },
        ],
    })
}

fn start(mock: &Mock) -> Result<Gateway> {
    let folder = tempfile::TempDir::with_prefix("lisa-litellm-")?;
    let path = folder.path().join("litellm.json");
    std::fs::write(&path, document(mock).to_string())?;
    let program = tool::directory()?.join("litellm/bin/litellm");
    ensure!(program.is_file(), "`{}` is not installed; run `cargo xtask tools`", program.display());
    let (path, program) = (path.to_str().context("a path")?, program.to_str().context("a path")?);
    let gateway = Gateway::start(&["--litellm", path], &[("LITELLM_COMMAND", program)])?;
    let begun = Instant::now();
    loop {
        // Until it is there, its models are not, and the others are served.
        let answer = gateway.post("chat/completions", &chat("proxied"))?;
        if answer.status == 200 {
            mock.take();
            return Ok(gateway);
        }
        ensure!(answer.status == 404, "{answer:?}");
        let own = gateway.post("chat/completions", &chat("native"))?;
        ensure!(own.status == 200, "{own:?}");
        ensure!(begun.elapsed() < PATIENCE, "LiteLLM does not come up:\n{}", gateway.log());
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn chat(model: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": "Hello" }] })
}

/// Requests, by what they are, with the model's name left open.
fn requests() -> Vec<(&'static str, &'static str, Value)> {
    let with = |changes: Value| {
        let mut body = chat("");
        body.as_object_mut()
            .into_iter()
            .for_each(|body| body.extend(changes.as_object().cloned().unwrap_or_default()));
        body
    };
    let tool = json!({ "type": "function", "function": { "name": "f", "parameters": { "type": "object", "properties": {} } } });
    vec![
        ("a chat", "chat/completions", with(json!({}))),
        (
            "its own temperature",
            "chat/completions",
            with(json!({ "temperature": 1, "seed": 7, "stop": ["x"] })),
        ),
        ("tools", "chat/completions", with(json!({ "tools": [tool], "tool_choice": "auto" }))),
        ("JSON mode", "chat/completions", with(json!({ "response_format": { "type": "json_object" } }))),
        ("a stream", "chat/completions", with(json!({ "stream": true }))),
        ("embeddings", "embeddings", json!({ "input": ["Hello"], "encoding_format": "float" })),
    ]
}

/// The values of an answer, or of all chunks of a stream, without what differs by design.
fn compared(answer: &Answer) -> Result<Vec<Value>> {
    let chunks =
        answer.body.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|line| *line != "[DONE]");
    let chunks: Vec<Value> = chunks.map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut values = if chunks.is_empty() { vec![answer.json()?] } else { chunks };
    for value in &mut values {
        for (path, _) in BY_DESIGN {
            remove(value, path);
        }
        without_nulls(value);
    }
    Ok(values)
}

fn remove(value: &mut Value, path: &str) {
    match (value, path.split_once('.')) {
        (Value::Object(entries), None) => {
            entries.remove(path);
            entries.values_mut().for_each(|entry| remove(entry, path));
        }
        (Value::Object(entries), Some((first, rest))) => {
            entries.get_mut(first).into_iter().for_each(|entry| remove(entry, rest));
        }
        (Value::Array(items), _) => items.iter_mut().for_each(|item| remove(item, path)),
        _ => {}
    }
}

/// LiteLLM leaves out what is null, and the server does not.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|_, entry| !entry.is_null());
            entries.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

#[test]
fn litellm_answers_for_others_and_agrees_on_the_rest() -> Result<()> {
    let mock = Mock::start()?;
    let gateway = start(&mock)?;

    let cohere = gateway.post("chat/completions", &chat("cohere"))?;
    let text = cohere.json()?["choices"][0]["message"]["content"].clone();
    ensure!(cohere.status == 200 && text == "Hello from Cohere", "{cohere:?}");
    mock.take();

    for (what, route, body) in requests() {
        let ask = |model: &str| -> Result<(Answer, Map<String, Value>)> {
            let mut body = body.clone();
            body["model"] = json!(model);
            let answer = gateway.post(route, &body)?;
            let asked = mock.take().pop().with_context(|| format!("{what}: the server was asked"))?;
            Ok((answer, asked.as_object().cloned().unwrap_or_default()))
        };
        let ((own, asked), (theirs, asked_by_theirs)) = (ask("native")?, ask("proxied")?);
        ensure!(own.status == theirs.status, "{what}: {own:?} {theirs:?}");
        let (ours, others) = (compared(&own)?, compared(&theirs)?);
        ensure!(ours == others, "{what}: {ours:#?}\n{others:#?}");
        ensure!(asked == asked_by_theirs, "{what}: the server was asked {asked:?} and {asked_by_theirs:?}");
    }
    // The tokens of every answer are known, streams' too, though none of these callers asks for them.
    let lines = gateway.log();
    let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let chats = lines.filter(|line| line["status"] == 200 && line["path"] == "/v2/serve/chat/completions");
    let chats: Vec<Value> = chats.filter(|line| line["model"] != "cohere").collect();
    ensure!(chats.len() >= 10 && chats.iter().all(|line| line["completion_tokens"] == 2), "{chats:#?}");
    // Errors: the status is the server's in both; LiteLLM writes words of its own around the server's.
    for (what, status) in [("busy", 429), ("strict", 400)] {
        let [own, theirs] = ["native", "proxied"]
            .map(|kind| gateway.post("chat/completions", &chat(&format!("{kind}-{what}"))));
        let (own, theirs) = (own?, theirs?);
        ensure!((own.status, theirs.status) == (status, status), "{what}: {own:?} {theirs:?}");
        ensure!(own.json()?["error"]["message"] == "no", "the server's own words: {own:?}");
    }
    Ok(())
}
