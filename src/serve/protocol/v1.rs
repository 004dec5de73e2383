//! Upstream's first routes: models by type and provider, and a text in, a text out. Source: upstream's
//! `lisa-sdk/lisapy/main.py` and `lib/serve/rest-api/src` before 3.0.

use std::collections::BTreeMap;

use bytes::BytesMut;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::openai::{self, Answer, Chunk};
use super::text::Text;
use super::{Failure, openai::Message};
use crate::registry::{Kind, Model};

/// Tokens of an answer where nothing else is said, as upstream has it.
const TOKENS: u64 = 50;

/// A request for a text or for vectors.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// Where the model comes from.
    pub provider: String,
    /// The model.
    pub model_name: String,
    /// The prompt, or the texts of which vectors are made.
    pub text: Text<String>,
    /// How the model answers, in TGI's words.
    #[serde(default)]
    pub model_kwargs: Option<Map<String, Value>>,
}

impl Request {
    /// Reads a body.
    pub fn read(body: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(body).map_err(|error| {
            let message = format!("the body is none that upstream's first routes take: {error}");
            Failure::new(StatusCode::BAD_REQUEST, "invalid_body", message)
        })
    }

    fn argument(&self, name: &str) -> Option<&Value> {
        self.model_kwargs.as_ref()?.get(name).filter(|value| !value.is_null())
    }

    /// The prompt; several texts are several prompts, of which upstream takes one.
    fn prompt(&self) -> String {
        match &self.text {
            Text::One(text) => text.clone(),
            Text::Many(texts) => texts.concat(),
        }
    }

    /// The body of a text completion that asks the same.
    pub fn completion(&self, model: &str, stream: bool) -> Value {
        let mut body = json!({ "model": model, "prompt": self.prompt(), "stream": stream });
        for (own, other) in [
            ("top_k", "top_k"),
            ("top_p", "top_p"),
            ("typical_p", "typical_p"),
            ("repetition_penalty", "repetition_penalty"),
            ("return_full_text", "echo"),
            ("truncate", "truncate_prompt_tokens"),
            ("seed", "seed"),
        ] {
            if let Some(value) = self.argument(own) {
                body[other] = value.clone();
            }
        }
        if stream {
            body["stream_options"] = json!({ "include_usage": true });
        }
        let stop =
            self.argument("stop_sequences").filter(|stop| stop.as_array().is_some_and(|s| !s.is_empty()));
        if let Some(stop) = stop {
            body["stop"] = stop.clone();
        }
        body["max_tokens"] = json!(self.tokens());
        if let Some(temperature) = self.temperature() {
            body["temperature"] = json!(temperature);
        }
        body
    }

    fn tokens(&self) -> u64 {
        self.argument("max_new_tokens").and_then(Value::as_u64).unwrap_or(TOKENS)
    }

    /// Without `do_sample` the likeliest token is taken, unless a temperature is given.
    fn temperature(&self) -> Option<f64> {
        let samples = self.argument("do_sample").and_then(Value::as_bool).unwrap_or_default();
        self.argument("temperature").and_then(Value::as_f64).or_else(|| (!samples).then_some(0.0))
    }

    /// The chat that asks the same, for models without text completions.
    pub fn chat(&self, stream: bool) -> openai::Request {
        let content = Some(Text::One(self.prompt()));
        let stop = self.argument("stop_sequences").and_then(Value::as_array);
        let stop: Option<Vec<String>> =
            stop.map(|texts| texts.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        openai::Request {
            messages: vec![Message { role: "user".to_owned(), content, ..Message::default() }],
            max_tokens: Some(self.tokens()),
            temperature: self.temperature(),
            top_p: self.argument("top_p").and_then(Value::as_f64),
            stop: stop.filter(|texts| !texts.is_empty()).map(Text::Many),
            stream: Some(stream),
            ..openai::Request::default()
        }
    }

    /// The body of a request for embeddings that asks the same.
    pub fn embeddings(&self, model: &str) -> Value {
        json!({ "model": model, "input": self.text, "encoding_format": "float" })
    }
}

/// A whole answer: `generatedText`, `generatedTokens`, `finishReason`.
pub fn generated(answer: &Answer) -> Vec<u8> {
    let choice = answer.choices.first();
    let text = choice.and_then(|choice| choice.text.as_ref().or(choice.message.content.as_ref()));
    let finish = choice.and_then(|choice| choice.finish_reason.as_deref()).unwrap_or("stop");
    let tokens = answer.usage.map(|usage| usage.completion_tokens).unwrap_or_default();
    let text = text.map(String::as_str).unwrap_or_default();
    let body =
        json!({ "generatedText": text, "generatedTokens": tokens, "finishReason": finish_reason(finish) });
    body.to_string().into_bytes()
}

/// Why an answer ended, in TGI's words.
fn finish_reason(finish: &str) -> &str {
    if finish == "stop" { "eos_token" } else { finish }
}

/// OpenAI's embeddings as upstream's: `{"embeddings": [[…]]}`.
pub fn embedded(body: &[u8]) -> Result<Vec<u8>, Failure> {
    #[derive(Deserialize)]
    struct Answer {
        data: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        embedding: super::text::Raw,
    }
    let garbled = |error| Failure::garbled(format!("the model's answer cannot be read: {error}"));
    let answer: Answer = serde_json::from_slice(body).map_err(garbled)?;
    let vectors: Vec<&str> = answer.data.iter().map(|item| item.embedding.get()).collect();
    Ok(format!("{{\"embeddings\":[{}]}}", vectors.join(",")).into_bytes())
}

/// Writes a stream of tokens. The last token and the reason of the end stand in one event, as TGI writes them, so that one
/// token is one event.
#[derive(Debug, Default)]
pub struct Stream {
    last: Option<String>,
    finish: Option<String>,
    tokens: u64,
    counted: Option<u64>,
}

impl Stream {
    /// Writes what a chunk brings.
    pub fn chunk(&mut self, chunk: &Chunk, out: &mut BytesMut) {
        self.counted = chunk.usage.map(|usage| usage.completion_tokens).or(self.counted);
        let Some(piece) = chunk.choices.first() else { return };
        if let Some(text) = piece.delta.content.as_ref().filter(|text| !text.is_empty()) {
            self.tokens += 1;
            if let Some(text) = self.last.replace(text.clone()) {
                event(&json!({ "token": { "text": text, "special": false } }), out);
            }
        }
        if piece.finish_reason.is_some() {
            self.finish.clone_from(&piece.finish_reason);
        }
    }

