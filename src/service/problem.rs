//! What a failed request is answered with, in upstream's shapes.
//!
//! A handler returns a [`Problem`]. The chassis writes it in the [`Shape`] of the service: LISA's own body for the
//! REST API, OpenAI's error object for the gateway, whose clients know no other.

mod json;
mod openai;

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, HeaderValue};
use http::{Method, StatusCode};
use lisa_api::error::{Detail, ErrorBody, ErrorKind, FieldError};

pub use json::Json;

/// The form in which problems are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// `{"error": "ModelNotFoundError", "message": "…", "detail": "…"}`.
    #[default]
    Lisa,
    /// `{"error": {"message": "…", "type": "…", "param": null, "code": "…"}}`.
    OpenAi,
}

/// Why a request failed: the status and the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    body: ErrorBody,
    allow: Option<String>,
}

impl Problem {
    /// A problem of any kind: `kind` is what clients switch on, `message` is for people.
    pub fn new(status: StatusCode, kind: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let body = ErrorBody { error: kind.to_owned(), detail: Some(Detail::Text(message.clone())), message };
        Self { status, body, allow: None }
    }

    /// A problem of the model-management API.
    pub fn of(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::with_body(kind.status(), ErrorBody::new(kind, message))
    }

    /// Fields that break a rule.
    pub fn invalid(errors: &[FieldError]) -> Self {
        Self::with_body(ErrorKind::Validation.status(), ErrorBody::invalid(errors))
    }

    /// A route that this version does not serve yet.
    pub fn not_served(method: &str, route: &str) -> Self {
        let message = format!("`{method} {route}` is not served by this version of LISA");
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
    }

    /// There is no such route.
    pub fn no_such_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", "there is no such route")
    }

    /// The route is there, with other methods: `GET, PUT`.
    pub fn method_not_allowed(method: &Method, allowed: String) -> Self {
        let message = format!("`{method}` is not allowed here; allowed is {allowed}");
        let problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message);
        Self { allow: Some(allowed), ..problem }
    }

    /// The body has more bytes than are taken.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("the body is larger than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge", message)
    }

    /// A fault of LISA; the log has the rest under the request's id.
    pub fn internal() -> Self {
        let message = "internal error; the log tells more under the id in `x-request-id`";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", message)
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The body, as LISA's own APIs send it.
    pub fn body(&self) -> &ErrorBody {
        &self.body
    }

    fn with_body(status: u16, body: ErrorBody) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, body, allow: None }
    }

    fn write(&self, shape: Shape) -> Response {
        let mut response = match shape {
            Shape::Lisa => (self.status, axum::Json(&self.body)).into_response(),
            Shape::OpenAi => (self.status, axum::Json(openai::body(self))).into_response(),
        };
        let allow = self.allow.as_deref().and_then(|allow| HeaderValue::from_str(allow).ok());
        if let Some(allow) = allow {
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    }
}

/// The problem travels with the response, so that the chassis can write it anew in the service's shape.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.write(Shape::Lisa);
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes a response that is a problem in the given shape; headers that were added to it stay.
pub(crate) fn reshape(shape: Shape, mut response: Response) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    if shape == Shape::Lisa {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let (fresh, body) = problem.write(shape).into_parts();
    parts.headers.extend(fresh.headers);
    Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests;
