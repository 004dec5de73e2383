//! Why a request or a task could not be done.

use lisa_api::FieldError;
use lisa_api::models::ModelStatus;
use lisa_workflow::{ErrorName, TaskError};

/// Why something could not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too many calls; the same one may succeed later.
    #[error("{0}")]
    Throttled(String),
    /// A service did not answer, or failed by itself; the same call may succeed later.
    #[error("{0}")]
    Unavailable(String),
    /// A service refused.
    #[error("{message}")]
    Refused {
        /// The service's code: `AccessDeniedException`.
        code: String,
        /// The call, the code and the service's words.
        message: String,
    },
    /// Fields of a request break rules.
    #[error("{}", told(.0))]
    Invalid(Vec<FieldError>),
    /// The request makes no sense as a whole.
    #[error("{0}")]
    Input(String),
    /// There is no such model, or none that the caller may see.
    #[error("model `{0}` does not exist")]
    NotFound(String),
    /// The id is taken.
    #[error("model `{0}` already exists; choose another id, or delete the model first")]
    Exists(String),
    /// The id is not a model's yet, and has a key.
    #[error(
        "model `{id}` is being made by another request, or the secret `{place}` was left behind by one; choose another id, \
         or delete that secret if there is no such model"
    )]
    KeyExists {
        /// The id.
        id: String,
        /// The secret.
        place: String,
    },
    /// A secret of an earlier model of this id is not gone yet.
    #[error(
        "the secret `{place}` is scheduled for deletion, and its name is not free yet; try again in a few minutes, or delete \
         the secret for good if somebody has given it a waiting period"
    )]
    KeyGoing {
        /// The secret.
        place: String,
    },
    /// A model was not made, and the key that was written for it could not be removed.
    #[error(
        "{error}; the key that was kept for it could not be removed ({why}): delete the secret `{place}`"
    )]
    KeyLeft {
        /// The secret.
        place: String,
        /// Why the model was not made.
        error: Box<Self>,
        /// Why the key was not removed.
        why: Box<Self>,
    },
    /// The model's status does not allow it.
    #[error("model `{id}` is `{status}`: {why}")]
    Transition {
        /// The model.
        id: String,
        /// Its status.
        status: ModelStatus,
        /// What would be possible.
        why: String,
    },
    /// Another workflow is at work on the model.
    #[error("another workflow is at work on model `{0}`")]
    Held(String),
    /// Something that the workflow waits for will not come about.
    #[error("{message}")]
    Hopeless {
        /// What it is about: `StackFailed`, `EngineFailed`.
        kind: &'static str,
        /// The cause, and what to do about it.
        message: String,
    },
    /// What is stored or configured cannot be understood.
    #[error("{0}")]
    Broken(String),
}

fn told(errors: &[FieldError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Error {
    /// Something that will not come about.
    pub fn hopeless(kind: &'static str, message: impl Into<String>) -> Self {
        Self::Hopeless { kind, message: message.into() }
    }

    /// One wrong field.
    pub fn field(path: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(path, message)])
    }

    /// Whether a service refused with this code.
    pub fn is(&self, expected: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == expected)
    }

    /// The name that workflows choose retries by, and people search for.
    pub fn name(&self) -> &str {
        match self {
            Self::Throttled(_) => ErrorName::Throttled.as_str(),
            Self::Unavailable(_) => ErrorName::Unavailable.as_str(),
            Self::Refused { .. } => "CallRefused",
            Self::Invalid(_) => "ValidationError",
            Self::Input(_) => "InvalidInputError",
            Self::NotFound(_) => "ModelNotFoundError",
            Self::Exists(_) | Self::KeyExists { .. } => "ModelAlreadyExistsError",
            Self::KeyGoing { .. } => "KeyGoing",
            Self::KeyLeft { .. } => "KeyLeft",
            Self::Transition { .. } => "InvalidStateTransitionError",
            Self::Held(_) => "ModelHeld",
            Self::Hopeless { kind, .. } => kind,
            Self::Broken(_) => "Broken",
        }
    }
}

impl From<Error> for TaskError {
    fn from(error: Error) -> Self {
        Self { name: error.name().to_owned(), cause: error.to_string() }
    }
}
