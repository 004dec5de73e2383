//! The routes of the model-management API.

mod caller;
mod documents;
mod instances;
mod models;
mod problem;

use axum::Router;
use axum::routing::{get, put};

use crate::management::Management;

/// What the routes share.
#[derive(Clone)]
pub struct Shared {
    /// Model management.
    pub management: Management,
    /// What API Gateway puts before every path, for addresses in documents: `/prod`, or nothing.
    pub base: String,
}

/// The routes.
pub fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/models", get(models::list).post(models::create))
        .route("/models/metadata/instances", get(instances::list))
        .route("/models/{model_id}", get(models::get).put(models::update).delete(models::delete))
        .route("/models/{model_id}/start", put(models::start))
        .route("/models/{model_id}/stop", put(models::stop))
        .route("/docs", get(documents::page))
        .route("/openapi.json", get(documents::openapi))
        .with_state(shared)
}
