//! The routes: `/v1/models`, `/v1/embeddings`, `/v1/chat/completions` (streamed or not), `/health`.

use std::convert::Infallible;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::chat::{Asked, Chat, End, Message};
use crate::embedder::Embedder;
use crate::worker::Worker;

/// Names that the models go by. A request may name anything: there is one model of each kind.
const EMBEDDER: &str = "all-minilm-l6-v2";
const CHAT: &str = "smollm2-135m-instruct";

/// The models.
#[derive(Clone)]
pub(crate) struct Engine {
    pub(crate) embedder: Worker<Embedder>,
    pub(crate) chat: Worker<Chat>,
}

/// The routes of an engine.
pub(crate) fn router(engine: Engine) -> Router {
    Router::new()
        .route("/health", get(async || "OK"))
        .route("/v1/models", get(models))
        .route("/v1/embeddings", post(embeddings))
        .route("/v1/chat/completions", post(chat))
        .with_state(engine)
}

async fn models() -> Json<Value> {
    let model = |id: &str| json!({ "id": id, "object": "model", "created": 0, "owned_by": "lisa" });
    Json(json!({ "object": "list", "data": [model(EMBEDDER), model(CHAT)] }))
}

#[derive(Deserialize)]
struct EmbeddingsRequest {
    input: Input,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    One(String),
    Many(Vec<String>),
}

async fn embeddings(State(engine): State<Engine>, Json(request): Json<EmbeddingsRequest>) -> Response {
    let texts = match request.input {
        Input::One(text) => vec![text],
        Input::Many(texts) => texts,
    };
    let made = engine.embedder.ask(move |model| texts.iter().map(|text| model.embed(text)).collect());
    let made: Vec<_> = match made.await {
        Ok(made) => made,
        Err(error) => return refused(&error),
    };
    let tokens: usize = made.iter().map(|embedding| embedding.tokens).sum();
    let data = made.iter().enumerate().map(
        |(index, embedding)| json!({ "object": "embedding", "index": index, "embedding": embedding.vector }),
    );
    let data: Vec<Value> = data.collect();
    let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
    Json(json!({ "object": "list", "model": EMBEDDER, "data": data, "usage": usage })).into_response()
}

#[derive(Deserialize)]
struct ChatRequest {
    messages: Vec<Message>,
    #[serde(default)]
    stream: bool,
    #[serde(default)]
    stream_options: StreamOptions,
    max_tokens: Option<usize>,
    max_completion_tokens: Option<usize>,
    temperature: Option<f64>,
    seed: Option<u64>,
    stop: Option<Input>,
}

#[derive(Default, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

impl ChatRequest {
    fn asked(self) -> Asked {
        let stop = match self.stop {
            None => Vec::new(),
            Some(Input::One(text)) => vec![text],
            Some(Input::Many(texts)) => texts,
        };
        Asked {
            messages: self.messages,
            most_tokens: self.max_completion_tokens.or(self.max_tokens).unwrap_or(256),
            temperature: self.temperature.unwrap_or_default(),
            seed: self.seed.unwrap_or_default(),
            stop,
        }
    }
}

async fn chat(State(engine): State<Engine>, Json(request): Json<ChatRequest>) -> Response {
    let (stream, include_usage) = (request.stream, request.stream_options.include_usage);
    let asked = request.asked();
    if stream { streamed(&engine, asked, include_usage) } else { whole(&engine, asked).await }
}

async fn whole(engine: &Engine, asked: Asked) -> Response {
    let answer = engine.chat.ask(move |model| {
        let mut text = String::new();
        let end = model.answer(&asked, |piece| {
            text.push_str(piece);
            true
        })?;
        Ok((text, end))
    });
    match answer.await {
        Ok((text, end)) => {
            let message = json!({ "role": "assistant", "content": text });
            let choice = json!({ "index": 0, "message": message, "finish_reason": end.reason });
            let mut body = head("chat.completion");
            body["choices"] = json!([choice]);
            body["usage"] = usage(end);
            Json(body).into_response()
        }
        Err(error) => refused(&error),
    }
}

fn streamed(engine: &Engine, asked: Asked, include_usage: bool) -> Response {
    let (events, coming) = unbounded_channel();
    let handed = engine.chat.hand(move |model| tell(model, &asked, include_usage, &events));
    if let Err(error) = handed {
        return refused(&error);
    }
    let events = UnboundedReceiverStream::new(coming);
    Sse::new(events.map(|data: String| Ok::<_, Infallible>(Event::default().data(data)))).into_response()
}

/// Sends the events of an answer. Nobody who listens any more ends it.
fn tell(model: &mut Chat, asked: &Asked, include_usage: bool, events: &UnboundedSender<String>) {
    let chunk = |delta: Value, reason: Option<&str>| {
        let mut body = head("chat.completion.chunk");
        body["choices"] = json!([{ "index": 0, "delta": delta, "finish_reason": reason }]);
        body.to_string()
    };
    let _ = events.send(chunk(json!({ "role": "assistant", "content": "" }), None));
    let end = model.answer(asked, |piece| events.send(chunk(json!({ "content": piece }), None)).is_ok());
    match end {
        Ok(end) => {
            let _ = events.send(chunk(json!({}), Some(end.reason)));
            if include_usage {
                let mut body = head("chat.completion.chunk");
                body["choices"] = json!([]);
                body["usage"] = usage(end);
                let _ = events.send(body.to_string());
            }
            let _ = events.send("[DONE]".to_owned());
        }
        Err(error) => drop(events.send(problem(&error).to_string())),
    }
}

fn head(object: &str) -> Value {
    let created = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    json!({ "id": "chatcmpl-engine", "object": object, "created": created, "model": CHAT })
}

fn usage(end: End) -> Value {
    let End { prompt_tokens, answer_tokens, .. } = end;
    json!({
        "prompt_tokens": prompt_tokens,
        "completion_tokens": answer_tokens,
        "total_tokens": prompt_tokens + answer_tokens,
    })
}

fn problem(error: &anyhow::Error) -> Value {
    json!({ "error": { "message": format!("{error:#}"), "type": "invalid_request_error" } })
}

fn refused(error: &anyhow::Error) -> Response {
    (StatusCode::BAD_REQUEST, Json(problem(error))).into_response()
}
