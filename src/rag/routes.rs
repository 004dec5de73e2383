//! Routes of the repository API, one file for each kind of object.

mod answer;
mod collections;
mod documents;
mod ingest;
mod jobs;
mod paging;
mod repositories;
mod search;
mod shown;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::ports::World;

/// What handlers share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) world: World,
    /// The size of a chunk, and what neighbours share, where nothing says.
    pub(crate) chunk_size: usize,
    pub(crate) chunk_overlap: usize,
}

type Shared = Arc<State>;

/// The routes that are served.
pub(crate) fn router(state: State) -> Router {
    Router::new()
        .route("/repository", get(repositories::list).post(repositories::create))
        .route("/repository/status", get(repositories::status))
        .route("/repository/collections", get(collections::list_all))
        .route("/repository/presigned-url", post(ingest::upload))
        .route(
            "/repository/{repositoryId}",
            get(repositories::read).put(repositories::update).delete(repositories::delete),
        )
        .route("/repository/{repositoryId}/bulk", post(ingest::bulk))
        .route("/repository/{repositoryId}/similaritySearch", get(search::similarity))
        .route("/repository/{repositoryId}/answer", post(answer::answer))
        .route("/repository/{repositoryId}/jobs", get(jobs::list))
        .route("/repository/{repositoryId}/jobs/{jobId}", get(jobs::read).delete(jobs::cancel))
        .route("/repository/{repositoryId}/document", get(documents::list).delete(documents::delete_many))
        .route("/repository/{repositoryId}/{documentId}", get(documents::read).delete(documents::delete_one))
        .route("/repository/{repositoryId}/{documentId}/download", get(documents::download))
        .route("/repository/{repositoryId}/collection", get(collections::list).post(collections::create))
        .route(
            "/repository/{repositoryId}/collection/{collectionId}",
            get(collections::read).put(collections::update).delete(collections::delete),
        )
        .with_state(Arc::new(state))
}
