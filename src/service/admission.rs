//! Lets callers in where no API Gateway stands before a service: the authorizer's rules on a listener of loopback.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use lisa_api::routes::{self, Found, Service};
use lisa_auth::access::Level;
use lisa_auth::{Authenticator, Credential, Refusal};

use crate::identity::AuthorizerContext;
use crate::problem::Problem;

/// Tells the service who calls, or refuses the request. Health is asked by machines without credentials.
pub(crate) async fn admit(
    authenticator: Arc<Authenticator>,
    table: Option<Service>,
    mut request: Request,
    next: Next,
) -> Response {
    let level = level(table, &request);
    if level == Level::Anyone {
        return next.run(request).await;
    }
    // Whoever stands before the service in this process may know the caller already.
    let known = request.extensions().get::<AuthorizerContext>().and_then(AuthorizerContext::caller);
    let caller = match known {
        Some(caller) => Arc::new(caller),
        None => match authenticator.authenticate(credential(request.headers())).await {
            Ok(caller) => caller,
            Err(refusal) => return refused(&refusal).into_response(),
        },
    };
    if !level.admits(&caller) {
        let message = "this route is for administrators";
        return Problem::new(StatusCode::FORBIDDEN, "Forbidden", message).into_response();
    }
    request.extensions_mut().insert(AuthorizerContext::of(&caller));
    next.run(request).await
}

/// Who may use what is asked for. What the table does not have is answered to whoever is known.
fn level(table: Option<Service>, request: &Request) -> Level {
    let path = request.uri().path();
    if path == "/health" || path.starts_with("/health/") {
        return Level::Anyone;
    }
    match table.map(|service| routes::find(service, request.method().as_str(), path)) {
        Some(Found::Route(route)) => route.caller.into(),
        _ => Level::User,
    }
}

fn credential(headers: &HeaderMap) -> Result<Credential, Refusal> {
    let values = |name| headers.get_all(name).into_iter().map(http::HeaderValue::as_bytes);
    Credential::from_headers(values("authorization"), values("api-key"))
}

fn refused(refusal: &Refusal) -> Problem {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let kind = match status {
        StatusCode::FORBIDDEN => "Forbidden",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
        _ => "Unauthorized",
    };
    tracing::info!(reason = refusal.detail(), "refused");
    Problem::new(status, kind, refusal.to_string())
}
