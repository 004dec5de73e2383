//! What API Gateway is told: an IAM policy on the one request that it asked about, and who the caller is.

use lisa_service::AuthorizerContext;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::decision::Decision;

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    principal_id: String,
    policy_document: PolicyDocument,
    /// Reaches the service as the authorizer's context.
    #[serde(skip_serializing_if = "Map::is_empty")]
    context: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: &'static str,
    action: &'static str,
    resource: String,
}

impl Answer {
    /// The answer for a decision on the method with this ARN. It covers that request and no other.
    pub fn new(decision: &Decision, method_arn: &str) -> Self {
        let context = match decision {
            Decision::Allow(caller) => AuthorizerContext::of(caller).0,
            Decision::Deny(_) => Map::new(),
        };
        let effect = if decision.is_allowed() { "Allow" } else { "Deny" };
        let resource = method_arn.to_owned();
        let statement = [Statement { effect, action: "execute-api:Invoke", resource }];
        Self {
            principal_id: decision.principal().to_owned(),
            policy_document: PolicyDocument { version: "2012-10-17", statement },
            context,
        }
    }
}
