//! One log line per request: what was asked by route, how it ended, how long it took.
//!
//! The route is logged and not the path, the query or a header: those may hold people's words or secrets.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use crate::request_id::RequestId;
use crate::routing::RouteName;

/// Runs the request within a span that holds its id, then logs it.
pub(crate) async fn record(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let id = request.extensions().get::<RequestId>().map(|id| id.as_str().to_owned()).unwrap_or_default();
    let span = tracing::info_span!("request", id);
    let response = next.run(request).instrument(span.clone()).await;
    let named = response.extensions().get::<RouteName>().map(|name| name.0.to_owned());
    let route = matched.or(named).unwrap_or_else(|| "unknown".to_owned());
    let (status, ms) = (response.status().as_u16(), (started.elapsed().as_secs_f64() * 1e6).round() / 1e3);
    span.in_scope(|| match status {
        // Known to be missing: no fault of this process.
        501 => tracing::warn!(%method, route, status, ms, "answered"),
        500.. => tracing::error!(%method, route, status, ms, "answered"),
        // Load balancers ask every few seconds.
        _ if route.starts_with("/health") => tracing::debug!(%method, route, status, ms, "answered"),
        _ => tracing::info!(%method, route, status, ms, "answered"),
    });
    response
}
