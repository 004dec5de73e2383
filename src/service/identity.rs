//! What API Gateway's authorizer has said of a request's caller.

use serde_json::{Map, Value};

/// The authorizer's context of a request, by its own names: an extension of requests that came through API Gateway and
/// were let in there. Requests to a listener never have one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuthorizerContext(pub Map<String, Value>);

impl AuthorizerContext {
    /// A text of the context.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}
