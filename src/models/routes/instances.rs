//! `GET /models/metadata/instances`: the instance types that a model can be hosted on.

use axum::Json;
use lisa_names::InstanceType;

use super::caller::Admin;

/// The names of all types that LISA can size a model's tasks for, sorted: a request to create a model takes these.
pub(super) async fn list(_: Admin) -> Json<Vec<&'static str>> {
    Json(InstanceType::known().iter().map(|facts| facts.name).collect())
}
