//! `/openapi.json` and `/docs`: what the API is, for programs and for people.

use axum::Json;
use axum::extract::State;
use axum::response::Html;
use serde_json::{Value, json};

use super::Shared;
use crate::openapi;

pub(super) async fn openapi(State(shared): State<Shared>) -> Json<Value> {
    Json(description(&shared))
}

pub(super) async fn page(State(shared): State<Shared>) -> Html<String> {
    Html(openapi::page(&description(&shared)))
}

fn description(shared: &Shared) -> Value {
    let mut document = openapi::document();
    if !shared.base.is_empty() {
        document["servers"] = json!([{ "url": shared.base }]);
    }
    document
}
