//! `/project`: projects, which group the caller's sessions.

use axum::Json;
use axum::extract::{Path, Query, State as Shared};
use lisa_api::people::{Project, PutProject};
use lisa_api::sessions::Deleted;
use lisa_service::{Identity, Json as Body};
use lisa_store::sessions::HeadChange;
use serde::Deserialize;

use super::opened::{check_id, person};
use super::{configuration, sessions};
use crate::{Error, State, clock};

/// Projects of one person where the configuration does not say, as upstream has it.
const MOST: u64 = 50;

/// Heads of one page of the store.
const PAGE: u32 = 500;

/// The caller's projects.
pub(super) async fn list(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
) -> Result<Json<Vec<Project>>, Error> {
    Ok(Json(state.projects.list(person(&caller)?).await?))
}

/// Makes a project.
pub(super) async fn make(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Body(asked): Body<PutProject>,
) -> Result<Json<Project>, Error> {
    let owner = person(&caller)?;
    check(&asked)?;
    let most = configuration::current(&state).await?["maxProjectsPerUser"].as_u64().unwrap_or(MOST);
    if state.projects.list(owner).await?.len() as u64 >= most {
        return Err(Error::field(
            "",
            format!("there are {most} projects, and no more may be made; delete one"),
        ));
    }
    let now = clock::now();
    let project = Project {
        project_id: clock::new_id()?,
        user_id: owner.to_owned(),
        name: asked.name,
        create_time: now.clone(),
        last_updated: now,
    };
    state.projects.make(&project).await?;
    Ok(Json(project))
}

/// Gives a project another name.
pub(super) async fn rename(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Body(asked): Body<PutProject>,
) -> Result<Json<Project>, Error> {
    check(&asked)?;
    check_id(&id)?;
    let renamed = state.projects.rename(person(&caller)?, &id, &asked.name, &clock::now()).await?;
    renamed.map(Json).ok_or(Error::NotFound("project"))
}

fn check(asked: &PutProject) -> Result<(), Error> {
    let length = asked.name.trim().chars().count();
    if (1..=100).contains(&length) {
        Ok(())
    } else {
        Err(Error::field("name", "has to have 1 to 100 characters"))
    }
}

/// What becomes of a deleted project's sessions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteQuery {
    #[serde(default)]
    delete_sessions: bool,
}

/// Deletes a project, last of all: a deletion that ends halfway can be asked for again.
pub(super) async fn delete(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Query(asked): Query<DeleteQuery>,
) -> Result<Json<Deleted>, Error> {
    let owner = person(&caller)?;
    check_id(&id)?;
    let project = state.projects.get(owner, &id).await?.ok_or(Error::NotFound("project"))?;
    let mut start = None;
    loop {
        let (heads, next) = state.sessions.list(owner, PAGE, start).await?;
        for head in heads.into_iter().filter(|head| head.project.as_deref() == Some(&project.project_id)) {
            if asked.delete_sessions {
                sessions::remove(&state, owner, &head.session).await?;
            } else {
                state.sessions.change(owner, &head.session, HeadChange::Project(None), &clock::now()).await?;
            }
        }
        start = next;
        if start.is_none() {
            break;
        }
    }
    Ok(Json(Deleted { deleted: state.projects.delete(owner, &id).await? }))
}
