//! `/session/{sessionId}/export` and `/session/import`: conversations in and out, in files.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use lisa_api::sessions::{Imported, TreeMessage};
use lisa_service::Identity;
use lisa_store::sessions::Conversation;
use serde::Deserialize;

use super::opened::{self, Policy, person, summary};
use super::sessions::load;
use crate::authorize::Action;
use crate::images::without_urls;
use crate::{Error, State, clock, formats};

/// Branches of one conversation that are imported, at most.
const MOST_BRANCHES: usize = 200;

/// The form of an exported file.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// Everything, for another deployment.
    #[default]
    Json,
    /// What is shown, for people.
    Markdown,
}

/// What is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct ExportQuery {
    #[serde(default)]
    format: Format,
}

/// A session as a file.
pub(super) async fn export(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Query(asked): Query<ExportQuery>,
) -> Result<Response, Error> {
    let session = load(&state, &caller, &id).await?;
    let (kind, end, text) = match asked.format {
        Format::Markdown => ("text/markdown; charset=utf-8", "md", formats::to_markdown(&session)),
        Format::Json => {
            let messages = tree(&state, &caller, &id).await?;
            ("application/json", "json", formats::to_json(&session, &messages).to_string())
        }
    };
    let name = format!("attachment; filename=\"session-{id}.{end}\"");
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, name)], text).into_response())
}

/// The messages of every branch, with names of images and no URLs.
async fn tree(state: &State, caller: &lisa_auth::Caller, id: &str) -> Result<Vec<TreeMessage>, Error> {
    let opened = opened::open(state, caller, Action::Read, id).await?;
    let (mut messages, mut start) = (Vec::new(), None);
    loop {
        let (page, next) =
            state.sessions.messages(&opened.head.user, id, opened.sealer(), (None, start)).await?;
        messages.extend(page.into_iter().map(|message| TreeMessage {
            id: message.id.to_string(),
            parent_id: message.parent.map(|parent| parent.to_string()),
            created: message.created,
            message: message.body,
        }));
        start = next;
        if start.is_none() {
            return Ok(messages);
        }
    }
}

/// Makes sessions of a file. What was imported before is not made twice.
pub(super) async fn import(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    body: Bytes,
) -> Result<Json<Imported>, Error> {
    let owner = person(&caller)?;
    let policy = Policy::read(&state).await?;
    let conversations = formats::read(&body).map_err(|reason| Error::field("", reason))?;
    let mut sessions = Vec::with_capacity(conversations.len());
    for conversation in conversations {
        if conversation.branches.len() > MOST_BRANCHES {
            return Err(Error::field("", format!("a conversation has more than {MOST_BRANCHES} branches")));
        }
        let id = clock::id_from(&format!("{owner}\n{}", conversation.source));
        let (mut head, seal) = opened::for_writing(&state, owner, &id, &policy).await?;
        let now = conversation.created.unwrap_or_else(clock::now);
        for messages in conversation.branches {
            let asked = Conversation {
                messages: messages.into_iter().map(without_urls).collect(),
                settings: conversation.settings.clone(),
                name: conversation.name.clone().filter(|name| !name.trim().is_empty()),
            };
            let writing = opened::writing(owner, &id, &now, policy.ends(), seal.as_ref());
            head = Some(state.sessions.put_after(writing, asked, head).await?.head);
        }
        sessions.extend(head.map(summary));
    }
    Ok(Json(Imported { sessions }))
}
