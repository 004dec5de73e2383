//! Amazon SageMaker's endpoints: what their containers are asked, and what they answer. A container that speaks OpenAI's
//! protocol gets the body as it is; others get `inputs` and `parameters`, as Text Generation Inference takes them.
//! Source: botocore 1.43.106, `data/sagemaker-runtime/2017-05-13/service-2.json`; TGI's and LMI's API schemas.

use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::bedrock::embed::Vectors;
use super::event_stream::{Frame, Kind};
use super::openai::{self, Answer, Choice, Chunk, Message, Piece, Said, Usage};
use super::stream::Event;
use super::text::Text;
use super::{Failure, bedrock};

/// The path of an endpoint's operation.
pub fn path(endpoint: &str, stream: bool) -> String {
    let operation = if stream { "invocations-response-stream" } else { "invocations" };
    let named = bedrock::path(endpoint, operation);
    named.replacen("/model/", "/endpoints/", 1)
}

/// The failure in an answer with an error's status. A container's own words and status are in the service's.
pub fn failure(status: StatusCode, headers: &http::HeaderMap, body: &[u8]) -> Failure {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let original = value["OriginalStatusCode"].as_u64().and_then(|code| u16::try_from(code).ok());
    let original = original.and_then(|code| StatusCode::from_u16(code).ok());
    if let (Some(status), Some(text)) = (original, value["OriginalMessage"].as_str()) {
        return openai::failure(status, text.as_bytes());
    }
    bedrock::failure(status, headers, body)
}

/// The bytes of a part of an answer's stream.
pub fn part(frame: Frame) -> Result<Bytes, Failure> {
    if frame.kind == Kind::Event {
        return Ok(frame.payload);
    }
    let value: Value = serde_json::from_slice(&frame.payload).unwrap_or_default();
    let text = value["Message"].as_str().or_else(|| value["message"].as_str());
    let text = text.map_or_else(|| String::from_utf8_lossy(&frame.payload).into_owned(), str::to_owned);
    Err(Failure::new(StatusCode::BAD_GATEWAY, frame.name, text))
}

/// What a container without a chat of its own is asked.
pub fn inputs(request: &openai::Request) -> Result<Value, Failure> {
    if request.tools.as_ref().is_some_and(|tools| !tools.is_empty()) {
        return Err(Failure::untranslatable("`tools`: the endpoint's container takes texts alone"));
    }
    let mut parameters =
        Map::from_iter([("details".to_owned(), json!(true)), ("return_full_text".to_owned(), json!(false))]);
    let stop = request.stop.as_ref().map(|stop| match stop {
        Text::One(text) => json!([text]),
        Text::Many(texts) => json!(texts),
    });
    // A temperature of nought is no temperature there, but the choice of the likeliest.
    let temperature = request.temperature.filter(|temperature| *temperature > 0.0);
    let sample = request.temperature.map(|temperature| temperature > 0.0);
    for (name, value) in [
        ("max_new_tokens", request.max_completion_tokens.or(request.max_tokens).map(Value::from)),
        ("temperature", temperature.map(Value::from)),
        ("do_sample", sample.map(Value::from)),
        ("top_p", request.top_p.filter(|share| *share < 1.0).map(Value::from)),
        ("top_k", request.top_k.map(Value::from)),
        ("stop", stop),
        ("seed", request.rest.get("seed").cloned().filter(Value::is_number)),
    ] {
        parameters.extend(value.map(|value| (name.to_owned(), value)));
    }
    Ok(json!({ "inputs": prompt(&request.messages)?, "parameters": parameters }))
}

/// A conversation as one text. A single text of a user's stands as it is: a prompt that somebody has written out.
fn prompt(messages: &[Message]) -> Result<String, Failure> {
    if let [message] = messages
        && message.role == "user"
    {
        return text_of(message);
    }
    let mut prompt = String::new();
    for message in messages {
        let name = match message.role.as_str() {
            "system" | "developer" => "System",
            "assistant" => "Assistant",
            "user" => "User",
            other => return Err(Failure::untranslatable(format!("the container takes no role `{other}`"))),
        };
        prompt.extend([name, ": ", &text_of(message)?, "\n"]);
    }
    prompt.push_str("Assistant:");
    Ok(prompt)
}

fn text_of(message: &Message) -> Result<String, Failure> {
    match &message.content {
        None => Ok(String::new()),
        Some(Text::One(text)) => Ok(text.clone()),
        Some(Text::Many(parts)) => {
            let texts: Option<Vec<&str>> = parts.iter().map(|part| part.text.as_deref()).collect();
            let texts = texts.ok_or_else(|| Failure::untranslatable("the container takes texts alone"))?;
            Ok(texts.join("\n"))
        }
    }
}

