//! Why the chat back end does not do what it is asked for, and what its callers are told of it.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use lisa_api::FieldError;
use lisa_service::Problem;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table refuses or is not there.
    #[error(transparent)]
    Store(#[from] lisa_store::Error),
    /// Another AWS service refuses or is not there: KMS, S3.
    #[error(transparent)]
    Aws(#[from] lisa_signed::Error),
    /// There is no such object, or none that the caller may know of.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The caller may not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Somebody else has changed the object meanwhile.
    #[error("the {0} has been changed meanwhile; read it again")]
    Changed(&'static str),
    /// Fields of the request break a rule.
    #[error("the request is wrong: {0}")]
    Invalid(FieldError),
    /// The deployment lacks what the request needs.
    #[error("this deployment has no {0}")]
    NotDeployed(&'static str),
    /// What is stored cannot be opened.
    #[error("what is stored cannot be read: {0}")]
    Unreadable(String),
}

impl Error {
    /// A field that breaks a rule.
    pub(crate) fn field(path: &str, message: impl Into<String>) -> Self {
        Self::Invalid(FieldError::new(path, message))
    }

    fn problem(&self) -> Problem {
        let told = |status, kind| Problem::new(status, kind, self.to_string());
        match self {
            Self::NotFound(_) => told(StatusCode::NOT_FOUND, "NotFound"),
            Self::Forbidden(_) => told(StatusCode::FORBIDDEN, "Forbidden"),
            Self::Changed(_) => told(StatusCode::CONFLICT, "Conflict"),
            Self::NotDeployed(_) => told(StatusCode::NOT_IMPLEMENTED, "NotDeployed"),
            Self::Invalid(error) => Problem::invalid(std::slice::from_ref(error)),
            Self::Store(lisa_store::Error::Invalid { .. }) => {
                Problem::invalid(&[FieldError::new("", "the request asks for what there cannot be")])
            }
            Self::Store(error) if error.is_condition() => Self::Changed("object").problem(),
            Self::Store(error) if error.is_passing() => {
                let message = "the store is busy; try again";
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
            }
            Self::Store(_) | Self::Aws(_) | Self::Unreadable(_) => Problem::internal(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let problem = self.problem();
        if problem.status().is_server_error() {
            // Errors of the store name tables and reasons; none holds what people said.
            tracing::error!(reason = self.to_string(), "a request failed");
        }
        problem.into_response()
    }
}
