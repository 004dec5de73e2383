//! A request that panics is answered with 500; the process and all other requests go on.

use std::any::Any;
use std::panic::{AssertUnwindSafe, PanicHookInfo};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;

use crate::problem::Problem;

/// Logs where a panic happened, in place of Rust's own text on standard error.
pub(crate) fn log() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let location = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, reason = constant(info.payload()), "panicked");
    }));
}

/// The panic's text where it is a literal: one that was computed may hold what a caller sent.
fn constant(payload: &dyn Any) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("not shown")
}

/// Answers in place of a handler that panicked.
pub(crate) async fn isolate(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Problem::internal().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_literals_are_shown() {
        assert_eq!(constant(&"out of range"), "out of range");
        assert_eq!(constant(&String::from("password is 1234")), "not shown");
    }
}
