//! `/prompt-templates`: texts that conversations begin with, one's own and those of one's groups.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State as Shared};
use lisa_api::people::{PromptTemplate, PutTemplate, TemplateList};
use lisa_auth::Caller;
use lisa_service::{Identity, Json as Body};
use lisa_store::templates::MOST_GROUPS;
use serde::Deserialize;
use serde_json::{Value, json};

use super::opened::{check_id, person};
use crate::authorize::{Action, GROUP, PUBLIC, Resource, authorize, groups_of};
use crate::{Error, State, clock};

/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// The longest text, in bytes.
const LONGEST_BODY: usize = 100_000;

/// Which templates.
#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    public: bool,
}

/// The caller's own templates, or those that the caller may read.
pub(super) async fn list(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Query(asked): Query<ListQuery>,
) -> Result<Json<TemplateList>, Error> {
    if !asked.public {
        return Ok(Json(TemplateList { items: state.templates.owned_by(person(&caller)?).await? }));
    }
    let mut found = BTreeMap::new();
    for group in groups_of(&caller) {
        for template in state.templates.shared_with(&group).await? {
            found.insert(template.id.clone(), template);
        }
    }
    let mut items: Vec<PromptTemplate> =
        found.into_values().filter(|template| may(&caller, Action::Read, template)).collect();
    items.sort_by(|left, right| right.created.cmp(&left.created));
    Ok(Json(TemplateList { items }))
}

fn may(caller: &Caller, action: Action, template: &PromptTemplate) -> bool {
    authorize(caller, action, Resource::Template { owner: &template.owner, groups: &template.groups })
}

/// Makes a template.
pub(super) async fn make(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Body(asked): Body<PutTemplate>,
) -> Result<Json<PromptTemplate>, Error> {
    let template = drawn(asked, &clock::new_id()?, person(&caller)?, 1)?;
    state.templates.write(&template, None).await?;
    Ok(Json(template))
}

/// A template that the caller may read.
pub(super) async fn get(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
) -> Result<Json<PromptTemplate>, Error> {
    Ok(Json(load(&state, &caller, Action::Read, &id).await?))
}

async fn load(state: &State, caller: &Caller, action: Action, id: &str) -> Result<PromptTemplate, Error> {
    check_id(id)?;
    let template = state.templates.get(id).await?.ok_or(Error::NotFound("prompt template"))?;
    match (may(caller, Action::Read, &template), may(caller, action, &template)) {
        (_, true) => Ok(template),
        (true, false) => Err(Error::Forbidden("the prompt template is somebody else's")),
        (false, false) => Err(Error::NotFound("prompt template")),
    }
}

/// Makes a new revision of a template.
pub(super) async fn change(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Body(asked): Body<PutTemplate>,
) -> Result<Json<PromptTemplate>, Error> {
    let before = load(&state, &caller, Action::Write, &id).await?;
    let template = drawn(asked, &before.id, &before.owner, before.revision + 1)?;
    match state.templates.write(&template, Some(&before)).await {
        Ok(()) => Ok(Json(template)),
        Err(error) if error.is_condition() => Err(Error::Changed("prompt template")),
        Err(error) => Err(error.into()),
    }
}

/// Takes a template out of every list.
pub(super) async fn delete(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    let template = load(&state, &caller, Action::Delete, &id).await?;
    state.templates.delete(&template).await?;
    Ok(Json(json!({ "status": "ok" })))
}

fn drawn(mut asked: PutTemplate, id: &str, owner: &str, revision: u32) -> Result<PromptTemplate, Error> {
    if asked.title.trim().is_empty() || asked.title.chars().count() > LONGEST_TITLE {
        return Err(Error::field("title", "has to have 1 to 200 characters"));
    }
    if asked.body.trim().is_empty() || asked.body.len() > LONGEST_BODY {
        return Err(Error::field("body", "has to have 1 to 100000 bytes"));
    }
    let is_group =
        |group: &String| group == PUBLIC || group.strip_prefix(GROUP).is_some_and(|name| !name.is_empty());
    if asked.groups.len() > MOST_GROUPS || !asked.groups.iter().all(is_group) {
        return Err(Error::field("groups", "has to hold up to 40 of `lisa:public` and `group:<name>`"));
    }
    asked.groups.sort();
    asked.groups.dedup();
    Ok(PromptTemplate {
        id: id.to_owned(),
        created: clock::now(),
        owner: owner.to_owned(),
        groups: asked.groups,
        title: asked.title,
        revision,
        latest: true,
        kind: asked.kind,
        body: asked.body,
    })
}
