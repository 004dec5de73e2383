//! Answers of the gateway's own: errors in OpenAI's form, lists of models, and the headers that all of them carry.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Response, StatusCode};
use lisa_auth::Refusal;
use serde::Serialize;

use crate::body::Body;
use crate::peek::PeekError;
use crate::protocol::{Failure, anthropic};

/// The form in which errors of the gateway's own are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// OpenAI's.
    OpenAi,
    /// Anthropic's, on its routes.
    Anthropic,
}

/// An error of the gateway's own.
/// Source of the types and codes: OpenAI's API reference, "Error codes", and what its servers send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    code: Cow<'static, str>,
    message: String,
    param: Option<&'static str>,
    retry_after: Option<u64>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    param: Option<&'a str>,
    code: &'a str,
}

const INVALID: &str = "invalid_request_error";

impl Problem {
    fn new(status: StatusCode, kind: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        let (code, message) = (Cow::Borrowed(code), message.into());
        Self { status, kind, code, message, param: None, retry_after: None }
    }

    /// The caller may not pass.
    pub fn refused(refusal: &Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::NotAdmitted => Self::new(StatusCode::FORBIDDEN, INVALID, "permission_denied", message),
            Refusal::Unavailable(_) => Self {
                retry_after: Some(5),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "server_error",
                    "authentication_unavailable",
                    message,
                )
            },
            _ => Self::new(StatusCode::UNAUTHORIZED, INVALID, "invalid_api_key", message),
        }
    }

    /// No such route.
    pub fn unknown_route(method: &http::Method, path: &str) -> Self {
        let message = format!("there is no route `{method} {path}`");
        Self::new(StatusCode::NOT_FOUND, INVALID, "unknown_url", message)
    }

    /// A response by its id. Whose it is nobody could tell: an id names neither a caller nor one of a model's servers.
    pub fn not_kept() -> Self {
        let message = "responses are not asked for again by their id: keep what you need of an answer, and send the \
                       conversation with the next request in place of `previous_response_id`";
        Self::new(StatusCode::NOT_FOUND, INVALID, "response_not_kept", message)
    }

    /// The route takes other methods.
    pub fn method(method: &http::Method, allowed: &str) -> Self {
        let message = format!("`{method}` is not allowed here; allowed: {allowed}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, INVALID, "method_not_allowed", message)
    }

    /// No such model, or none that the caller may use: which of them is nobody's business.
    pub fn unknown_model(name: &str) -> Self {
        let shown: String = name.chars().take(200).collect();
        let message = format!("the model `{shown}` does not exist or you do not have access to it");
        Self { param: Some("model"), ..Self::new(StatusCode::NOT_FOUND, INVALID, "model_not_found", message) }
    }

    /// The body cannot be read.
    pub fn body(error: &PeekError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, INVALID, "invalid_body", error.to_string())
    }

    /// The body names no model.
    pub fn no_model() -> Self {
        let message = "the body names no `model`";
        Self { param: Some("model"), ..Self::new(StatusCode::BAD_REQUEST, INVALID, "missing_model", message) }
    }

    /// The body is too large.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("the body is larger than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, INVALID, "body_too_large", message)
    }

    /// The body did not come, or not in time.
    pub fn cut_body() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, INVALID, "body_incomplete", "the body did not come to its end")
    }

    /// The caller asks too often.
    pub fn too_many(wait: Duration) -> Self {
        let seconds = wait.as_secs() + 1;
        let message = format!("too many requests: try again in {seconds} s");
        Self {
            retry_after: Some(seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "rate_limit_exceeded", message)
        }
    }

    /// The caller, or all of them, have as many requests under way as they may.
    pub fn too_many_at_once() -> Self {
        let message = "too many requests at a time: let one end first";
        Self {
            retry_after: Some(1),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limit_error",
                "too_many_parallel_requests",
                message,
            )
        }
    }

    /// The model broke off.
    pub fn broken_answer() -> Self {
        let message = "the model broke off in the middle of its answer";
        Self::new(StatusCode::BAD_GATEWAY, "server_error", "model_broke_off", message)
    }

    /// The model's answer is larger than the configuration allows.
    pub fn answer_too_large(limit: u64) -> Self {
        let message = format!("the model's answer is larger than {limit} bytes");
        Self::new(StatusCode::BAD_GATEWAY, "server_error", "answer_too_large", message)
    }

    /// All bodies together would be too large.
    pub fn busy() -> Self {
        let message = "the gateway holds as many bytes of requests as it may";
        Self {
            retry_after: Some(1),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "server_error", "overloaded", message)
        }
    }

    /// The model does not answer.
    pub fn unreachable(model: &str) -> Self {
        let message = format!("the model `{model}` does not answer");
        Self {
            retry_after: Some(2),
            ..Self::new(StatusCode::BAD_GATEWAY, "server_error", "model_unreachable", message)
        }
    }

    /// The model is in service, and something about it has to be set right first. What that is stands in the log.
    pub fn unusable(model: &str) -> Self {
        let message = format!(
            "the model `{model}` cannot be asked as it is set up; an administrator finds the reason in the gateway's log"
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "server_error", "model_unusable", message)
    }

    /// The model has not begun to answer in time.
    pub fn too_slow(model: &str) -> Self {
        let message = format!("the model `{model}` did not begin to answer in time");
        Self::new(StatusCode::GATEWAY_TIMEOUT, "server_error", "model_timeout", message)
    }

    /// The path or query holds a null byte.
    pub fn null_byte() -> Self {
        Self::new(StatusCode::BAD_REQUEST, INVALID, "invalid_url", "the URL holds a null byte")
    }

    /// The model is there, but not for this.
    pub fn not_answered(model: &str, route: &str) -> Self {
        let message = format!("the model `{model}` does not answer `{route}`");
        Self {
            param: Some("model"),
            ..Self::new(StatusCode::NOT_FOUND, INVALID, "unsupported_route", message)
        }
    }

    /// The gateway has no credentials for the model, or cannot use them.
    pub fn unsigned(model: &str, error: &lisa_signed::SignError) -> Self {
        let message = format!("the model `{model}` cannot be asked: {error}");
        Self::new(StatusCode::BAD_GATEWAY, "server_error", "model_credentials", message)
    }

    /// With a time after which the caller may ask again.
    pub fn after(self, wait: Option<Duration>) -> Self {
        let retry_after = wait.map(|wait| wait.as_secs()).or(self.retry_after);
        Self { retry_after, ..self }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What went wrong, for programs.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The body as JSON.
    pub fn json(&self, shape: Shape) -> Bytes {
        let Self { status, kind, code, message, param, .. } = self;
        match shape {
            Shape::OpenAi => json(&Envelope { error: Error { message, kind, param: *param, code } }),
            Shape::Anthropic => json(&anthropic::error(*status, message)),
        }
    }

    /// The whole answer.
    pub fn answer(&self, shape: Shape) -> Response<Body> {
        let mut answer = of(self.status, "application/json", self.json(shape));
        if let Some(seconds) = self.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let Failure { status, kind, code, message } = failure;
        Self { status, kind, code: code.into(), message, param: None, retry_after: None }
    }
}

/// Serialized; the types here have nothing that JSON has not.
pub fn json(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value).unwrap_or_default().into()
}

/// An answer with a whole body.
pub fn of(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Body> {
    let mut answer = Response::new(Body::full(body));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}
