//! `GET /models/metadata/instances`: the instance types that a model can be hosted on.

use axum::Json;
use axum::extract::State;

use super::Shared;
use super::caller::Admin;

/// Their names, sorted.
pub(super) async fn list(State(shared): State<Shared>, _: Admin) -> Json<Vec<&'static str>> {
    Json(shared.management.instance_types())
}
