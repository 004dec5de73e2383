//! `/models`: models listed, shown, made, changed, started, stopped and deleted.

use axum::Json as Answer;
use axum::extract::{Path, Query, State};
use http::HeaderMap;
use lisa_api::models::{DeleteModelResponse, LisaModel, ListModelsResponse, ModelResponse};
use lisa_service::Json;
use serde::Deserialize;
use serde_json::Value;

use super::Shared;
use super::caller::{Admin, User};
use crate::error::Error;
use crate::management::PAGE;

/// The header of a key by which a repeated request is known.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Which models are listed. Texts, so that a wrong one is told in LISA's own words.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    limit: Option<String>,
    next_token: Option<String>,
}

pub(super) async fn list(
    User(asker): User,
    State(shared): State<Shared>,
    page: Result<Query<Page>, axum::extract::rejection::QueryRejection>,
) -> Result<Answer<ListModelsResponse>, Error> {
    let Query(page) = page.map_err(|error| Error::Input(error.body_text()))?;
    let limit = match page.limit.as_deref() {
        None => None,
        Some(text) => Some(limit(text)?),
    };
    Ok(Answer(shared.management.list(&asker, limit, page.next_token.as_deref()).await?))
}

fn limit(text: &str) -> Result<u32, Error> {
    let number = text.parse().ok().filter(|number| (1..=PAGE).contains(number));
    number.ok_or_else(|| Error::field("limit", format!("is `{text}`, allowed is a number from 1 to {PAGE}")))
}

pub(super) async fn get(
    User(asker): User,
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Answer<ModelResponse>, Error> {
    answer(shared.management.get(&asker, &id).await)
}

pub(super) async fn create(
    _: Admin,
    State(shared): State<Shared>,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> Result<Answer<ModelResponse>, Error> {
    let key = headers.get(IDEMPOTENCY_KEY).map(|key| key.to_str());
    let key =
        key.transpose().map_err(|_| Error::Input("`Idempotency-Key` has to be plain text".to_owned()))?;
    answer(shared.management.create(&request, key).await)
}

pub(super) async fn update(
    _: Admin,
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Json(request): Json<Value>,
) -> Result<Answer<ModelResponse>, Error> {
    answer(shared.management.update(&id, &request).await)
}

pub(super) async fn start(
    _: Admin,
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Answer<ModelResponse>, Error> {
    answer(shared.management.enable(&id, true).await)
}

pub(super) async fn stop(
    _: Admin,
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Answer<ModelResponse>, Error> {
    answer(shared.management.enable(&id, false).await)
}

pub(super) async fn delete(
    _: Admin,
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Answer<DeleteModelResponse>, Error> {
    Ok(Answer(shared.management.delete(&id).await?))
}

fn answer(model: Result<LisaModel, Error>) -> Result<Answer<ModelResponse>, Error> {
    Ok(Answer(ModelResponse { model: model? }))
}
