//! `POST /repository/{repositoryId}/answer`: an answer from a repository's documents as it is written, with citations that are
//! checked.
//!
//! It comes as server-sent events, each a JSON object by its `type`: first `passages`, which `[n]` in the answer counts from
//! one; then `text`, more than once; last `end` with what is cited, or `error`.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event as Sent, KeepAlive};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};
use http::HeaderMap;
use lisa_retrieval::grounded::{self, Event, NOTHING_FOUND};
use lisa_retrieval::rewrite::{self, Question};
use lisa_retrieval::{Message, Passage};
use lisa_service::{Identity, Json, Problem};
use lisa_vectors::Filter;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Shared;
use super::search::{How, Place, reranked};
use crate::error::Error;

/// Tokens of an answer at most.
const MOST_TOKENS: u32 = 2048;

/// Between two signs of life while a model thinks: proxies close what is silent for a minute.
const ALIVE: Duration = Duration::from_secs(15);

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    question: String,
    /// The chat model that answers.
    model_id: String,
    /// The conversation before the question, oldest first.
    #[serde(default)]
    history: Vec<Message>,
    /// What a passage must meet.
    filters: Option<Filter>,
    /// Passages at most.
    k: Option<usize>,
    collection_id: Option<String>,
    /// The model that puts what was found in order.
    rerank_model_id: Option<String>,
    /// The least cosine to the question that the nearest passage has; below it nothing is found. By the embedding model
    /// without.
    score_floor: Option<f32>,
}

/// The first event.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "passages", rename_all = "camelCase")]
struct Read {
    /// The question as it was looked for: a follow-up in words that stand alone.
    question: String,
    passages: Vec<Passage>,
    /// Where a reranker was asked for: `true`, or why the order is the store's.
    #[serde(skip_serializing_if = "Option::is_none")]
    reranked: Option<Value>,
}

/// Answers from passages alone. What goes wrong before the model's first word is a status.
pub(super) async fn answer(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> Result<Sse<impl Stream<Item = Result<Sent, Infallible>>>, Problem> {
    if asked.question.trim().is_empty() {
        return Err(Error::Invalid("`question` is empty".to_owned()).into());
    }
    let world = &state.world;
    let place = Place::find(world, &caller, &id, asked.collection_id).await?;
    let model = world.models.chat(&asked.model_id, &headers).await.map_err(Error::from)?;
    let Question { text, .. } =
        rewrite::rewrite(Some(&*model), &asked.history, &asked.question, rewrite::LIMIT).await;
    let how = How {
        filter: asked.filters,
        passages: asked.k.unwrap_or(8).clamp(1, 50),
        score_floor: asked.score_floor.or_else(|| place.floor()),
        reranker: asked.rerank_model_id.as_deref(),
        headers: &headers,
    };
    let found = place.search(world, &text, how).await?;
    let (passages, reranked) = (found.passages, found.reranked.as_ref().map(reranked));
    let events: BoxStream<'static, Event> = if passages.is_empty() {
        let text = Event::Text { text: NOTHING_FOUND.to_owned() };
        stream::iter([text, Event::End { cited: Vec::new(), removed: 0, is_grounded: false }]).boxed()
    } else {
        let messages = grounded::messages(&passages, &asked.history, &asked.question);
        let pieces = model.answer(&messages, MOST_TOKENS).await;
        let pieces = pieces.map_err(|error| Error::Model(error.0))?;
        grounded::events(pieces, passages.len()).boxed()
    };
    let first = sent(&Read { question: text, passages, reranked });
    let events = stream::iter([first]).chain(events.map(|event| sent(&event)));
    Ok(Sse::new(events.map(Ok)).keep_alive(KeepAlive::new().interval(ALIVE)))
}

fn sent(event: &impl Serialize) -> Sent {
    // Texts and numbers alone: they are JSON whatever they hold.
    Sent::default().json_data(event).unwrap_or_default()
}