#[derive(Deserialize)]
struct Generated {
    generated_text: String,
    #[serde(default)]
    details: Option<Details>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    finish_reason: String,
    generated_tokens: u64,
    /// Tokens of the prompt, in the last event of a stream.
    input_length: Option<u64>,
    prefill: Vec<Value>,
}

impl Details {
    fn usage(&self) -> Usage {
        let prompt_tokens = self.input_length.unwrap_or(self.prefill.len() as u64);
        let completion_tokens = self.generated_tokens;
        let total_tokens = prompt_tokens + completion_tokens;
        Usage { prompt_tokens, completion_tokens, total_tokens, ..Usage::default() }
    }

    fn finish(&self) -> String {
        if self.finish_reason == "length" { "length" } else { "stop" }.to_owned()
    }
}

/// A whole answer of tokens.
pub fn answer(body: &[u8]) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Wire {
        List(Vec<Generated>),
        One(Generated),
    }
    let garbled = |error| Failure::garbled(format!("the endpoint's answer cannot be read: {error}"));
    let generated = match serde_json::from_slice(body).map_err(garbled)? {
        Wire::One(generated) => Some(generated),
        Wire::List(list) => list.into_iter().next(),
    };
    let Generated { generated_text, details } =
        generated.ok_or_else(|| Failure::garbled("the endpoint's answer is empty"))?;
    let details = details.unwrap_or_default();
    let message = Said { content: Some(generated_text), ..Said::default() };
    let choice = Choice { message, finish_reason: Some(details.finish()), ..Choice::default() };
    Ok(Answer { choices: vec![choice], usage: Some(details.usage()), ..Answer::default() })
}

/// Reads a stream of tokens: lines of JSON, with `data:` before them or without.
#[derive(Debug, Default)]
pub struct Tokens {
    line: Vec<u8>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Line {
    token: Option<Token>,
    details: Option<Details>,
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Token {
    text: String,
    special: bool,
}

impl Tokens {
    /// Takes what has come.
    pub fn feed(&mut self, mut bytes: &[u8], each: &mut impl FnMut(Event)) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            self.line.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            let line = std::mem::take(&mut self.line);
            token(&line, each);
        }
        self.line.extend_from_slice(bytes);
        if self.line.len() > super::sse::LARGEST_EVENT {
            self.line.clear();
            each(Event::Failed(Failure::garbled("a line of the endpoint's stream has no end")));
        }
    }
}

fn token(line: &[u8], each: &mut impl FnMut(Event)) {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"data:").unwrap_or(line).trim_ascii();
    if line.is_empty() || line == b"[DONE]" {
        return;
    }
    let Ok(Line { token, details, error }) = serde_json::from_slice(line) else {
        return each(Event::Failed(Failure::garbled("a line of the endpoint's stream cannot be read")));
    };
    if let Some(message) = error {
        return each(Event::Failed(Failure::new(StatusCode::BAD_GATEWAY, "generation", message)));
    }
    let text = token.filter(|token| !token.special).map(|token| token.text);
    let delta = Said { content: text, ..Said::default() };
    let finish_reason = details.as_ref().map(Details::finish);
    each(Event::Chunk(Chunk {
        choices: vec![Piece { delta, finish_reason, ..Piece::default() }],
        ..Chunk::default()
    }));
    if let Some(details) = details {
        each(Event::Chunk(Chunk { usage: Some(details.usage()), ..Chunk::default() }));
        each(Event::Done);
    }
}

/// Vectors, in the forms that containers answer with: `{"embedding": [[…]]}`, `[[…]]`, or OpenAI's.
pub fn vectors(body: &[u8]) -> Result<Vectors, Failure> {
    #[derive(Deserialize)]
    struct Item {
        embedding: Vec<f32>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Wire {
        Plain(Vec<Vec<f32>>),
        Under { embedding: Vec<Vec<f32>> },
        OpenAi { data: Vec<Item> },
    }
    let garbled = |_| Failure::garbled("the endpoint's answer holds no embeddings that are known");
    let vectors = match serde_json::from_slice(body).map_err(garbled)? {
        Wire::Plain(vectors) | Wire::Under { embedding: vectors } => vectors,
        Wire::OpenAi { data } => data.into_iter().map(|item| item.embedding).collect(),
    };
    Ok(Vectors { vectors, tokens: 0 })
}

#[cfg(test)]
mod tests;
