//! The routes that the model-management API serves.

mod instances;

use axum::Router;
use axum::routing::get;

/// The routes.
pub(crate) fn routes() -> Router {
    Router::new().route("/models/metadata/instances", get(instances::list))
}
