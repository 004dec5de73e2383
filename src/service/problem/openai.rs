//! A problem as OpenAI's error object, which the official clients turn into their exceptions.

use http::StatusCode;
use serde_json::{Value, json};

use super::Problem;

/// The body.
pub(super) fn body(problem: &Problem) -> Value {
    json!({ "error": {
        "message": problem.body.message,
        "type": kind(problem.status),
        "param": null,
        "code": code(&problem.body.error),
    } })
}

/// What went wrong, by OpenAI's names.
fn kind(status: StatusCode) -> &'static str {
    match status.as_u16() {
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

/// `ModelNotFoundError` as `model_not_found`.
fn code(error: &str) -> String {
    let mut code = String::new();
    for letter in error.trim_end_matches("Error").chars() {
        if letter.is_ascii_uppercase() && !code.is_empty() {
            code.push('_');
        }
        code.push(letter.to_ascii_lowercase());
    }
    code
}
