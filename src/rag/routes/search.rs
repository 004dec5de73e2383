//! `GET /repository/{repositoryId}/similaritySearch`: passages for a question, in upstream's shape; and the search that an
//! answer begins with.

use axum::extract::{Path, Query, State};
use http::HeaderMap;
use lisa_auth::Caller;
use lisa_retrieval::rerank::Outcome;
use lisa_retrieval::search::{self, Asked as Search, Found};
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
    score: Option<String>,
    /// The model that puts what was found in order.
    rerank_model_id: Option<String>,
    /// The least cosine to the question that the nearest passage has; below it nothing is found.
    score_floor: Option<f32>,
}

/// How a question is looked for.
#[derive(Debug)]
pub(super) struct How<'a> {
    pub(super) filter: Option<Filter>,
    /// Passages at most.
    pub(super) passages: usize,
    pub(super) score_floor: Option<f32>,
    /// The model that puts what was found in order, asked by whoever the headers say.
    pub(super) reranker: Option<&'a str>,
    pub(super) headers: &'a HeaderMap,
}

impl How<'_> {
    fn check(&self) -> Result<(), Error> {
        if let Some(filter) = &self.filter {
            filter.check().map_err(|error| Error::Invalid(error.to_string()))?;
        }
        match self.score_floor {
            Some(floor) if !(-1.0..=1.0).contains(&floor) => {
                Err(Error::Invalid("`scoreFloor` is a cosine: a number from -1 to 1".to_owned()))
            }
            _ => Ok(()),
        }
    }
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

    /// The floor of the collection's embedding model, where it was measured.
    pub(super) fn floor(&self) -> Option<f32> {
        lisa_retrieval::floor::recommended(&self.collection.embedding_model)
    }

    /// Passages for a question, best first.
    pub(super) async fn search(&self, world: &World, question: &str, how: How<'_>) -> Result<Found, Error> {
        how.check()?;
        let reranker = match how.reranker {
            Some(id) => Some(world.models.reranker(id, how.headers).await?),
            None => None,
        };
        let questions = [question.to_owned()];
        let model = &self.collection.embedding_model;
        let vector = world.embedder.embed(model, Purpose::Query, &questions).await?.into_iter().next();
        let store = world.stores.open(&self.repository).await?;
        let collection = names::stored_name(&self.repository, &self.collection)?;
        let [question] = questions;
        let settings = Settings { passages: how.passages, floor: how.score_floor, ..Settings::default() };
        let asked = Search { question, vector, filter: how.filter };
        Ok(search::search(&*store, &collection, asked, &settings, reranker.as_deref()).await?)
    }
}

/// Finds passages.
pub(super) async fn similarity(
    State(state): State<Shared>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<axum::Json<Value>, Problem> {
    let place = Place::find(&state.world, &caller, &id, asked.collection_id.or(asked.model_name)).await?;
    let how = How {
        filter: None,
        passages: asked.top_k.unwrap_or(3).clamp(1, 100),
        score_floor: asked.score_floor,
        reranker: asked.rerank_model_id.as_deref(),
        headers: &headers,
    };
    let found = place.search(&state.world, &asked.query, how).await?;
    let has_score = asked.score.as_deref() == Some("true");
    let docs: Vec<Value> = found.passages.iter().map(|passage| shown(passage, has_score)).collect();
    let mut answer = json!({ "docs": docs });
    if let Some(outcome) = &found.reranked {
        answer["reranked"] = reranked(outcome);
    }
    Ok(axum::Json(answer))
}

/// `true`, or why the order is the store's.
pub(super) fn reranked(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Reranked => json!(true),
        Outcome::Left(why) => json!(why),
    }
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
