//! What a caller sees of the chassis, whatever the service.

use axum::body::Body;
use axum::response::Response;
use axum::routing::{get, post, put};
use http::{Method, StatusCode};
use lisa_api::settings::AuthSettings;
use lisa_auth::Policy;
use lisa_auth::api_token::Row;
use lisa_auth::sources::{SystemClock, Unavailable};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::identity::Identity;
use crate::problem::{Json, Problem};
use crate::settings::LogLevel;

fn common(origins: &[&str]) -> Common {
    Common {
        deployment: "prod".to_owned(),
        stage: "dev".to_owned(),
        prefix: "/dev/prod/lisa".to_owned(),
        log_level: LogLevel::Info,
        cors_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
    }
}

fn routes() -> Router {
    Router::new()
        .route("/session", get(|| async { "sessions" }))
        .route("/panic", get(async || -> &'static str { panic!("out of range") }))
        .route("/refused", get(async || Problem::new(StatusCode::CONFLICT, "Conflict", "it is there")))
        .route("/echo", post(async |Json(body): Json<Vec<u8>>| axum::Json(body)))
}

fn app() -> App {
    App::new(&common(&["https://page.example"]), routes()).table(Service::Chat).body_limit(100)
}

fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path)
}

async fn send(app: App, request: Request) -> Response {
    app.into_router().oneshot(request).await.unwrap()
}

async fn answered(app: App, method: &str, path: &str) -> (StatusCode, Value) {
    let response = send(app, request(method, path).body(Body::empty()).unwrap()).await;
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into()))
}

#[tokio::test]
async fn health_is_told_in_upstreams_words() {
    for path in ["/health", "/health/readiness", "/health/liveness", "/health/liveliness"] {
        assert_eq!(answered(app(), "GET", path).await, (StatusCode::OK, json!({ "status": "OK" })), "{path}");
    }
    let draining = app();
    draining.health().drain();
    assert_eq!(answered(draining, "GET", "/health/readiness").await.0, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn what_is_not_served_is_named() {
    for (method, path, status, message) in [
        ("GET", "/session", 200, ""),
        ("DELETE", "/session", 501, "`DELETE /session` is not served by this version of LISA"),
        (
            "PUT",
            "/session/1/name",
            501,
            "`PUT /session/{sessionId}/name` is not served by this version of LISA",
        ),
        ("PATCH", "/session/1/name", 405, "`PATCH` is not allowed here; allowed is PUT"),
        ("PATCH", "/session", 405, "`PATCH` is not allowed here; allowed is GET, DELETE"),
        ("POST", "/health", 405, "`POST` is not allowed here"),
        ("GET", "/models", 404, "there is no such route"),
    ] {
        let (answered, body) = answered(app(), method, path).await;
        assert_eq!(answered.as_u16(), status, "{method} {path}");
        assert_eq!(body["message"].as_str().unwrap_or_default(), message, "{method} {path}");
    }
}

#[tokio::test]
async fn a_panic_is_one_requests_own() {
    let router = app().into_router();
    for (path, status) in [("/panic", 500), ("/session", 200), ("/panic", 500)] {
        let response =
            router.clone().oneshot(request("GET", path).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), status);
        assert!(response.headers().contains_key("x-request-id"));
    }
}

#[tokio::test]
async fn a_request_keeps_its_id() {
    let sent = request("GET", "/session").header("x-request-id", "mine").body(Body::empty()).unwrap();
    assert_eq!(send(app(), sent).await.headers()["x-request-id"], "mine");
    let evil = request("GET", "/session").header("x-request-id", "a b\"").body(Body::empty()).unwrap();
    assert_eq!(send(app(), evil).await.headers()["x-request-id"].len(), 36);
}

#[tokio::test]
async fn bodies_have_a_limit() {
    for (body, announced, status) in [
        ("[1, 2]".to_owned(), true, 200),
        (" ".repeat(101), true, 413),
        (" ".repeat(101), false, 413),
        ("[1,".to_owned(), true, 400),
        ("\"a\"".to_owned(), true, 422),
    ] {
        let length = body.len();
        let mut request = request("POST", "/echo");
        if announced {
            request = request.header("content-length", length);
        }
        let response = send(app(), request.body(Body::from(body)).unwrap()).await;
        assert_eq!(response.status().as_u16(), status, "{length} {announced}");
        assert_eq!(response.headers()["content-type"], "application/json");
    }
}

#[tokio::test]
async fn the_gateways_problems_are_openais() {
    let (status, body) = answered(app().shape(Shape::OpenAi), "GET", "/refused").await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::CONFLICT, &json!("conflict")));
    assert_eq!(answered(app().shape(Shape::OpenAi), "GET", "/nothing").await.1["error"]["code"], "not_found");
    assert_eq!(answered(app(), "GET", "/refused").await.1["error"], "Conflict");
}

