//! The largest body that a service takes.

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::problem::Problem;

/// The largest body in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BodyLimit(pub(crate) usize);

impl BodyLimit {
    /// What Lambda takes of a request through API Gateway is no more than 10 MB.
    pub(crate) const DEFAULT: Self = Self(10 * 1024 * 1024);

    /// The limit of axum's extractors, which holds for bodies of unknown length.
    pub(crate) fn of_extractors(self) -> DefaultBodyLimit {
        DefaultBodyLimit::max(self.0)
    }
}

/// Refuses a request that says it is too large, before any of it is read.
pub(crate) async fn refuse_announced(limit: BodyLimit, request: Request, next: Next) -> Response {
    let announced =
        request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > limit.0)) {
        return Problem::too_large(limit.0).into_response();
    }
    next.run(request).await
}
