//! Events as AWS sends them to functions.

use serde_json::{Value, json};

/// A question to a request authorizer.
pub(super) fn question(method_arn: &str) -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": method_arn,
        "resource": "/session",
        "path": "/session",
        "httpMethod": "GET",
        "headers": { "Authorization": "Bearer private-token" },
        "multiValueHeaders": { "Authorization": ["Bearer private-token"] },
        "queryStringParameters": {},
        "pathParameters": {},
        "stageVariables": {},
        "requestContext": { "path": "/dev/session", "stage": "dev", "requestId": "r-1" },
    })
}
