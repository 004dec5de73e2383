//! What is asked for and not served: routes of the table that this version lacks, other methods, other paths.

use axum::response::{IntoResponse as _, Response};
use http::Method;
use lisa_api::routes::{self, Found, Service};

use crate::problem::Problem;

/// A route of the table, as an extension of the answer that it is not served yet: for the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RouteName(pub(crate) &'static str);

/// Answers a request that no handler takes, by the table of the service's routes if it has one.
pub(crate) fn unserved(table: Option<Service>, method: &Method, path: &str) -> Response {
    let found = table.map_or(Found::Nothing, |service| routes::find(service, method.as_str(), path));
    match found {
        Found::Route(route) => {
            let mut response = Problem::not_served(route.method.name(), route.path).into_response();
            response.extensions_mut().insert(RouteName(route.path));
            response
        }
        Found::Methods(methods) => {
            let allowed: Vec<_> = methods.into_iter().map(routes::Method::name).collect();
            Problem::method_not_allowed(method, allowed.join(", ")).into_response()
        }
        Found::Nothing => Problem::no_such_route().into_response(),
    }
}

/// Answers a request whose path some handler takes, but not with this method: another method of the path may be in the
/// table without being served yet.
pub(crate) fn other_method(table: Option<Service>, method: &Method, path: &str) -> Response {
    match table.map(|service| routes::find(service, method.as_str(), path)) {
        None | Some(Found::Nothing) => {
            let message = format!("`{method}` is not allowed here");
            Problem::new(http::StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message).into_response()
        }
        Some(_) => unserved(table, method, path),
    }
}
