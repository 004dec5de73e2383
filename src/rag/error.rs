//! Why a request was not done, and what the caller is told of it.

use http::StatusCode;
use lisa_service::Problem;

use crate::embed::EmbedError;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing of this id that the caller may see: what is not there and what is not theirs look the same.
    #[error("{what} `{id}` does not exist")]
    NotFound {
        /// `repository`, `document`.
        what: &'static str,
        /// Its id, as the request names it.
        id: String,
    },
    /// The caller may see it and not do this with it.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The request breaks a rule.
    #[error("{0}")]
    Invalid(String),
    /// It is there already, or in a state that does not allow this.
    #[error("{0}")]
    Conflict(String),
    /// This version cannot do it.
    #[error("{0}")]
    NotServed(String),
    /// The table.
    #[error(transparent)]
    Table(#[from] lisa_store::Error),
    /// The vector store.
    #[error("{error}. {}", error.hint())]
    Vectors {
        /// What it says.
        error: lisa_vectors::Error,
    },
    /// The embedding model.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The chat model.
    #[error("{0}; check `modelId`, and that it is a model for chat that you may use")]
    Model(String),
    /// Objects, the queue, parameters.
    #[error("{0}")]
    World(String),
}

impl From<lisa_vectors::Error> for Error {
    fn from(error: lisa_vectors::Error) -> Self {
        Self::Vectors { error }
    }
}

impl Error {
    pub(crate) fn not_found(what: &'static str, id: &str) -> Self {
        Self::NotFound { what, id: id.chars().take(200).collect() }
    }

    /// The word that clients switch on.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "NotFound",
            Self::Forbidden(_) => "Forbidden",
            Self::Invalid(_) => "ValidationError",
            Self::Conflict(_) => "Conflict",
            Self::NotServed(_) => "NotImplemented",
            Self::Table(_) | Self::World(_) => "ServiceUnavailable",
            Self::Vectors { .. } => "VectorStoreError",
            Self::Embed(_) => "EmbeddingError",
            Self::Model(_) => "ModelError",
        }
    }

    /// Whether the same may work later without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Table(error) => !matches!(
                error,
                lisa_store::Error::Invalid { .. }
                    | lisa_store::Error::TooLarge { .. }
                    | lisa_store::Error::ConditionFailed { .. }
            ),
            Self::Vectors { error } => error.is_passing(),
            Self::Embed(error) => error.is_passing(),
            Self::World(_) => true,
            _ => false,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::NotFound { .. } => StatusCode::NOT_FOUND,
            Error::Forbidden(_) => StatusCode::FORBIDDEN,
            Error::Invalid(_) => StatusCode::BAD_REQUEST,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::NotServed(_) => StatusCode::NOT_IMPLEMENTED,
            Error::Embed(error) if !error.is_passing() => StatusCode::BAD_REQUEST,
            _ if error.is_passing() => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        };
        if status.is_server_error() {
            tracing::error!(reason = %error, "a request could not be done");
        }
        Self::new(status, error.kind(), error.to_string())
    }
}
