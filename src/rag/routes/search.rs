//! `GET /repository/{repositoryId}/similaritySearch`: passages for a question, in upstream's shape.

use axum::extract::{Path, Query, State};
use lisa_auth::Caller;
use lisa_retrieval::search::{self, Asked as Search};
use lisa_retrieval::{Passage, Settings};
use lisa_service::{Identity, Problem};
use lisa_store::documents::{Collection, Repository};
use lisa_vectors::Filter;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use crate::access::Act;
use crate::embed::Purpose;
use crate::error::Error;
use crate::ports::World;
use crate::{library, names};

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

/// Where is searched: a collection that the caller may read.
#[derive(Debug)]
pub(super) struct Place {
    repository: Repository,
    collection: Collection,
}

impl Place {
    /// The collection of this id or of this embedding model; that of the repository's own model where none is named.
    pub(super) async fn find(
        world: &World,
        caller: &Caller,
        repository: &str,
        named: Option<String>,
    ) -> Result<Self, Error> {
        let repository = world.repository(caller, Act::Read, repository).await?;
        let named = named.or_else(|| repository.embedding_model_id.clone());
        let named =
            named.ok_or_else(|| Error::Invalid("`collectionId` or `modelName` is needed".to_owned()))?;
        names::check("collectionId", &named)?;
        let collection = match world.load_collection(&repository, &named).await? {
            Some(_) => world.collection(caller, Act::Read, &repository, &named).await?,
            None => library::default_collection(&repository, &named),
        };
        Ok(Self { repository, collection })
    }

    /// Passages for a question, best first.
    pub(super) async fn search(
        &self,
        world: &World,
        question: &str,
        filter: Option<Filter>,
        settings: &Settings,
    ) -> Result<Vec<Passage>, Error> {
        if let Some(filter) = &filter {
            filter.check().map_err(|error| Error::Invalid(error.to_string()))?;
        }
        let questions = [question.to_owned()];
        let model = &self.collection.embedding_model;
        let vector = world.embedder.embed(model, Purpose::Query, &questions).await?.into_iter().next();
        let store = world.stores.open(&self.repository).await?;
        let collection = names::stored_name(&self.repository, &self.collection)?;
        let [question] = questions;
        let asked = Search { question, vector, filter };
        Ok(search::search(&*store, &collection, asked, settings, None).await?.passages)
    }
}

/// Finds passages.
pub(super) async fn similarity(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<axum::Json<Value>, Problem> {
    let place = Place::find(&state.world, &caller, &id, asked.collection_id.or(asked.model_name)).await?;
    let settings = Settings { passages: asked.top_k.unwrap_or(3).clamp(1, 100), ..Settings::default() };
    let passages = place.search(&state.world, &asked.query, None, &settings).await?;
    let has_score = asked.score.as_deref() == Some("true");
    let docs: Vec<Value> = passages.iter().map(|passage| shown(passage, has_score)).collect();
    Ok(axum::Json(json!({ "docs": docs })))
}

/// A passage in upstream's shape.
fn shown(passage: &Passage, has_score: bool) -> Value {
    let chunk = &passage.chunk;
    let mut metadata = json!({
        "source": chunk.source,
        "document_id": chunk.document_id,
        "name": chunk.source,
        "headings": chunk.headings,
        "pages": chunk.pages,
        "offsets": chunk.span,
    });
    if has_score {
        metadata["similarity_score"] = json!(passage.similarity);
    }
    json!({ "Document": { "page_content": chunk.text, "metadata": metadata } })
}
