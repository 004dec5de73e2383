//! The protocols that callers and models speak, and the way from one to another. OpenAI's chat completions stand in the
//! middle: what a caller asks becomes a request for them, what a model answers becomes an answer of them, so that every
//! protocol is translated once in each direction.
//!
//! Nothing here reads from a socket or a clock: bytes in, bytes out.

pub mod anthropic;
pub mod bedrock;
pub mod event_stream;
pub mod form;
pub mod named;
pub mod openai;
pub mod rerank;
pub mod sagemaker;
pub mod sse;
pub mod stream;
pub mod text;
pub mod v1;

use http::StatusCode;

/// What a model refused, or how it failed, in the words of the middle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The status for the caller.
    pub status: StatusCode,
    /// OpenAI's type of the error: `rate_limit_error`.
    pub kind: &'static str,
    /// What went wrong, for programs: `context_length_exceeded`.
    pub code: String,
    /// What went wrong, for people.
    pub message: String,
}

impl Failure {
    /// A failure of a status, with the type that goes with it.
    pub fn new(status: StatusCode, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, kind: openai::error_type(status), code: code.into(), message: message.into() }
    }

    /// What a request asks for cannot be said to the model.
    pub fn untranslatable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unsupported_value", message)
    }

    /// The model answers something that is not its protocol.
    pub fn garbled(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, "model_garbled", message)
    }
}
