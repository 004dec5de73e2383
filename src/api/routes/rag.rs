//! Routes of the repository API: vector stores, collections, documents, jobs and search.

use super::Caller::{Admin, RagAdmin, User};
use super::{Body, Route, Service};

const RAG: Service = Service::Rag;

/// 3.x names a document right under its repository; later versions put it under `document` as well.
pub(super) const ROUTES: &[Route] = &[
    Route::get("/repository", RAG, User),
    Route::post("/repository", RAG, Admin),
    Route::get("/repository/status", RAG, Admin),
    Route::get("/repository/collections", RAG, User),
    Route::post("/repository/presigned-url", RAG, User).carrying(Body::Any),
    Route::get("/repository/{repositoryId}", RAG, User),
    Route::put("/repository/{repositoryId}", RAG, RagAdmin),
    Route::delete("/repository/{repositoryId}", RAG, Admin),
    Route::post("/repository/{repositoryId}/bulk", RAG, User),
    Route::get("/repository/{repositoryId}/similaritySearch", RAG, User).asking(&["query"]),
    Route::post("/repository/{repositoryId}/answer", RAG, User),
    Route::get("/repository/{repositoryId}/jobs", RAG, User),
    Route::get("/repository/{repositoryId}/jobs/{jobId}", RAG, User),
    Route::delete("/repository/{repositoryId}/jobs/{jobId}", RAG, User),
    Route::get("/repository/{repositoryId}/document", RAG, User),
    Route::delete("/repository/{repositoryId}/document", RAG, User).carrying(Body::Any),
    Route::get("/repository/{repositoryId}/{documentId}", RAG, User),
    Route::delete("/repository/{repositoryId}/{documentId}", RAG, User),
    Route::get("/repository/{repositoryId}/{documentId}/download", RAG, User),
    Route::get("/repository/{repositoryId}/collection", RAG, User),
    Route::post("/repository/{repositoryId}/collection", RAG, RagAdmin),
    Route::get("/repository/{repositoryId}/collection/{collectionId}", RAG, User),
    Route::put("/repository/{repositoryId}/collection/{collectionId}", RAG, RagAdmin),
    Route::delete("/repository/{repositoryId}/collection/{collectionId}", RAG, RagAdmin),
];
