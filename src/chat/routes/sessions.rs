//! `/session` and `/session/{sessionId}`: heads, whole sessions, and what is tidied up.

use axum::Json;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue};
use lisa_api::sessions::{Assign, Deleted, Pin, PutSession, Rename, Session, Summary, WrittenSession};
use lisa_auth::Caller;
use lisa_service::{Identity, Json as Body};
use lisa_store::Cursor;
use lisa_store::sessions::{Conversation, Head, HeadChange};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::opened::{self, Policy, person, summary};
use crate::authorize::Action;
use crate::images::{images_in, without_urls};
use crate::{Error, State, clock};

/// Carries what the next page is asked for with; the body is upstream's plain list.
const NEXT: HeaderName = HeaderName::from_static("x-next-token");

/// Heads of one page of the store.
const PAGE: u32 = 500;

/// Heads that a list without a limit has, at most: Lambda's answers are bounded.
const MOST: usize = 5000;

/// How often a conversation is put while others make and delete the session.
const ATTEMPTS: usize = 3;

/// The longest name of a session, in characters.
const LONGEST_NAME: usize = 200;

/// What a list may be asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListQuery {
    limit: Option<u32>,
    next_token: Option<String>,
    project_id: Option<String>,
}

/// Sessions of the caller, newest first: all of them, or a page where a limit is asked for.
pub(super) async fn list(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Query(asked): Query<ListQuery>,
) -> Result<Response, Error> {
    let owner = person(&caller)?;
    let mut start = cursor(asked.next_token.as_deref())?;
    let wanted = asked.limit.map_or(MOST, |limit| limit.clamp(1, 1000) as usize);
    let mut heads: Vec<Head> = Vec::new();
    loop {
        let limit = u32::try_from(wanted - heads.len()).unwrap_or(PAGE).min(PAGE);
        let (page, next) = state.sessions.list(owner, limit, start).await?;
        let matches = |head: &Head| asked.project_id.is_none() || head.project == asked.project_id;
        heads.extend(page.into_iter().filter(matches));
        start = next;
        if start.is_none() || heads.len() >= wanted {
            break;
        }
    }
    let summaries: Vec<Summary> = heads.into_iter().map(summary).collect();
    let mut response = Json(summaries).into_response();
    let next = start.and_then(|next| HeaderValue::try_from(next.to_string()).ok());
    if let Some(next) = next {
        response.headers_mut().insert(NEXT, next);
    }
    Ok(response)
}

pub(super) fn cursor(token: Option<&str>) -> Result<Option<Cursor>, Error> {
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
    Cursor::parse(token).map(Some).ok_or_else(|| Error::field("nextToken", "is none that a page has given"))
}

/// A whole session: the branch that is shown.
pub(super) async fn get(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
) -> Result<Json<Session>, Error> {
    Ok(Json(load(&state, &caller, &id).await?))
}

/// A session with everything in it.
pub(super) async fn load(state: &State, caller: &Caller, id: &str) -> Result<Session, Error> {
    let opened = opened::open(state, caller, Action::Read, id).await?;
    let (head, sealer) = (&opened.head, opened.sealer());
    let configuration = match head.settings_hash {
        Some(_) => state.sessions.settings(&head.user, id, sealer).await?,
        None => None,
    };
    let branch = state.sessions.branch(&head.user, id, head.last.as_ref(), sealer).await?;
    let message_ids = branch.iter().map(|message| message.id.to_string()).collect();
    let mut history = Vec::with_capacity(branch.len());
    for message in branch {
        history.push(with_urls(state, &head.user, message.body).await?);
    }
    Ok(Session {
        user_id: head.user.clone(),
        summary: summary(opened.head),
        history,
        configuration: configuration.unwrap_or(Value::Null),
        message_ids,
    })
}

/// Gives images that have a name a URL that is good for a while.
pub(super) async fn with_urls(
    state: &State,
    user: &str,
    mut message: Map<String, Value>,
) -> Result<Map<String, Value>, Error> {
    let Some(images) = &state.images else { return Ok(message) };
    for image in images_in(&mut message) {
        let Some(object) = image.get("s3_key").and_then(Value::as_str).map(str::to_owned) else { continue };
        let url = images.url(user, &object).await?;
        image.insert("url".to_owned(), url.unwrap_or_default().into());
    }
    Ok(message)
}

