//! Uploads, and what is to be ingested of them.
//!
//! Everybody uploads into a folder of their own, whatever key they name, and ingests from it: no key leads to what somebody
//! else has uploaded. Administrators of repositories may name any key that has a folder.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lisa_auth::Caller;
use lisa_service::{Identity, Json, Problem};
use lisa_store::documents::{Chunking, Collection, Repository};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Shared, shown};
use crate::access::Act;
use crate::error::Error;
use crate::jobs::{self, Order};
use crate::{library, names};

/// Bytes of an upload, as upstream has it.
const LARGEST: u64 = 50 << 20;

/// Documents that one request may have ingested.
const MOST: usize = 100;

/// `POST /repository/presigned-url`: the body is the key, plain or as JSON.
pub(super) async fn upload(
    State(state): State<Shared>,
    Identity(caller): Identity,
    body: String,
) -> Result<axum::Json<Value>, Problem> {
    let key = match serde_json::from_str::<Value>(&body) {
        Ok(Value::String(key)) => key,
        Ok(Value::Object(object)) => object.get("key").and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => body,
    };
    let key = own_key(&caller, key.trim())?;
    let form = state.world.objects.upload_form(&key, &caller.subject, LARGEST).await.map_err(Error::from)?;
    Ok(axum::Json(json!({ "response": form })))
}

/// The key in the caller's own folder.
fn own_key(caller: &Caller, key: &str) -> Result<String, Error> {
    names::check_key(key)?;
    let folder = folder(caller);
    Ok(if key.starts_with(&folder) { key.to_owned() } else { format!("{folder}{key}") })
}

fn folder(caller: &Caller) -> String {
    let subject = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, caller.subject.as_bytes());
    format!("uploads/{}/", names::hex(subject.as_ref(), 32))
}

/// The key that a request means. What is kept beside documents is nobody's.
fn meant_key(caller: &Caller, key: &str) -> Result<String, Error> {
    if caller.is_rag_admin && key.contains('/') && !key.starts_with('.') {
        names::check_key(key)?;
        return Ok(key.to_owned());
    }
    own_key(caller, key)
}

/// What 3.x says in the query.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Said {
    chunk_size: Option<usize>,
    chunk_overlap: Option<usize>,
    collection_id: Option<String>,
}

/// What is to be ingested.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bulk {
    #[serde(default)]
    keys: Vec<String>,
    /// Jobs that failed or were stopped, to be done again, in place of keys.
    #[serde(default)]
    job_ids: Vec<String>,
    #[serde(default)]
    embedding_model: Option<Model>,
    #[serde(default)]
    collection_id: Option<String>,
    #[serde(default)]
    chunking_strategy: Option<Chunking>,
    #[serde(default)]
    metadata: Option<Map<String, Value>>,
}

/// The embedding model, as 3.x names it, or by its id alone.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Model {
    /// `{"modelName": "…"}`.
    Named {
        /// The id.
        #[serde(rename = "modelName")]
        model_name: String,
    },
    /// The id.
    Plain(String),
}

/// `POST /repository/{repositoryId}/bulk`: a job for each key, or jobs once more that failed.
pub(super) async fn bulk(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Query(said): Query<Said>,
    Json(bulk): Json<Bulk>,
) -> Result<axum::Json<Value>, Problem> {
    let world = &state.world;
    let repository = world.repository(&caller, Act::Write, &id).await?;
    if !bulk.job_ids.is_empty() && bulk.keys.is_empty() && bulk.job_ids.len() <= MOST {
        return again(&state, &caller, &repository, &bulk.job_ids).await;
    }
    if !(1..=MOST).contains(&bulk.keys.len()) {
        return Err(Error::Invalid(format!("`keys` has to name 1 to {MOST} objects")).into());
    }
    let collection = collection(&state, &caller, &repository, &said, &bulk).await?;
    let chunking = chosen(&said, &bulk, &collection, &state)?;
    let metadata = metadata(&repository, &collection, bulk.metadata.as_ref())?;
    let keys = bulk.keys.iter().map(|key| meant_key(&caller, key)).collect::<Result<Vec<_>, _>>()?;
    let order = async |key: String| {
        let (chunking, metadata) = (chunking.clone(), metadata.clone());
        let (repository, collection, username) = (&repository, &collection, caller.subject.as_str());
        world.order_ingest(Order { repository, collection, key: &key, chunking, metadata, username }).await
    };
    let jobs: Vec<_> = stream::iter(keys).map(order).buffered(8).try_collect().await?;
    let bucket = world.objects.place();
    Ok(axum::Json(json!({
        "jobs": jobs.iter().map(|job| shown::begun(job, &bucket)).collect::<Vec<_>>(),
        "collectionId": collection.collection_id,
        "collectionName": collection.name,
        "ids": jobs.iter().map(|job| &job.document_id).collect::<Vec<_>>(),
        "count": jobs.len(),
    })))
}