    /// Writes the end.
    pub fn end(&mut self, out: &mut BytesMut) {
        let text = self.last.take().unwrap_or_default();
        let data = json!({
            "token": { "text": text, "special": false },
            "generatedTokens": self.counted.unwrap_or(self.tokens),
            "finishReason": finish_reason(self.finish.as_deref().unwrap_or("stop")),
        });
        event(&data, out);
    }
}

fn event(data: &Value, out: &mut BytesMut) {
    out.extend_from_slice(format!("data:{data}\n\n").as_bytes());
}

/// Names of models by type and provider: `{"textgen": {"ecs.textgen.tgi": ["name"]}}`.
pub fn list<'a>(models: impl Iterator<Item = &'a Model>, kinds: &[Kind]) -> Value {
    let named = sorted(models, kinds, |model| json!(model.name));
    json!(named)
}

/// The same with what is known of each.
pub fn describe_all<'a>(models: impl Iterator<Item = &'a Model>, kinds: &[Kind]) -> Value {
    json!(sorted(models, kinds, describe))
}

type Sorted = BTreeMap<&'static str, BTreeMap<String, Vec<Value>>>;

fn sorted<'a>(
    models: impl Iterator<Item = &'a Model>,
    kinds: &[Kind],
    of: impl Fn(&Model) -> Value,
) -> Sorted {
    let mut all: Sorted = kinds.iter().map(|kind| (name_of(*kind), BTreeMap::new())).collect();
    for model in models.filter(|model| !model.provider.is_empty()) {
        if let Some(providers) = all.get_mut(name_of(model.kind)) {
            providers.entry(model.provider.clone()).or_default().push(of(model));
        }
    }
    all
}

const fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Textgen => "textgen",
        Kind::Embedding => "embedding",
    }
}

/// What is known of a model. The arguments are those that [`Request`] takes, with upstream's defaults.
pub fn describe(model: &Model) -> Value {
    let arguments = match model.kind {
        Kind::Embedding => json!({}),
        Kind::Textgen => json!({
            "max_new_tokens": TOKENS, "top_k": null, "top_p": null, "typical_p": null, "temperature": null,
            "repetition_penalty": null, "return_full_text": false, "truncate": null, "stop_sequences": [],
            "seed": null, "do_sample": false, "watermark": false,
        }),
    };
    json!({
        "provider": model.provider, "modelName": model.name, "modelType": name_of(model.kind),
        "modelKwargs": arguments, "streaming": model.kind == Kind::Textgen,
    })
}

/// Provider and name of a query `provider=…&modelName=…`.
pub fn asked(query: Option<&str>) -> (String, String) {
    let pairs = || form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let value = |asked: &str| {
        let found = pairs().find(|(name, _)| name == asked);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    (value("provider"), value("modelName"))
}

/// The types of a query `modelTypes=textgen&modelTypes=embedding`; both where it names none.
pub fn kinds(query: Option<&str>) -> Result<Vec<Kind>, Failure> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let asked = pairs.filter(|(name, _)| name == "modelTypes").map(|(_, value)| match &*value {
        "textgen" => Ok(Kind::Textgen),
        "embedding" => Ok(Kind::Embedding),
        other => Err(Failure::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_model_type",
            format!("`modelTypes` is `{other}`; it takes `textgen` and `embedding`"),
        )),
    });
    let asked: Vec<Kind> = asked.collect::<Result<_, _>>()?;
    Ok(if asked.is_empty() { vec![Kind::Embedding, Kind::Textgen] } else { asked })
}

#[cfg(test)]
mod tests;