/// Puts a conversation in the place of what is shown; what is new of it is written.
pub(super) async fn put(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Body(asked): Body<PutSession>,
) -> Result<Json<WrittenSession>, Error> {
    let owner = person(&caller)?;
    opened::check_id(&id)?;
    check_name(asked.name.as_deref())?;
    let policy = Policy::read(&state).await?;
    let conversation = Conversation {
        messages: asked.messages.into_iter().map(without_urls).collect(),
        settings: asked.configuration,
        name: asked.name,
    };
    for _ in 0..ATTEMPTS {
        let (head, seal) = opened::for_writing(&state, owner, &id, &policy).await?;
        let now = clock::now();
        let writing = opened::writing(owner, &id, &now, policy.ends(), seal.as_ref());
        match state.sessions.put_after(writing, conversation.clone(), head).await {
            Ok(written) => {
                let message_ids = written.ids.iter().map(ToString::to_string).collect();
                return Ok(Json(WrittenSession { summary: summary(written.head), message_ids }));
            }
            // Another client has made the session meanwhile, with another key.
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Changed("session"))
}

pub(super) fn check_name(name: Option<&str>) -> Result<(), Error> {
    let long = name.is_some_and(|name| name.trim().is_empty() || name.chars().count() > LONGEST_NAME);
    if long { Err(Error::field("name", "has to have 1 to 200 characters")) } else { Ok(()) }
}

/// Deletes a session, its messages and its images.
pub(super) async fn delete(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, Error> {
    let owner = person(&caller)?;
    opened::check_id(&id)?;
    Ok(Json(Deleted { deleted: remove(&state, owner, &id).await? }))
}

/// Deletes all of the caller's sessions.
pub(super) async fn delete_all(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
) -> Result<Json<Deleted>, Error> {
    let owner = person(&caller)?;
    let mut start = None;
    let mut deleted = false;
    loop {
        let (heads, next) = state.sessions.list(owner, PAGE, start).await?;
        for head in heads {
            deleted |= remove(&state, owner, &head.session).await?;
        }
        start = next;
        if start.is_none() {
            return Ok(Json(Deleted { deleted }));
        }
    }
}

pub(super) async fn remove(state: &State, owner: &str, id: &str) -> Result<bool, Error> {
    let images = state.sessions.delete(owner, id).await?;
    if let (Some(objects), Some(images)) = (&images, &state.images) {
        images.delete(owner, objects).await?;
    }
    Ok(images.is_some())
}

/// Gives a session another name.
pub(super) async fn rename(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Body(asked): Body<Rename>,
) -> Result<Json<Summary>, Error> {
    check_name(Some(&asked.name))?;
    change(&state, &caller, &id, HeadChange::Name(asked.name)).await
}

/// Keeps a session at the top, or no longer.
pub(super) async fn pin(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Body(asked): Body<Pin>,
) -> Result<Json<Summary>, Error> {
    change(&state, &caller, &id, HeadChange::Pin(asked.pinned)).await
}

/// Moves a session into a project of the caller's, or out of any.
pub(super) async fn assign(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Body(asked): Body<Assign>,
) -> Result<Json<Summary>, Error> {
    if let Some(project) = &asked.project_id {
        opened::check_id(project)?;
        let project = state.projects.get(person(&caller)?, project).await?;
        project.ok_or(Error::NotFound("project"))?;
    }
    change(&state, &caller, &id, HeadChange::Project(asked.project_id)).await
}

async fn change(
    state: &State,
    caller: &Caller,
    id: &str,
    change: HeadChange,
) -> Result<Json<Summary>, Error> {
    let head = opened::head(state, caller, Action::Write, id).await?;
    let changed = state.sessions.change(&head.user, id, change, &clock::now()).await?;
    changed.map(|head| Json(summary(head))).ok_or(Error::NotFound("session"))
}
