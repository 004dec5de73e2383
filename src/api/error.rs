//! The bodies of failed requests, and the faults of single fields.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a failed request is answered with.
///
/// Upstream documents `error` and `message`, its code up to 3.1 sends `message`, its code since 4 and its framework
/// send `detail`: all three are there, so every client finds its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// The kind, as clients switch on it: `ModelNotFoundError`.
    pub error: String,
    /// What went wrong, for people.
    pub message: String,
    /// The message again, or one entry per wrong field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
}

/// More on an error, in one of the two shapes that upstream's framework sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Detail {
    /// One sentence.
    Text(String),
    /// One entry per wrong field.
    Fields(Vec<FieldDetail>),
}

/// One wrong field, as upstream's framework describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldDetail {
    /// Where the field lies: `["body", "autoScalingConfig", "minCapacity"]`.
    pub loc: Vec<String>,
    /// What is wrong with it.
    pub msg: String,
    /// The kind of fault: `value_error`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// One wrong field of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FieldError {
    /// The path of the field, parts separated by dots; empty for the request as a whole.
    pub path: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl FieldError {
    /// A fault of the field at `path`.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "`{}`: {}", self.path, self.message)
        }
    }
}

/// The kinds of error of the model-management API, with the status each is answered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// No model has this id.
    ModelNotFound,
    /// A model has this id already.
    ModelAlreadyExists,
    /// The model's status does not allow the change.
    InvalidStateTransition,
    /// The request cannot be read.
    InvalidInput,
    /// The request can be read and breaks a rule.
    Validation,
}

impl ErrorKind {
    /// What stands in `error`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ModelNotFound => "ModelNotFoundError",
            Self::ModelAlreadyExists => "ModelAlreadyExistsError",
            Self::InvalidStateTransition => "InvalidStateTransitionError",
            Self::InvalidInput => "InvalidInputError",
            Self::Validation => "ValidationError",
        }
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::ModelNotFound => 404,
            Self::ModelAlreadyExists | Self::InvalidStateTransition | Self::InvalidInput => 400,
            Self::Validation => 422,
        }
    }
}

impl ErrorBody {
    /// A body with one sentence.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { error: kind.name().to_owned(), detail: Some(Detail::Text(message.clone())), message }
    }

    /// A body for a request with wrong fields.
    pub fn invalid(errors: &[FieldError]) -> Self {
        let field = |error: &FieldError| FieldDetail {
            loc: std::iter::once("body")
                .chain(error.path.split('.').filter(|part| !part.is_empty()))
                .map(str::to_owned)
                .collect(),
            msg: error.message.clone(),
            kind: "value_error".to_owned(),
        };
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        Self {
            error: ErrorKind::Validation.name().to_owned(),
            message: lines.join("; "),
            detail: Some(Detail::Fields(errors.iter().map(field).collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_documented_bodies_are_read() {
        for (error, kind) in [
            ("ModelNotFoundError", ErrorKind::ModelNotFound),
            ("ModelAlreadyExistsError", ErrorKind::ModelAlreadyExists),
            ("InvalidInputError", ErrorKind::InvalidInput),
            ("ValidationError", ErrorKind::Validation),
        ] {
            let text = serde_json::json!({"error": error, "message": "why"}).to_string();
            let body: ErrorBody = serde_json::from_str(&text).unwrap();
            assert_eq!((body.error.as_str(), body.detail), (kind.name(), None));
        }
    }

    #[test]
    fn wrong_fields_are_told_in_both_forms() {
        let errors = [FieldError::new("a.b", "is 0, allowed is 1 or more"), FieldError::new("", "is empty")];
        let body = serde_json::to_value(ErrorBody::invalid(&errors)).unwrap();
        assert_eq!(body["message"], "`a.b`: is 0, allowed is 1 or more; is empty");
        assert_eq!(body["detail"][0]["loc"], serde_json::json!(["body", "a", "b"]));
        assert_eq!(body["detail"][1]["loc"], serde_json::json!(["body"]));
    }

    #[test]
    fn a_sentence_stands_in_message_and_detail() {
        let body = ErrorBody::new(ErrorKind::ModelNotFound, "model `x` does not exist");
        assert_eq!(
            serde_json::to_value(body).unwrap(),
            serde_json::json!({
                "error": "ModelNotFoundError",
                "message": "model `x` does not exist",
                "detail": "model `x` does not exist",
            })
        );
    }
}