#[tokio::test]
async fn allowed_origins_may_read_answers() {
    for (origins, origin, expected) in [
        (&["https://page.example"][..], "https://page.example", Some("https://page.example")),
        (&["https://page.example"], "https://other.example", None),
        (&["*"], "https://other.example", Some("*")),
        (&[], "https://page.example", None),
    ] {
        let request = request("GET", "/session").header("origin", origin).body(Body::empty()).unwrap();
        let response = send(App::new(&common(origins), routes()), request).await;
        let allowed = response.headers().get("access-control-allow-origin");
        assert_eq!(allowed.map(|value| value.to_str().unwrap()), expected);
        assert_eq!(response.headers()["vary"], "Origin");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn preflight_is_answered_for_every_route() {
    let request = request("OPTIONS", "/session/1")
        .header("origin", "https://page.example")
        .header("access-control-request-method", "PUT")
        .body(Body::empty())
        .unwrap();
    let response = send(app(), request).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(
        response.headers()["access-control-allow-methods"].to_str().unwrap().contains(Method::PUT.as_str())
    );
}

/// A table with a token of a user and one of an administrator.
struct Tokens;

#[async_trait::async_trait]
impl lisa_auth::sources::Tokens for Tokens {
    async fn get(&self, key: &str) -> Result<Option<Row>, Unavailable> {
        let groups = match key {
            "of-a-user" => [].into(),
            "of-an-admin" => ["admins".to_owned()].into(),
            _ => return Ok(None),
        };
        Ok(Some(Row { user: Some("ada".to_owned()), groups, ..Row::default() }))
    }
}

fn authenticator() -> Arc<Authenticator> {
    let settings = AuthSettings {
        use_auth: "true".to_owned(),
        token_table: Some("tokens".to_owned()),
        authority: None,
        client_id: None,
        admin_group: Some("admins".to_owned()),
        user_group: None,
        api_group: None,
        rag_admin_group: None,
        groups_property: None,
        management_secret: None,
    };
    let policy = Policy::new(&settings).unwrap();
    Arc::new(Authenticator::new(policy, Arc::new(SystemClock)).with_tokens(Arc::new(Tokens)))
}

#[tokio::test]
async fn a_listener_of_its_own_admits_by_the_table() {
    let routes = Router::new()
        .route("/session", get(async |Identity(caller): Identity| caller.subject))
        .route("/configuration/{configScope}", put(async |Identity(caller): Identity| caller.subject));
    for (token, method, path, status) in [
        ("", "GET", "/session", 401),
        ("unknown", "GET", "/session", 401),
        ("of-a-user", "GET", "/session", 200),
        ("of-a-user", "PUT", "/configuration/global", 403),
        ("of-an-admin", "PUT", "/configuration/global", 200),
        ("of-a-user", "GET", "/nothing", 404),
        ("", "GET", "/nothing", 401),
        ("", "GET", "/health", 200),
    ] {
        let app = App::new(&common(&[]), routes.clone()).table(Service::Chat).admitting(authenticator());
        let request = request(method, path).header("authorization", format!("Bearer {token}"));
        let response = send(app, request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), status, "{token} {method} {path}");
    }
}

#[tokio::test]
async fn a_caller_whom_nobody_let_in_is_refused() {
    let routes = Router::new().route("/session", get(async |Identity(caller): Identity| caller.subject));
    let app = App::new(&common(&[]), routes).table(Service::Chat);
    let response = send(app, request("GET", "/session").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 401);
}
