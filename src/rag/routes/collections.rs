//! Collections of repositories.

use axum::extract::{Path, Query, State};
use lisa_service::{Identity, Json, Problem};
use lisa_store::documents::{Action, Chunking, Collection};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shared, shown};
use crate::access::Act;
use crate::error::Error;
use crate::{jobs, names};

type Answer = Result<axum::Json<Value>, Problem>;

/// What a list of collections may be asked for. A repository has few: they come in one page.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Asked {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
}

impl Asked {
    fn arrange(&self, collections: &mut Vec<Collection>) {
        if let Some(filter) = self.filter.as_ref().map(|filter| filter.to_lowercase()) {
            let has = |text: &str| text.to_lowercase().contains(&filter);
            collections.retain(|collection| {
                has(&collection.name) || collection.description.as_deref().is_some_and(has)
            });
        }
        match self.sort_by.as_deref() {
            Some("name") => collections.sort_by(|one, other| one.name.cmp(&other.name)),
            Some("updatedAt") => collections.sort_by_key(|collection| collection.updated_at),
            _ => collections.sort_by_key(|collection| collection.created_at),
        }
        if self.sort_order.as_deref() == Some("desc") {
            collections.reverse();
        }
    }
}

fn page(collections: &[Value]) -> Value {
    json!({
        "collections": collections,
        "pagination": { "totalCount": collections.len(), "currentPage": 1, "totalPages": 1 },
        "lastEvaluatedKey": null,
        "hasNextPage": false,
        "hasPreviousPage": false,
    })
}

/// `GET /repository/{repositoryId}/collection`.
pub(super) async fn list(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let repository = state.world.repository(&caller, Act::Read, &id).await?;
    let mut collections = state.world.collections(&caller, &repository).await?;
    asked.arrange(&mut collections);
    Ok(axum::Json(page(&collections.iter().map(shown::collection).collect::<Vec<_>>())))
}

/// `GET /repository/collections`: of all repositories.
pub(super) async fn list_all(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Query(asked): Query<Asked>,
) -> Answer {
    let mut all = Vec::new();
    for repository in state.world.repositories(&caller).await? {
        let mut collections = state.world.collections(&caller, &repository).await?;
        asked.arrange(&mut collections);
        for collection in &collections {
            let mut shown = shown::collection(collection);
            shown["repositoryName"] =
                json!(repository.repository_name.as_ref().unwrap_or(&repository.repository_id));
            all.push(shown);
        }
    }
    Ok(axum::Json(page(&all)))
}

/// `GET /repository/{repositoryId}/collection/{collectionId}`.
pub(super) async fn read(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path((id, collection)): Path<(String, String)>,
) -> Answer {
    let repository = state.world.repository(&caller, Act::Read, &id).await?;
    let collection = state.world.collection(&caller, Act::Read, &repository, &collection).await?;
    Ok(axum::Json(shown::collection(&collection)))
}

/// What a collection is made of, or changed to.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Given {
    collection_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    embedding_model: Option<String>,
    chunking_strategy: Option<Chunking>,
    allow_chunking_override: Option<bool>,
    allowed_groups: Option<Vec<String>>,
    metadata: Option<Value>,
}

impl Given {
    fn check(&self, state: &Shared) -> Result<(), Error> {
        if self.name.as_ref().is_some_and(|name| name.trim().is_empty() || name.chars().count() > 100) {
            return Err(Error::Invalid("`name` has to have 1 to 100 characters".to_owned()));
        }
        if let Some(chunking) = &self.chunking_strategy {
            jobs::chunking(chunking, state.chunk_size, state.chunk_overlap)?;
        }
        Ok(())
    }
}

/// `POST /repository/{repositoryId}/collection`.
pub(super) async fn create(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Json(given): Json<Given>,
) -> Answer {
    let world = &state.world;
    let repository = world.repository(&caller, Act::Manage, &id).await?;
    given.check(&state)?;
    let collection_id = given.collection_id.unwrap_or_else(|| format!("{:016x}", world.clock.random()));
    names::check("collectionId", &collection_id)?;
    let model = given.embedding_model.or(repository.embedding_model_id.clone());
    let model = model.ok_or_else(|| {
        Error::Invalid(
            "`embeddingModel` is needed: the repository has no embedding model of its own".to_owned(),
        )
    })?;
    let now = world.clock.now();
    let collection = Collection {
        name: given.name.unwrap_or_else(|| collection_id.clone()),
        collection_id,
        repository_id: repository.repository_id.clone(),
        description: given.description,
        embedding_model: model,
        chunking_strategy: given.chunking_strategy,
        allow_chunking_override: given.allow_chunking_override.unwrap_or(true),
        allowed_groups: given.allowed_groups.unwrap_or_default(),
        metadata: given.metadata,
        status: "ACTIVE".to_owned(),
        created_by: caller.subject,
        created_at: now,
        updated_at: now,
    };
    match world.documents.put_collection(&collection, true).await {
        Err(lisa_store::Error::ConditionFailed { .. }) => {
            Err(Error::Conflict(format!("collection `{}` is there already", collection.collection_id)).into())
        }
        Err(error) => Err(Error::from(error).into()),
        Ok(()) => Ok(axum::Json(shown::collection(&collection))),
    }
}

/// `PUT /repository/{repositoryId}/collection/{collectionId}`. The model stays: other vectors would not fit.
pub(super) async fn update(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path((id, collection)): Path<(String, String)>,
    Json(given): Json<Given>,
) -> Answer {
    let world = &state.world;
    let repository = world.repository(&caller, Act::Read, &id).await?;
    let mut collection = world.collection(&caller, Act::Manage, &repository, &collection).await?;
    given.check(&state)?;
    if given.embedding_model.as_ref().is_some_and(|model| *model != collection.embedding_model) {
        let message =
            "`embeddingModel` of a collection cannot be changed; make a new collection for the other model";
        return Err(Error::Conflict(message.to_owned()).into());
    }
    collection.name = given.name.unwrap_or(collection.name);
    collection.description = given.description.or(collection.description);
    collection.chunking_strategy = given.chunking_strategy.or(collection.chunking_strategy);
    collection.allow_chunking_override =
        given.allow_chunking_override.unwrap_or(collection.allow_chunking_override);
    collection.allowed_groups = given.allowed_groups.unwrap_or(collection.allowed_groups);
    collection.metadata = given.metadata.or(collection.metadata);
    collection.updated_at = world.clock.now();
    world.documents.put_collection(&collection, false).await.map_err(Error::from)?;
    Ok(axum::Json(shown::collection(&collection)))
}

/// `DELETE /repository/{repositoryId}/collection/{collectionId}`: with all of its documents.
pub(super) async fn delete(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path((id, collection)): Path<(String, String)>,
) -> Answer {
    let world = &state.world;
    let repository = world.repository(&caller, Act::Read, &id).await?;
    let collection = world.collection(&caller, Act::Delete, &repository, &collection).await?;
    let job = world
        .order_removal(Action::DeleteCollection, &id, &collection.collection_id, &caller.subject)
        .await?;
    Ok(axum::Json(json!({ "deleted": true, "jobId": job.job_id })))
}
