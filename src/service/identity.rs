//! Who a service's request comes from: what API Gateway's authorizer has said, and the caller that it means.

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use lisa_auth::{Caller, Via};
use serde_json::{Map, Value, json};

use crate::problem::Problem;

/// The authorizer's context of a request, by upstream's names: an extension of requests that were let in, by API
/// Gateway's authorizer or by the chassis on a listener. API Gateway passes on texts alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuthorizerContext(pub Map<String, Value>);

impl AuthorizerContext {
    /// What services are told of a caller.
    pub fn of(caller: &Caller) -> Self {
        let token = match &caller.via {
            Via::ApiToken(id) => id.as_str(),
            Via::OpenId | Via::Management | Via::Nothing => "",
        };
        let texts = [
            ("username", caller.subject.clone()),
            ("displayName", caller.name.clone()),
            ("authType", caller.via.as_str().to_owned()),
            ("apiTokenId", token.to_owned()),
            ("groups", json!(caller.groups).to_string()),
            ("isAdmin", caller.is_admin.to_string()),
            ("isRagAdmin", caller.is_rag_admin.to_string()),
            ("isApiUser", caller.may_make_tokens.to_string()),
        ];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        Self(texts.map(|(name, text)| (name.to_owned(), text.into())).collect())
    }

    /// A text of the context.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The caller whom it is about; none where it does not name one.
    pub fn caller(&self) -> Option<Caller> {
        let subject = self.text("username").filter(|name| !name.is_empty())?;
        let via = match self.text("authType")? {
            "jwt" => Via::OpenId,
            "api_token" => Via::ApiToken(self.text("apiTokenId").unwrap_or_default().to_owned()),
            "management" => Via::Management,
            _ => Via::Nothing,
        };
        let flag = |name| self.text(name) == Some("true");
        Some(Caller {
            subject: subject.to_owned(),
            name: self.text("displayName").unwrap_or(subject).to_owned(),
            groups: self
                .text("groups")
                .and_then(|groups| serde_json::from_str(groups).ok())
                .unwrap_or_default(),
            via,
            is_admin: flag("isAdmin"),
            is_rag_admin: flag("isRagAdmin"),
            may_make_tokens: flag("isApiUser"),
        })
    }
}

/// The caller of a request, for handlers. A request that nobody has let in is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for Identity {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<AuthorizerContext>().and_then(AuthorizerContext::caller);
        let nobody = || Problem::new(StatusCode::UNAUTHORIZED, "Unauthorized", "the request names no caller");
        caller.map(Self).ok_or_else(nobody)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(via: Via) -> Caller {
        Caller {
            subject: "248289761001".to_owned(),
            name: "Ada".to_owned(),
            groups: ["analysts".to_owned(), "with \"quotes\", and commas".to_owned()].into(),
            via,
            is_admin: false,
            is_rag_admin: true,
            may_make_tokens: true,
        }
    }

    #[test]
    fn a_caller_survives_the_context() {
        for via in [Via::OpenId, Via::ApiToken("1f2e".to_owned()), Via::Management, Via::Nothing] {
            let caller = caller(via);
            assert_eq!(AuthorizerContext::of(&caller).caller(), Some(caller));
        }
    }

    #[test]
    fn a_context_holds_texts_alone() {
        let context = AuthorizerContext::of(&caller(Via::OpenId));
        assert!(context.0.values().all(Value::is_string), "{context:?}");
    }

    #[test]
    fn a_context_without_a_name_means_nobody() {
        let mut context = AuthorizerContext::of(&caller(Via::OpenId));
        context.0.remove("username");
        assert_eq!(context.caller(), None);
    }
}
