//! `GET /repository/{repositoryId}/similaritySearch`: passages for a question, in upstream's shape.

use axum::extract::{Path, Query, State};
use lisa_service::{Identity, Problem};
use lisa_vectors::{Why, fusion::Fusion};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use crate::access::Act;
use crate::embed::Purpose;
use crate::error::Error;
use crate::{library, names};

/// Chunks that the text index and the vectors give each, before they are one list.
const CANDIDATES: usize = 100;

/// What is looked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    query: String,
    model_name: Option<String>,
    collection_id: Option<String>,
    top_k: Option<usize>,
    #[serde(default)]
    score: Option<String>,
}

/// Finds passages.
pub(super) async fn similarity(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<axum::Json<Value>, Problem> {
    let world = &state.world;
    let repository = world.repository(&caller, Act::Read, &id).await?;
    let named = asked.collection_id.or(asked.model_name).or(repository.embedding_model_id.clone());
    let named = named.ok_or_else(|| Error::Invalid("`collectionId` or `modelName` is needed".to_owned()))?;
    names::check("collectionId", &named)?;
    let collection = match world.load_collection(&repository, &named).await? {
        Some(_) => world.collection(&caller, Act::Read, &repository, &named).await?,
        None => library::default_collection(&repository, &named),
    };
    let questions = [asked.query.clone()];
    let embedded = world.embedder.embed(&collection.embedding_model, Purpose::Query, &questions).await;
    let vector = embedded.map_err(Error::from)?.into_iter().next();
    let query = lisa_vectors::Query { text: Some(asked.query), vector, filter: None, limit: CANDIDATES };
    let store = world.stores.open(&repository).await?;
    let hits = match store.search(&names::stored_name(&repository, &collection)?, &query).await {
        // Nothing was put in yet.
        Err(error) if error.why == Why::NoCollection => Vec::new(),
        hits => hits.map_err(Error::from)?,
    };
    let hits = Fusion::default().fuse(hits).into_iter().take(asked.top_k.unwrap_or(3).clamp(1, 100));
    let has_score = asked.score.as_deref() == Some("true");
    let docs: Vec<Value> = hits
        .map(|(_, hit)| {
            let chunk = &hit.chunk;
            let mut metadata = json!({
                "source": chunk.source,
                "document_id": chunk.document_id,
                "name": chunk.source,
                "headings": chunk.headings,
                "pages": chunk.pages,
                "offsets": chunk.span,
            });
            if has_score {
                metadata["similarity_score"] = json!(hit.similarity);
            }
            json!({ "Document": { "page_content": chunk.text, "metadata": metadata } })
        })
        .collect();
    Ok(axum::Json(json!({ "docs": docs })))
}
