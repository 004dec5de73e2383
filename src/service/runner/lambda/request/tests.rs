//! Events as API Gateway's REST APIs send them.

use serde_json::json;

use super::*;
use crate::problem::Shape;

fn event(change: impl FnOnce(&mut Value)) -> Result<Request<Body>, Problem> {
    let mut event = json!({
        "resource": "/session/{sessionId}",
        "path": "/session/1",
        "httpMethod": "PUT",
        "headers": { "Host": "abc.execute-api.us-east-1.amazonaws.com", "accept": "a" },
        "multiValueHeaders": { "Host": ["abc.execute-api.us-east-1.amazonaws.com"], "accept": ["a", "b"] },
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": { "sessionId": "1" },
        "stageVariables": null,
        "requestContext": {
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "stage": "dev",
            "resourcePath": "/session/{sessionId}",
            "authorizer": { "username": "ada", "principalId": "ada", "integrationLatency": 12 },
        },
        "body": "{}",
        "isBase64Encoded": false,
    });
    change(&mut event);
    serde_json::from_value::<ProxyRequest>(event).unwrap().into_http()
}

#[test]
fn a_request_is_what_the_caller_sent() {
    let request = event(|_| ()).unwrap();
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("PUT", "/session/1"));
    assert_eq!(request.headers().get_all("accept").iter().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(request.headers()["x-request-id"], "c6af9ac6-7b61-11e6-9a41-93e8deadbeef");
    assert_eq!(request.extensions().get::<AuthorizerContext>().unwrap().text("username"), Some("ada"));
}

#[test]
fn a_callers_request_id_goes_first() {
    let request = event(|event| event["multiValueHeaders"]["X-Request-Id"] = json!(["mine"])).unwrap();
    assert_eq!(request.headers()["x-request-id"], "mine");
}

#[test]
fn values_are_encoded_again() {
    let request = event(|event| {
        event["path"] = json!("/session/a%2Fb c");
        event["multiValueQueryStringParameters"] = json!({ "query": ["a b&c=d", "ü"], "x": [""] });
    });
    assert_eq!(request.unwrap().uri().to_string(), "/session/a%2Fb%20c?query=a%20b%26c%3Dd&query=%C3%BC&x=");
}

#[test]
fn only_the_single_values_may_be_there() {
    let request = event(|event| {
        event["multiValueHeaders"] = Value::Null;
        event["queryStringParameters"] = json!({ "query": "a" });
    })
    .unwrap();
    assert_eq!(request.headers()["accept"], "a");
    assert_eq!(request.uri().query(), Some("query=a"));
}

#[tokio::test]
async fn binary_bodies_are_decoded() {
    let request = event(|event| {
        event["body"] = json!("AAEC/w==");
        event["isBase64Encoded"] = json!(true);
    });
    let request = request.unwrap();
    assert_eq!(request.headers()["content-length"], "4");
    let body = axum::body::to_bytes(request.into_body(), 100).await.unwrap();
    assert_eq!(&body[..], [0, 1, 2, 255]);
}

#[test]
fn what_is_no_request_is_the_callers_fault() {
    let wrong = [
        event(|event| {
            event["body"] = json!("?");
            event["isBase64Encoded"] = json!(true);
        }),
        event(|event| event["httpMethod"] = json!("a b")),
    ];
    for request in wrong {
        let problem = request.unwrap_err();
        assert_eq!(problem.status(), 400);
        assert_eq!(Shape::default(), Shape::Lisa);
    }
}

#[test]
fn nothing_but_the_route_is_left_of_a_path() {
    for (resource, given, stage, expected) in [
        ("/models", "/models", "dev", "/models"),
        ("/models", "/dev/models", "dev", "/models"),
        ("/models", "/base/path/models", "dev", "/models"),
        ("/models/{modelId}", "/models/models", "models", "/models/models"),
        ("/session/{sessionId}", "/session/..", "dev", "/session/.."),
        ("/", "/dev/", "dev", "/"),
        ("/{proxy+}", "/dev/a/b", "dev", "/a/b"),
        ("", "/dev/a", "dev", "/a"),
        ("", "/develop/a", "dev", "/develop/a"),
        ("", "/a", "", "/a"),
    ] {
        assert_eq!(path(resource, given, stage), expected, "{resource} {given} {stage}");
    }
}
