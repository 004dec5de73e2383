//! What API Gateway asks a request authorizer.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// The question: may this request pass?
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizerRequest {
    /// What the caller wants to invoke: API, stage, method and path as an ARN.
    pub method_arn: String,
    /// The route, as the API names it: `/session/{sessionId}`.
    pub resource: String,
    /// The path below the stage.
    pub path: String,
    /// `GET`.
    pub http_method: String,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    request_context: Context,
}

/// What API Gateway adds of its own.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    #[serde(default)]
    request_id: String,
}

impl AuthorizerRequest {
    /// A header, whatever case its name was sent in.
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.headers.iter().flatten();
        headers.into_iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// API Gateway's id of the request.
    pub fn id(&self) -> &str {
        &self.request_context.request_id
    }
}

/// Headers hold tokens, so they are not shown.
impl fmt::Debug for AuthorizerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizerRequest")
            .field("http_method", &self.http_method)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}
