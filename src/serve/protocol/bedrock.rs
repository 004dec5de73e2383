//! Amazon Bedrock's Converse: a request for chat completions becomes one for it, and its answers, whole or streamed, answers
//! of chat completions. Source: botocore 1.43.106, `data/bedrock-runtime/2023-09-30/service-2.json`.

mod ask;
pub mod content;
pub mod embed;
mod reply;

use http::{HeaderMap, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::Failure;

pub use ask::{Asked, converse};
pub use reply::{Stream, answer};

/// The tool by which a model is made to answer in JSON; callers never see it.
pub(crate) const JSON_TOOL: &str = "json_answer";

/// What stands in a path as it is. Source: RFC 3986, unreserved.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path of an operation on a model: `/model/<id>/converse`.
pub fn path(model: &str, operation: &str) -> String {
    format!("/model/{}/{operation}", utf8_percent_encode(model, &UNRESERVED))
}

/// The failure in an answer with an error's status.
pub fn failure(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
    let named = headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = ["message", "Message", "OriginalMessage"].iter().find_map(|key| value[*key].as_str());
    let code = if named.is_empty() { value["__type"].as_str().unwrap_or_default() } else { named };
    failed(bare(code), status, text.unwrap_or("the service gives no reason"))
}

/// The failure of an exception, in a stream or before it. Its name is spelled with a small letter in a stream.
pub fn failed(name: &str, status: StatusCode, message: &str) -> Failure {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    let too_long = ["too long", "too many input tokens", "maximum context length", "context window"];
    let message_small = message.to_ascii_lowercase();
    if is("ValidationException") && too_long.iter().any(|text| message_small.contains(text)) {
        return Failure::new(StatusCode::BAD_REQUEST, "context_length_exceeded", message);
    }
    let status = match () {
        // The gateway's own credentials: nothing that the caller could mend.
        () if CREDENTIALS.iter().any(|name| is(name)) => StatusCode::BAD_GATEWAY,
        () if is("ThrottlingException") || is("ModelNotReadyException") => StatusCode::TOO_MANY_REQUESTS,
        () if is("ServiceQuotaExceededException") => StatusCode::TOO_MANY_REQUESTS,
        () if is("ValidationException") => StatusCode::BAD_REQUEST,
        () if is("AccessDeniedException") => StatusCode::FORBIDDEN,
        () if is("ResourceNotFoundException") => StatusCode::NOT_FOUND,
        () if is("ModelTimeoutException") => StatusCode::GATEWAY_TIMEOUT,
        () if is("ServiceUnavailableException") => StatusCode::SERVICE_UNAVAILABLE,
        () if is("InternalServerException") => StatusCode::INTERNAL_SERVER_ERROR,
        // A dependency of the service failed, in its own words: the model.
        () if status == StatusCode::FAILED_DEPENDENCY || is("ModelStreamErrorException") => {
            StatusCode::BAD_GATEWAY
        }
        () => status,
    };
    Failure::new(status, name, message)
}

/// Names of refusals that concern who signs, and not what is asked.
const CREDENTIALS: [&str; 6] = [
    "UnrecognizedClientException",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "IncompleteSignatureException",
    "MissingAuthenticationTokenException",
    "InvalidClientTokenId",
];

/// `com.amazonaws#ThrottlingException:http://…` is `ThrottlingException`.
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
