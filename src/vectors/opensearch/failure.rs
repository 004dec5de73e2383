//! Why OpenSearch did not do what was asked.

use serde_json::Value;

use crate::error::{Error, Why};

/// An answer of a status from 400 on.
pub(super) fn refused(name: &str, status: u16, body: &[u8]) -> Error {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let kind = answer["error"]["type"].as_str().unwrap_or_default();
    let said =
        answer["error"]["reason"].as_str().or(answer["message"].as_str()).or(answer["Message"].as_str());
    let why = match status {
        401 | 403 => Why::Denied,
        404 if kind == "index_not_found_exception" => Why::NoCollection,
        408 | 504 => Why::Slow,
        413 | 429 | 503 => Why::Busy,
        400 if said.is_some_and(|said| said.contains("knn_vector")) => Why::Unfit,
        _ => Why::Refused,
    };
    let said = said.map_or_else(|| String::from_utf8_lossy(body).chars().take(300).collect(), str::to_owned);
    Error::new(name, why, format_args!("{said} (status {status})"))
}

/// No answer, or none of OpenSearch's.
pub(super) fn unanswered(name: &str, error: &lisa_signed::Error) -> Error {
    let why = match error.why {
        lisa_signed::Why::NoCredentials => Why::Denied,
        lisa_signed::Why::Unanswered if error.message.starts_with("none in") => Why::Slow,
        lisa_signed::Why::Unanswered => Why::Unreachable,
        lisa_signed::Why::Unreadable => Why::Broken,
        lisa_signed::Why::Unmakeable | lisa_signed::Why::Refused => Why::Refused,
    };
    Error::new(name, why, &error.message)
}
