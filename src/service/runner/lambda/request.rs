//! A request as API Gateway's Lambda proxy integration sends it, and as HTTP.
//!
//! The path stays as the caller wrote it: taking `..` out of it would lead to another route than the one that the
//! authorizer was asked about.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, Request, header::CONTENT_LENGTH};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::identity::AuthorizerContext;
use crate::problem::Problem;
use crate::request_id;

/// What cannot stand in a path, beside what is encoded already.
const IN_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// The event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProxyRequest {
    /// The route, as the API names it: `/session/{sessionId}`.
    #[serde(default)]
    resource: String,
    /// The path, with what a custom domain puts before it.
    path: String,
    http_method: String,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    query_string_parameters: Option<BTreeMap<String, String>>,
    #[serde(default)]
    multi_value_query_string_parameters: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    #[serde(default)]
    request_context: Context,
}

/// What API Gateway adds of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    #[serde(default)]
    request_id: String,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    authorizer: Option<Map<String, Value>>,
}

impl ProxyRequest {
    /// The request as HTTP; the error is what the caller gets.
    pub(super) fn into_http(self) -> Result<Request<Body>, Problem> {
        let body = match self.body {
            None => Vec::new(),
            Some(text) if self.is_base64_encoded => STANDARD.decode(text).map_err(|_| unreadable())?,
            Some(text) => text.into_bytes(),
        };
        let headers = both(self.multi_value_headers, self.headers);
        let query = both(self.multi_value_query_string_parameters, self.query_string_parameters);
        let uri = uri(path(&self.resource, &self.path, &self.request_context.stage), &query);
        let mut request = Request::builder()
            .method(self.http_method.as_str())
            .uri(uri)
            .body(Body::empty())
            .map_err(|_| unreadable())?;
        for (name, values) in headers {
            let Ok(name) = HeaderName::try_from(name) else { continue };
            for value in values.into_iter().filter_map(|value| HeaderValue::try_from(value).ok()) {
                request.headers_mut().append(name.clone(), value);
            }
        }
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        if let Ok(id) = HeaderValue::try_from(self.request_context.request_id) {
            request.headers_mut().entry(request_id::HEADER).or_insert(id);
        }
        if let Some(context) = self.request_context.authorizer {
            request.extensions_mut().insert(AuthorizerContext(context));
        }
        *request.body_mut() = Body::from(body);
        Ok(request)
    }
}

fn unreadable() -> Problem {
    Problem::of(lisa_api::error::ErrorKind::InvalidInput, "the request could not be read")
}

/// Every value by its name; API Gateway sends both forms, a test event may have one.
fn both(
    several: Option<BTreeMap<String, Vec<String>>>,
    single: Option<BTreeMap<String, String>>,
) -> BTreeMap<String, Vec<String>> {
    let single = || single.unwrap_or_default().into_iter().map(|(name, value)| (name, vec![value])).collect();
    several.filter(|several| !several.is_empty()).unwrap_or_else(single)
}

/// The path below the stage: as many of its last parts as the route has, so that neither the stage nor a custom
/// domain's base path is left in front. Without a route that can be counted, only the stage is taken off.
fn path<'a>(resource: &str, path: &'a str, stage: &str) -> &'a str {
    if resource.starts_with('/') && !resource.contains("+}") {
        let parts = resource.matches('/').count();
        let from = path.rmatch_indices('/').nth(parts - 1).map_or(0, |(index, _)| index);
        return &path[from..];
    }
    let below = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage));
    below.filter(|below| !stage.is_empty() && below.starts_with('/')).unwrap_or(path)
}

/// The path as it came and the query encoded again: API Gateway decodes the one and not the other.
fn uri(path: &str, query: &BTreeMap<String, Vec<String>>) -> String {
    let mut uri = utf8_percent_encode(path, IN_PATH).to_string();
    let pairs = query.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    for (index, (name, value)) in pairs.enumerate() {
        let separator = if index == 0 { '?' } else { '&' };
        let [name, value] = [name, value].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
        // Writing to a string cannot fail.
        let _ = write!(uri, "{separator}{name}={value}");
    }
    uri
}

#[cfg(test)]
mod tests;
