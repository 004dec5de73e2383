//! Documents: what is in a repository, where it can be got, and how it goes.

use axum::extract::{Path, Query, State};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lisa_service::{Identity, Json, Problem};
use serde::Deserialize;
use serde_json::{Value, json};

use super::paging::Paging;
use super::{Shared, shown};
use crate::access::{Act, Resource, authorize};
use crate::error::Error;

type Answer = Result<axum::Json<Value>, Problem>;

/// Documents that one request may remove.
const MOST: usize = 100;

/// Which documents are listed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Asked {
    collection_id: Option<String>,
}

/// `GET /repository/{repositoryId}/document`: a page of the documents that the caller may see.
pub(super) async fn list(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(paging): Query<Paging>,
) -> Answer {
    let world = &state.world;
    let repository = world.repository(&caller, Act::Read, &id).await?;
    if let Some(collection) = &asked.collection_id {
        world.collection(&caller, Act::Read, &repository, collection).await?;
    }
    let (limit, start) = (paging.limit(10, 100)?, paging.start()?);
    let page = world.documents.documents(&id, asked.collection_id.as_deref(), limit, start).await;
    let page = page.map_err(Error::from)?;
    let bucket = world.objects.place();
    let mut documents = Vec::new();
    for document in &page.records {
        // Collections are few, and documents of one follow each other; what is of a hidden one is left out.
        let collection = world.load_collection(&repository, &document.collection_id).await?;
        let collection = collection
            .unwrap_or_else(|| crate::library::default_collection(&repository, &document.collection_id));
        let resource = Resource::Document(&repository, &collection, document);
        if authorize(&caller, Act::Read, resource).is_ok() {
            documents.push(shown::document(document, &bucket));
        }
    }
    let is_all = page.next.is_none() && !paging.is_further();
    Ok(axum::Json(json!({
        "totalDocuments": is_all.then_some(documents.len()),
        "documents": documents,
        "lastEvaluated": page.next.as_ref().map(|next| {
            json!({ "pk": next.to_string(), "document_id": "", "repository_id": id })
        }),
        "hasNextPage": page.next.is_some(),
        "hasPreviousPage": paging.is_further(),
    })))
}

/// `GET /repository/{repositoryId}/{documentId}`.
pub(super) async fn read(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path((id, document)): Path<(String, String)>,
) -> Answer {
    let repository = state.world.repository(&caller, Act::Read, &id).await?;
    let (_, document) = state.world.document(&caller, Act::Read, &repository, &document).await?;
    Ok(axum::Json(shown::document(&document, &state.world.objects.place())))
}

/// `GET /repository/{repositoryId}/{documentId}/download`: a link that is good for a few minutes.
pub(super) async fn download(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path((id, document)): Path<(String, String)>,
) -> Result<axum::Json<String>, Problem> {
    let repository = state.world.repository(&caller, Act::Read, &id).await?;
    let (_, document) = state.world.document(&caller, Act::Read, &repository, &document).await?;
    Ok(axum::Json(state.world.objects.link(&document.source).await.map_err(Error::from)?))
}

/// `DELETE /repository/{repositoryId}/{documentId}`, as 3.x has it.
pub(super) async fn delete_one(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path((id, document)): Path<(String, String)>,
) -> Answer {
    let repository = state.world.repository(&caller, Act::Read, &id).await?;
    let (_, document) = state.world.document(&caller, Act::Delete, &repository, &document).await?;
    let job = state.world.order_delete(&document, &caller.subject).await?;
    Ok(axum::Json(json!({
        "documentName": document.document_name,
        "recordsPurged": document.chunks,
        "jobs": [shown::begun(&job, &state.world.objects.place())],
    })))
}

/// What is to go.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Gone {
    document_ids: Vec<String>,
}

/// `DELETE /repository/{repositoryId}/document`: several at once, or none if one of them may not.
pub(super) async fn delete_many(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Json(gone): Json<Gone>,
) -> Answer {
    let world = &state.world;
    let repository = world.repository(&caller, Act::Read, &id).await?;
    if !(1..=MOST).contains(&gone.document_ids.len()) {
        return Err(Error::Invalid(format!("`documentIds` has to name 1 to {MOST} documents")).into());
    }
    let (caller_of, repository_of) = (&caller, &repository);
    let load = async move |id: String| world.document(caller_of, Act::Delete, repository_of, &id).await;
    let documents: Vec<_> = stream::iter(gone.document_ids).map(load).buffered(8).try_collect().await?;
    let mut jobs = Vec::new();
    for (_, document) in documents {
        let job = world.order_delete(&document, &caller.subject).await?;
        jobs.push(shown::begun(&job, &world.objects.place()));
    }
    Ok(axum::Json(json!({ "jobs": jobs })))
}
