//! JSON bodies of requests: what cannot be read is answered by a [`Problem`].

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use lisa_api::error::ErrorKind;
use serde::de::DeserializeOwned;

use super::Problem;

/// The body of a request, as a type of it. Its content type is not asked for: upstream's clients forget it.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = axum::body::Bytes::from_request(request, state).await.map_err(|rejection| {
            let message = if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                return Problem::new(rejection.status(), "PayloadTooLarge", "the body is too large");
            } else {
                "the body could not be read"
            };
            Problem::of(ErrorKind::InvalidInput, message)
        })?;
        match axum::Json::from_bytes(&bytes) {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(JsonRejection::JsonDataError(error)) => {
                Err(Problem::of(ErrorKind::Validation, error.body_text()))
            }
            Err(_) => Err(Problem::of(ErrorKind::InvalidInput, "the body is no JSON")),
        }
    }
}