/// Jobs once more.
async fn again(
    state: &Shared,
    caller: &Caller,
    repository: &Repository,
    ids: &[String],
) -> Result<axum::Json<Value>, Problem> {
    let world = &state.world;
    let mut jobs = Vec::new();
    for id in ids {
        let job = world.job(caller, Act::Write, repository, id).await?;
        jobs.push(shown::begun(&world.retry(&job).await?, &world.objects.place()));
    }
    Ok(axum::Json(json!({ "count": jobs.len(), "jobs": jobs })))
}

/// The collection that is named, else that of the model that is named, else that of the repository's model.
async fn collection(
    state: &Shared,
    caller: &Caller,
    repository: &Repository,
    said: &Said,
    bulk: &Bulk,
) -> Result<Collection, Error> {
    let world = &state.world;
    if let Some(id) = bulk.collection_id.as_ref().or(said.collection_id.as_ref()) {
        return world.collection(caller, Act::Write, repository, id).await;
    }
    let named = bulk.embedding_model.as_ref().map(|model| match model {
        Model::Named { model_name } => model_name,
        Model::Plain(id) => id,
    });
    let model = named.or(repository.embedding_model_id.as_ref()).ok_or_else(|| {
        Error::Invalid(
            "`collectionId` or `embeddingModel` is needed: the repository has no embedding model".to_owned(),
        )
    })?;
    names::check("embeddingModel", model)?;
    match world.load_collection(repository, model).await? {
        // Somebody's collection may have the id of a model.
        Some(_) => world.collection(caller, Act::Write, repository, model).await,
        None => Ok(library::default_collection(repository, model)),
    }
}

fn chosen(said: &Said, bulk: &Bulk, collection: &Collection, state: &Shared) -> Result<Chunking, Error> {
    let said = (said.chunk_size.is_some() || said.chunk_overlap.is_some()).then(|| Chunking {
        kind: "fixed".to_owned(),
        size: said.chunk_size,
        overlap: said.chunk_overlap,
        unit: None,
    });
    let asked = bulk.chunking_strategy.clone().or(said);
    if asked.is_some() && !collection.allow_chunking_override {
        let message =
            format!("collection `{}` does not let a request choose its chunking", collection.collection_id);
        return Err(Error::Invalid(message));
    }
    let usual = || Chunking { kind: "structure".to_owned(), size: None, overlap: None, unit: None };
    let chosen = asked.or(collection.chunking_strategy.clone()).unwrap_or_else(usual);
    jobs::chunking(&chosen, state.chunk_size, state.chunk_overlap)?;
    Ok(chosen)
}

/// Tags and fields: the repository's, then the collection's, then the request's. Tags add up, fields replace each other.
fn metadata(
    repository: &Repository,
    collection: &Collection,
    own: Option<&Map<String, Value>>,
) -> Result<BTreeMap<String, Value>, Error> {
    let given = [repository.metadata.as_ref(), collection.metadata.as_ref()];
    let given = given.into_iter().flatten().filter_map(Value::as_object).chain(own);
    let mut tags: Vec<Value> = Vec::new();
    let mut all = BTreeMap::new();
    for object in given {
        for (name, value) in object {
            match (name.as_str(), value) {
                ("tags", Value::Array(more)) => {
                    let fresh =
                        more.iter().filter(|tag| tag.is_string()).filter(|tag| !tags.contains(tag)).cloned();
                    tags.extend(fresh.collect::<Vec<_>>());
                }
                ("customFields", Value::Object(fields)) => all.extend(fields.clone()),
                (_, Value::Null) => {}
                (_, value) => drop(all.insert(name.clone(), value.clone())),
            }
        }
    }
    let is_long = |tag: &Value| tag.as_str().is_none_or(|tag| tag.chars().count() > 50);
    if tags.len() > 50 || tags.iter().any(is_long) {
        return Err(Error::Invalid("a document has at most 50 tags of at most 50 characters".to_owned()));
    }
    if json!(all).to_string().len() > 16 << 10 {
        return Err(Error::Invalid("a document's metadata has at most 16 KB".to_owned()));
    }
    if !tags.is_empty() {
        all.insert("tags".to_owned(), Value::Array(tags));
    }
    Ok(all)
}
