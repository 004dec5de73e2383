//! Models that are built in, for trying the gateway out and for tests: they answer in OpenAI's forms, the same to the same
//! question, and say what they are.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{self, Problem};
use crate::body::Body;
use crate::peek::PeekError;

/// Numbers of an embedding.
const DIMENSIONS: usize = 64;

/// When every answer says that it was made: a fixture has no clock.
const CREATED: u64 = 1_700_000_000;

/// Between the events of a stream.
const PACE: Duration = Duration::from_millis(5);

/// A model that is built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fixture {
    /// Answers with what was said last; calls the first tool where tools are offered and it is asked to.
    Chat,
    /// Makes vectors of the words of a text: equal texts get equal vectors, similar ones similar ones.
    Embed,
    /// Answers with this text: `mock_response` of `litellmConfig`.
    Text(Arc<str>),
}

#[derive(Deserialize)]
struct Chat {
    #[serde(default)]
    messages: Vec<Message>,
    #[serde(default)]
    prompt: Option<Value>,
    #[serde(default)]
    tools: Vec<Value>,
    #[serde(default)]
    tool_choice: Option<Value>,
    #[serde(default)]
    response_format: Option<Value>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    #[serde(default)]
    content: Value,
}

#[derive(Deserialize)]
struct Embed {
    input: Value,
    #[serde(default)]
    encoding_format: Option<String>,
}

/// What a fixture says.
enum Said {
    Text(String),
    Tool { name: String, arguments: String },
}

/// What a fixture answers, in OpenAI's forms.
pub enum Fixed {
    /// A whole answer.
    Json(Bytes),
    /// The events of a stream.
    Events(Vec<Bytes>),
}

impl Fixed {
    /// As it is.
    pub fn answer(self) -> Response<Body> {
        match self {
            Self::Json(body) => answer::of(StatusCode::OK, "application/json", body),
            Self::Events(events) => {
                let mut answer = answer::of(StatusCode::OK, "text/event-stream", Bytes::new());
                *answer.body_mut() = Body::paced(events, PACE);
                answer
            }
        }
    }
}

impl Fixture {
    /// Answers a request that the gateway has read already.
    pub fn answer(
        &self,
        route: &str,
        model: &str,
        body: &[u8],
        stream: bool,
        usage: bool,
    ) -> Result<Fixed, Problem> {
        let answered = match (self, route) {
            (Self::Chat, "chat/completions") => chat(model, body, stream, usage, None),
            (Self::Text(text), "chat/completions") => chat(model, body, stream, usage, Some(text)),
            (Self::Chat, "completions") => completion(model, body),
            (Self::Embed, "embeddings") => embeddings(model, body),
            _ => return Err(Problem::not_answered(model, route)),
        };
        answered.map_err(|error| Problem::body(&PeekError::Json(error.to_string())))
    }
}

fn chat(
    model: &str,
    body: &[u8],
    stream: bool,
    usage: bool,
    text: Option<&str>,
) -> serde_json::Result<Fixed> {
    let asked: Chat = serde_json::from_slice(body)?;
    let said = text.map_or_else(|| say(&asked), |text| Said::Text(text.to_owned()));
    let counted = count(&asked, &said);
    Ok(if stream { streamed(model, &said, usage.then_some(&counted)) } else { whole(model, &said, &counted) })
}

fn say(asked: &Chat) -> Said {
    let last = asked.messages.iter().rev().find(|message| message.role == "user");
    let text = last.map(|message| text_of(&message.content)).unwrap_or_default();
    let answered = asked.messages.last().is_some_and(|message| message.role == "tool");
    let wants_tool = asked.tool_choice.as_ref().is_none_or(|choice| choice != "none") && !answered;
    let tool = asked.tools.first().and_then(|tool| tool["function"]["name"].as_str()).filter(|_| wants_tool);
    if let Some(name) = tool {
        return Said::Tool { name: name.to_owned(), arguments: json!({ "text": text }).to_string() };
    }
    let is_json = asked.response_format.as_ref().is_some_and(|format| format["type"] != "text");
    if is_json {
        return Said::Text(json!({ "fixture": true, "text": text }).to_string());
    }
    Said::Text(format!("This is a fixture, not a language model. You said: {text}"))
}

fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

/// Words stand for tokens.
fn count(asked: &Chat, said: &Said) -> Value {
    let words = |text: &str| text.split_whitespace().count();
    let prompt: usize = asked.messages.iter().map(|message| words(&text_of(&message.content))).sum();
    let completion = match said {
        Said::Text(text) => words(text),
        Said::Tool { arguments, .. } => words(arguments) + 1,
    };
    json!({ "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion })
}

fn whole(model: &str, said: &Said, usage: &Value) -> Fixed {
    let (message, finish) = match said {
        Said::Text(text) => (json!({ "role": "assistant", "content": text, "refusal": null }), "stop"),
        Said::Tool { name, arguments } => {
            let call = json!({ "id": "call_fixture", "type": "function",
                "function": { "name": name, "arguments": arguments } });
            (
                json!({ "role": "assistant", "content": null, "refusal": null, "tool_calls": [call] }),
                "tool_calls",
            )
        }
    };
    json_answer(&json!({
        "id": "chatcmpl-fixture", "object": "chat.completion", "created": CREATED, "model": model,
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish }], "usage": usage,
    }))
}

