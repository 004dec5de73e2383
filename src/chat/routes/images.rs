//! `PUT /session/{sessionId}/attachImage`: an image goes to the bucket, and its name into the message.

use axum::Json;
use axum::extract::{Path, State as Shared};
use lisa_api::sessions::{AttachImage, ImageMessage, ImageUrl};
use lisa_service::{Identity, Json as Body};
use serde_json::{Value, json};

use super::opened::{self, Policy, person};
use crate::{Error, State};

/// Stores an image and returns the part of a message that leads to it. The session need not be there yet: pages attach
/// images before they put the first message.
pub(super) async fn attach(
    Shared(state): Shared<State>,
    Identity(caller): Identity,
    Path(id): Path<String>,
    Body(asked): Body<AttachImage>,
) -> Result<Json<Value>, Error> {
    let owner = person(&caller)?;
    opened::check_id(&id)?;
    let images = state.images.as_ref().ok_or(Error::NotDeployed("bucket of images"))?;
    let ends = Policy::read(&state).await?.ends();
    let object = images.store(owner, &id, &asked.message.image_url.url).await?;
    state.sessions.note_image(owner, &id, &object, ends).await?;
    let url = images.url(owner, &object).await?.unwrap_or_default();
    let image_url = ImageUrl { url, s3_key: Some(object) };
    let message = ImageMessage { kind: "image_url".to_owned(), image_url };
    Ok(Json(json!({ "body": message })))
}
