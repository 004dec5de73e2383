//! `/session/{sessionId}/messages` and `/session/search`: the tree of messages, and the words in it.

use axum::Json;
use axum::extract::{Path, Query, State as Shared};
use lisa_api::sessions::{MessagePage, PostMessages, SearchHit, SearchPage, TreeMessage, WrittenSession};
use lisa_service::{Identity, Json as Body};
use lisa_store::sessions::MessageId;
use serde::Deserialize;

use super::opened::{self, Policy, person, summary};
use super::sessions::{cursor, with_urls};
use crate::authorize::Action;
use crate::images::without_urls;
use crate::{Error, State, clock};

/// Messages of a page, at most: Lambda's answers are bounded.
const PAGE: u32 = 200;

/// Hits of a page, at most.
const HITS: usize = 50;

/// Which page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageQuery {
    limit: Option<u32>,
    next_token: Option<String>,
}

/// Messages of every branch, parents before children.
pub(super) async fn list(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Query(asked): Query<PageQuery>,
) -> Result<Json<MessagePage>, Error> {
    let opened = opened::open(&state, &caller, Action::Read, &id).await?;
    let page = (Some(asked.limit.unwrap_or(PAGE).clamp(1, PAGE)), cursor(asked.next_token.as_deref())?);
    let (found, next) = state.sessions.messages(&opened.head.user, &id, opened.sealer(), page).await?;
    let mut messages = Vec::with_capacity(found.len());
    for message in found {
        messages.push(TreeMessage {
            id: message.id.to_string(),
            parent_id: message.parent.map(|parent| parent.to_string()),
            created: message.created,
            message: with_urls(&state, &opened.head.user, message.body).await?,
        });
    }
    let last_id = opened.head.last.map(|last| last.to_string());
    Ok(Json(MessagePage { messages, last_id, next_token: next.map(|next| next.to_string()) }))
}

/// Adds messages; what that costs does not depend on how many there are.
pub(super) async fn append(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Body(asked): Body<PostMessages>,
) -> Result<Json<WrittenSession>, Error> {
    let owner = person(&caller)?;
    opened::check_id(&id)?;
    if asked.messages.is_empty() {
        return Err(Error::field("messages", "has to hold a message"));
    }
    let unknown = || Error::field("parentId", "is no message's id");
    let parent =
        asked.parent_id.as_deref().map(|text| MessageId::parse(text).ok_or_else(unknown)).transpose()?;
    let policy = Policy::read(&state).await?;
    let (head, seal) = opened::for_writing(&state, owner, &id, &policy).await?;
    let head = head.ok_or(Error::NotFound("session"))?;
    let now = clock::now();
    let writing = opened::writing(owner, &id, &now, policy.ends(), seal.as_ref());
    let messages = asked.messages.into_iter().map(without_urls).collect();
    let written = state.sessions.append_after(writing, parent, messages, head).await?;
    let written = written.ok_or(Error::NotFound("message to follow"))?;
    let message_ids = written.ids.iter().map(ToString::to_string).collect();
    Ok(Json(WrittenSession { summary: summary(written.head), message_ids }))
}

/// What is searched for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchQuery {
    query: String,
    limit: Option<usize>,
    next_token: Option<String>,
}

/// Messages of the caller's that hold every word.
pub(super) async fn search(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Query(asked): Query<SearchQuery>,
) -> Result<Json<SearchPage>, Error> {
    let owner = person(&caller)?;
    if !asked.query.chars().any(char::is_alphanumeric) {
        return Err(Error::field("query", "has to hold a word"));
    }
    let limit = asked.limit.unwrap_or(HITS).clamp(1, HITS);
    let start = asked.next_token.as_deref().filter(|token| !token.is_empty());
    let found = state.search.find(owner, &asked.query, limit, start).await?;
    let hits = found.hits.into_iter().map(|hit| SearchHit {
        session_id: hit.session,
        message_id: hit.message,
        created: hit.created,
        excerpt: hit.excerpt,
    });
    Ok(Json(SearchPage { hits: hits.collect(), next_token: found.next }))
}
