//! What browsers are told: which origins may read an answer, and the headers that every answer carries.
//!
//! Callers show a token and never a cookie, so that `Access-Control-Allow-Credentials` is not sent.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL,
    HeaderName, ORIGIN, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

/// Headers that every answer carries unless a handler says otherwise.
const SECURITY: [(HeaderName, &str); 4] = [
    (CACHE_CONTROL, "no-store"),
    (STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// What a page of an allowed origin may do, as API Gateway says it for its part.
const PREFLIGHT: [(HeaderName, &str); 3] = [
    (
        ACCESS_CONTROL_ALLOW_HEADERS,
        "Api-Key,Authorization,Content-Type,Idempotency-Key,X-Amz-Date,X-Api-Key,X-Request-Id",
    ),
    (ACCESS_CONTROL_ALLOW_METHODS, "DELETE,GET,OPTIONS,POST,PUT"),
    (ACCESS_CONTROL_MAX_AGE, "7200"),
];

/// The origins that may read answers.
#[derive(Clone, Debug)]
pub(crate) struct Origins(Vec<HeaderValue>);

impl Origins {
    /// The origins of the settings. One that is no header value can never be a browser's.
    pub(crate) fn new(origins: &[String]) -> Self {
        Self(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect())
    }

    /// What to answer to a page of this origin.
    fn allow(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
        if self.0.iter().any(|allowed| allowed == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        origin.filter(|origin| self.0.contains(origin)).cloned()
    }
}

/// Answers preflight requests, and adds the headers to every other answer.
pub(crate) async fn answer(origins: Origins, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let preflight = request.method() == Method::OPTIONS
        && origin.is_some()
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let allowed = origins.allow(origin.as_ref());
    let mut response =
        if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(allowed) = allowed {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if preflight {
            fill(headers, PREFLIGHT);
        } else {
            headers.insert(
                ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static("Retry-After,X-Next-Token,X-Request-Id"),
            );
        }
    }
    fill(headers, SECURITY);
    response
}

fn fill<const N: usize>(headers: &mut HeaderMap, defaults: [(HeaderName, &'static str); N]) {
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