fn streamed(model: &str, said: &Said, usage: Option<&Value>) -> Fixed {
    let chunk = |delta: Value, finish: Value| {
        json!({ "id": "chatcmpl-fixture", "object": "chat.completion.chunk", "created": CREATED, "model": model,
            "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }] })
    };
    let mut chunks = vec![chunk(json!({ "role": "assistant", "content": "" }), Value::Null)];
    match said {
        Said::Text(text) => {
            let words = text.split_inclusive(' ');
            chunks.extend(words.map(|word| chunk(json!({ "content": word }), Value::Null)));
            chunks.push(chunk(json!({}), json!("stop")));
        }
        Said::Tool { name, arguments } => {
            let call = |function: Value, id: Value| {
                let mut call = json!({ "index": 0, "function": function });
                if id.is_string() {
                    call["id"] = id;
                    call["type"] = json!("function");
                }
                chunk(json!({ "tool_calls": [call] }), Value::Null)
            };
            chunks.push(call(json!({ "name": name, "arguments": "" }), json!("call_fixture")));
            chunks.push(call(json!({ "arguments": arguments }), Value::Null));
            chunks.push(chunk(json!({}), json!("tool_calls")));
        }
    }
    if let Some(usage) = usage {
        let mut last = chunk(json!({}), Value::Null);
        last["choices"] = json!([]);
        last["usage"] = usage.clone();
        chunks.push(last);
    }
    let mut events: Vec<Bytes> =
        chunks.iter().map(|chunk| Bytes::from(format!("data: {chunk}\n\n"))).collect();
    events.push(Bytes::from_static(b"data: [DONE]\n\n"));
    Fixed::Events(events)
}

fn completion(model: &str, body: &[u8]) -> serde_json::Result<Fixed> {
    let asked: Chat = serde_json::from_slice(body)?;
    let prompt = asked.prompt.as_ref().map(text_of).unwrap_or_default();
    let text = format!("This is a fixture, not a language model. You wrote: {prompt}");
    Ok(json_answer(&json!({
        "id": "cmpl-fixture", "object": "text_completion", "created": CREATED, "model": model,
        "choices": [{ "index": 0, "text": text, "logprobs": null, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": prompt.split_whitespace().count(),
            "completion_tokens": text.split_whitespace().count(),
            "total_tokens": prompt.split_whitespace().count() + text.split_whitespace().count() },
    })))
}

fn embeddings(model: &str, body: &[u8]) -> serde_json::Result<Fixed> {
    let asked: Embed = serde_json::from_slice(body)?;
    let texts: Vec<String> = match &asked.input {
        Value::String(text) => vec![text.clone()],
        // A list of numbers is one text, already cut into tokens.
        Value::Array(items) if items.first().is_some_and(Value::is_number) => vec![asked.input.to_string()],
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
        }
        other => vec![other.to_string()],
    };
    let is_base64 = asked.encoding_format.as_deref() == Some("base64");
    let encoded = |text: &String| {
        let vector = vector(text);
        if is_base64 { json!(base64(&vector)) } else { json!(vector) }
    };
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| json!({ "object": "embedding", "index": index, "embedding": encoded(text) }))
        .collect();
    let tokens: usize = texts.iter().map(|text| text.split_whitespace().count()).sum();
    Ok(json_answer(&json!({ "object": "list", "data": data, "model": model,
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens } })))
}

/// A vector of length one: each word adds to the place that its letters lead to.
fn vector(text: &str) -> Vec<f32> {
    let mut places = vec![0.0_f32; DIMENSIONS];
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let hash = word
            .to_lowercase()
            .bytes()
            .fold(5381_usize, |hash, byte| hash.wrapping_mul(33).wrapping_add(usize::from(byte)));
        places[hash % DIMENSIONS] += 1.0;
    }
    let length = places.iter().map(|place| place * place).sum::<f32>().sqrt();
    if length > 0.0 {
        for place in &mut places {
            *place /= length;
        }
    }
    places
}

/// Little-endian, as OpenAI's clients ask for by default.
fn base64(vector: &[f32]) -> String {
    use base64::Engine as _;
    let bytes: Vec<u8> = vector.iter().flat_map(|place| place.to_le_bytes()).collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn json_answer(value: &Value) -> Fixed {
    Fixed::Json(answer::json(value))
}
