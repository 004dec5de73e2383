//! `/user-preferences`: what the page keeps for somebody.

use axum::Json;
use axum::extract::State as Shared;
use lisa_api::people::Preferences;
use lisa_service::{Identity, Json as Body};

use super::opened::person;
use crate::{Error, State};

/// The caller's preferences; empty before any were set.
pub(super) async fn get(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
) -> Result<Json<Preferences>, Error> {
    let user = person(&caller)?.to_owned();
    let preferences = state.preferences.get(&user).await?.unwrap_or_default();
    Ok(Json(Preferences { user, preferences }))
}

/// Sets the caller's preferences, whatever user the body names.
pub(super) async fn put(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Body(asked): Body<Preferences>,
) -> Result<Json<Preferences>, Error> {
    let user = person(&caller)?.to_owned();
    state.preferences.set(&user, asked.preferences.clone()).await?;
    Ok(Json(Preferences { user, ..asked }))
}
