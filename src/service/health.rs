//! `/health`, `/health/readiness` and `/health/liveness`: what load balancers, container engines and `lisa deploy` ask.
//!
//! They need no token and say nothing but whether the service is well.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use serde_json::json;

/// Whether a service takes requests; all copies tell the same.
#[derive(Clone, Debug, Default)]
pub struct Health {
    draining: Arc<AtomicBool>,
}

impl Health {
    /// Says that no new requests should come: the process is about to end.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the process is about to end.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// The routes. `/health` answers as upstream's does; LiteLLM spells the last one `liveliness`.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(health: Health) -> Router<S> {
    Router::new()
        .route("/health", get(alive))
        .route("/health/liveness", get(alive))
        .route("/health/liveliness", get(alive))
        .route("/health/readiness", get(ready))
        .with_state(health)
}

async fn alive() -> Response {
    axum::Json(json!({ "status": "OK" })).into_response()
}

async fn ready(State(health): State<Health>) -> Response {
    if health.is_draining() {
        let body = axum::Json(json!({ "status": "draining" }));
        return (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
    }
    alive().await
}
