//! What failed requests are answered with, as the documentation of upstream has it.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use lisa_api::error::ErrorKind;
use lisa_service::Problem;

use crate::error::Error;

/// Seconds after which a caller may try again.
const LATER: &str = "2";

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let is_passing = matches!(self, Self::Throttled(_) | Self::Unavailable(_));
        let mut response = problem(self).into_response();
        if is_passing {
            response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static(LATER));
        }
        response
    }
}

fn problem(error: Error) -> Problem {
    let message = error.to_string();
    match error {
        Error::Invalid(fields) => Problem::invalid(&fields),
        Error::NotFound(_) => Problem::of(ErrorKind::ModelNotFound, message),
        Error::Exists(_) | Error::KeyExists { .. } => Problem::of(ErrorKind::ModelAlreadyExists, message),
        Error::Transition { .. } | Error::Held(_) | Error::KeyGoing { .. } => {
            Problem::of(ErrorKind::InvalidStateTransition, message)
        }
        Error::Input(_) | Error::Hopeless { .. } => Problem::of(ErrorKind::InvalidInput, message),
        Error::KeyLeft { place, .. } => {
            tracing::error!(reason = message, "a key was left behind");
            let told = format!(
                "the model was not made, and its key could not be removed: delete the secret `{place}`, then try again"
            );
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "KeyLeft", told)
        }
        Error::Throttled(_) => {
            tracing::warn!(reason = message, "throttled");
            let told = "too many requests are under way; try again later";
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", told)
        }
        Error::Unavailable(_) => {
            tracing::error!(reason = message, "a service is not available");
            let told = "a service that this needs does not answer; try again later";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", told)
        }
        Error::Refused { .. } | Error::Broken(_) => {
            tracing::error!(reason = message, "a request failed");
            Problem::internal()
        }
    }
}
