//! Repositories: those of the configuration, which it alone changes, and those of the API.

use axum::extract::{Path, State};
use lisa_service::{Identity, Json, Problem};
use lisa_store::documents::{Action, Repository};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Shared, shown};
use crate::access::Act;
use crate::error::Error;
use crate::names;

type Answer = Result<axum::Json<Value>, Problem>;

/// Kinds of stores that a repository of the API may have.
const KINDS: [&str; 3] = ["opensearch", "pgvector", "embedded"];

/// `GET /repository`: the repositories that the caller may use.
pub(super) async fn list(State(state): State<Shared>, Identity(caller): Identity) -> Answer {
    let repositories = state.world.repositories(&caller).await?;
    Ok(axum::Json(repositories.iter().map(shown::repository).collect()))
}

/// `GET /repository/status`: the status of each repository, by its id.
pub(super) async fn status(State(state): State<Shared>, Identity(caller): Identity) -> Answer {
    let repositories = state.world.repositories(&caller).await?;
    let status = |repository: &Repository| (repository.repository_id.clone(), json!(repository.status));
    Ok(axum::Json(Value::Object(repositories.iter().map(status).collect::<Map<_, _>>())))
}

/// `GET /repository/{repositoryId}`.
pub(super) async fn read(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
) -> Answer {
    let repository = state.world.repository(&caller, Act::Read, &id).await?;
    Ok(axum::Json(shown::repository(&repository)))
}

/// `POST /repository`: takes up a store that is there.
pub(super) async fn create(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Json(mut repository): Json<Repository>,
) -> Answer {
    let world = &state.world;
    if !caller.is_admin {
        return Err(Error::Forbidden("this is for administrators").into());
    }
    check(&repository)?;
    if world.load_repository(&repository.repository_id).await?.is_some() {
        let message = format!("repository `{}` is there already", repository.repository_id);
        return Err(Error::Conflict(message).into());
    }
    let now = world.clock.now();
    "CREATE_COMPLETE".clone_into(&mut repository.status);
    repository.created_by = Some(caller.subject);
    (repository.created_at, repository.updated_at) = (now, now);
    // A store that cannot be opened is told now, not with the first document.
    world.stores.open(&repository).await?;
    match world.documents.put_repository(&repository, true).await {
        Err(lisa_store::Error::ConditionFailed { .. }) => {
            Err(Error::Conflict(format!("repository `{}` is there already", repository.repository_id)).into())
        }
        Err(error) => Err(Error::from(error).into()),
        Ok(()) => {
            Ok(axum::Json(json!({ "status": "success", "repository": shown::repository(&repository) })))
        }
    }
}

fn check(repository: &Repository) -> Result<(), Error> {
    names::check("repositoryId", &repository.repository_id)?;
    if !KINDS.contains(&repository.kind.as_str()) {
        return Err(Error::Invalid(format!(
            "`type` is `{}`, and has to be one of {}",
            repository.kind,
            KINDS.join(", ")
        )));
    }
    let has = |config: &Option<Value>, keys: &[&str]| {
        config.as_ref().is_some_and(|config| keys.iter().all(|key| config[key].is_string()))
    };
    let is_there = match repository.kind.as_str() {
        "opensearch" => has(&repository.opensearch_config, &["endpoint"]),
        "pgvector" => has(&repository.rds_config, &["dbHost", "passwordSecretId"]),
        _ => true,
    };
    if is_there {
        return Ok(());
    }
    Err(Error::NotServed(
        "the API takes up stores that are there (`opensearchConfig.endpoint`, `rdsConfig.dbHost` with \
         `passwordSecretId`); to have a new one made, name it in `ragRepositories` of config.yaml and deploy"
            .to_owned(),
    ))
}

/// What `PUT` may change.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changes {
    repository_name: Option<String>,
    description: Option<String>,
    embedding_model_id: Option<String>,
    allowed_groups: Option<Vec<String>>,
    metadata: Option<Value>,
    pipelines: Option<Value>,
}

/// `PUT /repository/{repositoryId}`.
pub(super) async fn update(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Json(changes): Json<Changes>,
) -> Answer {
    let world = &state.world;
    world.repository(&caller, Act::Manage, &id).await?;
    let mut repository = of_api(&state, &id).await?;
    repository.repository_name = changes.repository_name.or(repository.repository_name);
    repository.description = changes.description.or(repository.description);
    repository.embedding_model_id = changes.embedding_model_id.or(repository.embedding_model_id);
    repository.allowed_groups = changes.allowed_groups.unwrap_or(repository.allowed_groups);
    repository.metadata = changes.metadata.or(repository.metadata);
    repository.pipelines = changes.pipelines.or(repository.pipelines);
    "UPDATE_COMPLETE".clone_into(&mut repository.status);
    repository.updated_at = world.clock.now();
    world.documents.put_repository(&repository, false).await.map_err(Error::from)?;
    Ok(axum::Json(shown::repository(&repository)))
}

/// `DELETE /repository/{repositoryId}`: with all of its collections and documents.
pub(super) async fn delete(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
) -> Answer {
    let world = &state.world;
    world.repository(&caller, Act::Delete, &id).await?;
    let mut repository = of_api(&state, &id).await?;
    "DELETE_IN_PROGRESS".clone_into(&mut repository.status);
    repository.updated_at = world.clock.now();
    world.documents.put_repository(&repository, false).await.map_err(Error::from)?;
    let job = world.order_removal(Action::DeleteRepository, &id, "", &caller.subject).await?;
    Ok(axum::Json(json!({ "status": "success", "jobId": job.job_id })))
}

/// A repository that the API made, and may change.
async fn of_api(state: &Shared, id: &str) -> Result<Repository, Error> {
    let registered = state.world.registered.all().await?;
    if registered.iter().any(|repository| repository.repository_id == id) {
        let message =
            format!("repository `{id}` is of the configuration; change it in config.yaml and deploy");
        return Err(Error::Conflict(message));
    }
    let repository = state.world.documents.repository(id).await?;
    repository.ok_or_else(|| Error::not_found("repository", id))
}
