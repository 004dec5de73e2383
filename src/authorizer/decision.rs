//! Who is let in: a caller who has shown who they are, on the routes that are theirs.

use std::sync::Arc;

use lisa_auth::{Authenticator, Caller, Credential, Refusal, access};

use crate::request::AuthorizerRequest;

/// Whether a request may pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may, for this caller.
    Allow(Arc<Caller>),
    /// It may not; the reason is for the log.
    Deny(String),
}

impl Decision {
    /// Whether the request may pass.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allow(_))
    }

    /// Who API Gateway is told the caller is.
    pub fn principal(&self) -> &str {
        match self {
            Self::Allow(caller) => &caller.subject,
            Self::Deny(_) => "unknown",
        }
    }

    /// Why it may not; empty where it may.
    pub fn reason(&self) -> &str {
        match self {
            Self::Allow(_) => "",
            Self::Deny(reason) => reason,
        }
    }
}

/// Decides on a request.
pub async fn decide(authenticator: &Authenticator, request: &AuthorizerRequest) -> Decision {
    let header = |name| request.header(name).map(str::as_bytes);
    let credential = Credential::from_headers(header("authorization"), header("api-key"));
    let caller = match authenticator.authenticate(credential).await {
        Ok(caller) => caller,
        Err(refusal) => return Decision::Deny(told(&refusal)),
    };
    let level = access::rest(&request.http_method, &request.resource);
    if !level.admits(&caller) {
        return Decision::Deny(format!("`{}` is no administrator of it", caller.subject));
    }
    Decision::Allow(caller)
}

fn told(refusal: &Refusal) -> String {
    refusal.detail().to_owned()
}
