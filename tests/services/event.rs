//! Events as AWS sends them to functions.

use serde_json::{Value, json};

/// A request that API Gateway's REST API passes on: `resource` is the route, `path` what the caller wrote.
pub(super) fn proxied(method: &str, resource: &str, path: &str) -> Value {
    let headers = [
        ("Accept", "application/json"),
        ("Authorization", "Bearer private-token"),
        ("Host", "abcdef123.execute-api.us-east-1.amazonaws.com"),
        ("Origin", "https://page.example"),
        ("User-Agent", "curl/8.5.0"),
        ("X-Amzn-Trace-Id", "Root=1-5e272390-8c398be037738dc042009320"),
        ("X-Forwarded-For", "192.0.2.1"),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ];
    let single: Value = headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let several: Value = headers.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
    json!({
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": single,
        "multiValueHeaders": several,
        "queryStringParameters": { "query": "two words" },
        "multiValueQueryStringParameters": { "query": ["two words", "ü"] },
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdef123",
            "authorizer": { "principalId": "ada", "username": "ada", "integrationLatency": 3 },
            "domainName": "abcdef123.execute-api.us-east-1.amazonaws.com",
            "extendedRequestId": "GlM8hFHqIAMFfcA=",
            "httpMethod": method,
            "identity": { "sourceIp": "192.0.2.1", "userAgent": "curl/8.5.0" },
            "path": format!("/dev{path}"),
            "protocol": "HTTP/1.1",
            "requestId": "a7b1c2d3-0000-4000-8000-000000000001",
            "requestTimeEpoch": 1_579_622_288_000_u64,
            "resourceId": "x1y2z3",
            "resourcePath": resource,
            "stage": "dev",
        },
        "body": null,
        "isBase64Encoded": false,
    })
}

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
