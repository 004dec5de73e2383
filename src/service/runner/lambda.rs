//! Takes invocations from AWS Lambda: requests through API Gateway, or events.

mod answer;
mod request;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::app::App;
use crate::error::StartError;
use crate::events::{Events, Failure};

use self::answer::Answer;
use self::request::ProxyRequest;

/// Answers the requests that API Gateway passes on.
pub(super) async fn http(app: App) -> Result<(), StartError> {
    let router = app.into_router();
    let answer = service_fn(move |event: LambdaEvent<ProxyRequest>| {
        let router = router.clone();
        async move {
            let response = match event.payload.into_http() {
                Ok(request) => match router.oneshot(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                },
                Err(problem) => axum::response::IntoResponse::into_response(problem),
            };
            Answer::from_http(response).await.map_err(diagnostic)
        }
    });
    lambda_runtime::run(answer).await.map_err(|error| StartError::Lambda(error.to_string()))
}

/// Handles events.
pub(super) async fn events(events: Events) -> Result<(), StartError> {
    let handle = service_fn(move |event: LambdaEvent<Value>| {
        let events = events.clone();
        async move {
            events.handle(event.payload).await.map_err(|failure| {
                tracing::error!(kind = failure.kind, reason = failure.message, "an event failed");
                diagnostic(failure)
            })
        }
    });
    lambda_runtime::run(handle).await.map_err(|error| StartError::Lambda(error.to_string()))
}

fn diagnostic(failure: Failure) -> Diagnostic {
    Diagnostic { error_type: failure.kind, error_message: failure.message }
}
