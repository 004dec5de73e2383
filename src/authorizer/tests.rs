//! What API Gateway hears.

use async_trait::async_trait;
use lisa_auth::Policy;
use lisa_auth::api_token::Row;
use lisa_auth::sources::{SystemClock, Tokens, Unavailable};
use serde_json::{Value, json};

use super::*;

const METHOD_ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/session";

fn config() -> Config {
    let environment = [
        ("DEPLOYMENT_NAME", "prod"),
        ("DEPLOYMENT_STAGE", "dev"),
        ("DEPLOYMENT_PREFIX", "/dev/prod/lisa"),
        ("LOG_LEVEL", "INFO"),
        ("USE_AUTH", "true"),
        ("AUDIT_LOG_ENABLED", "true"),
        ("TOKEN_TABLE_NAME", "tokens"),
        ("ADMIN_GROUP", "admins"),
    ];
    Config::read(&environment.into_iter().collect()).unwrap()
}

/// A table with a token of a user, of an administrator, and none that answers.
struct Table;

#[async_trait]
impl Tokens for Table {
    async fn get(&self, key: &str) -> Result<Option<Row>, Unavailable> {
        let row = |group: &str| Row {
            groups: [group.to_owned()].into(),
            user: Some("ada".to_owned()),
            ..Row::default()
        };
        match key {
            "of-a-user" => Ok(Some(row("users"))),
            "of-an-admin" => Ok(Some(row("admins"))),
            "of-a-broken-table" => Err(Unavailable("the table does not answer".to_owned())),
            _ => Ok(None),
        }
    }
}

fn authorizer() -> Events {
    let config = config();
    let policy = Policy::new(&config.settings.auth).unwrap();
    let authenticator = Authenticator::new(policy, Arc::new(SystemClock)).with_tokens(Arc::new(Table));
    events(config, authenticator)
}

/// What API Gateway hears of a token on a route: whether it is let in.
async fn is_let_in(token: &str, method: &str, route: &str) -> bool {
    let mut asked = question();
    asked["headers"]["Authorization"] = json!(format!("Bearer {token}"));
    asked["httpMethod"] = json!(method);
    asked["resource"] = json!(route);
    let answer = authorizer().handle(asked).await.unwrap();
    answer["policyDocument"]["Statement"][0]["Effect"] == "Allow"
}

fn question() -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": METHOD_ARN,
        "resource": "/session",
        "path": "/session",
        "httpMethod": "GET",
        "headers": { "Authorization": "Bearer hidden", "X-AMZ-Date": "20170718T062915Z" },
        "queryStringParameters": {},
        "pathParameters": {},
        "stageVariables": {},
        "requestContext": { "path": "/dev/session", "stage": "dev", "requestId": "r-1", "apiId": "abcdef123" },
    })
}

#[tokio::test]
async fn strangers_are_refused() {
    let refusal = json!({
        "principalId": "unknown",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Deny", "Action": "execute-api:Invoke", "Resource": METHOD_ARN }],
        },
    });
    assert_eq!(authorizer().handle(question()).await, Ok(refusal.clone()));
    let mut bare = question();
    bare["headers"] = Value::Null;
    assert_eq!(authorizer().handle(bare).await, Ok(refusal));
}

#[tokio::test]
async fn callers_are_let_in_on_the_routes_that_are_theirs() {
    for (token, method, route, expected) in [
        ("of-a-user", "GET", "/models", true),
        ("of-a-user", "POST", "/models", false),
        ("of-a-user", "DELETE", "/models/{modelId}", false),
        ("of-a-user", "GET", "/session", true),
        ("of-a-user", "GET", "/nothing", false),
        ("of-an-admin", "POST", "/models", true),
        ("of-an-admin", "DELETE", "/models/{modelId}", true),
        ("of-a-broken-table", "GET", "/session", false),
        ("of-nobody", "GET", "/session", false),
    ] {
        assert_eq!(is_let_in(token, method, route).await, expected, "{token} {method} {route}");
    }
}

#[tokio::test]
async fn services_are_told_who_calls() {
    let mut asked = question();
    asked["headers"] = json!({ "Api-Key": "of-an-admin" });
    let answer = authorizer().handle(asked).await.unwrap();
    assert_eq!(answer["principalId"], "ada");
    let expected = json!({ "username": "ada", "displayName": "ada", "authType": "api_token", "apiTokenId": "30c3a420bf26effc", "groups": "[\"admins\"]",
        "isAdmin": "true", "isRagAdmin": "true", "isApiUser": "false" });
    assert_eq!(answer["context"], expected);
}

#[test]
fn headers_are_found_and_not_shown() {
    let request: AuthorizerRequest = serde_json::from_value(question()).unwrap();
    assert_eq!(request.header("authorization"), Some("Bearer hidden"));
    assert_eq!(request.header("x-amz-date"), Some("20170718T062915Z"));
    assert_eq!(request.header("cookie"), None);
    assert!(!format!("{request:?}").contains("hidden"));
}

#[tokio::test]
async fn what_is_no_question_fails() {
    assert_eq!(authorizer().handle(json!({})).await.unwrap_err().kind, "InvalidEvent");
}

/// A table that counts how often it is asked.
struct Counted(Arc<std::sync::atomic::AtomicUsize>);

#[async_trait]
impl Tokens for Counted {
    async fn get(&self, key: &str) -> Result<Option<Row>, Unavailable> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Table.get(key).await
    }
}

#[tokio::test]
async fn a_warm_authorizer_asks_nobody() {
    let config = config();
    let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let policy = Policy::new(&config.settings.auth).unwrap();
    let tokens = Arc::new(Counted(Arc::clone(&count)));
    let authorizer = events(config, Authenticator::new(policy, Arc::new(SystemClock)).with_tokens(tokens));
    let mut asked = question();
    asked["headers"]["Authorization"] = json!("Bearer of-an-admin");
    let first = authorizer.handle(asked.clone()).await.unwrap();
    assert_eq!(first["policyDocument"]["Statement"][0]["Effect"], "Allow");
    let cold = count.load(std::sync::atomic::Ordering::SeqCst);
    for _ in 0..100 {
        assert_eq!(authorizer.handle(asked.clone()).await.unwrap(), first);
    }
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), cold, "what is verified is remembered");
}
