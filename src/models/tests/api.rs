//! The API as API Gateway leads to it and as a listener does: who may what, and what failures are answered with.

use axum::body::Body;
use http::{Request, StatusCode};
use lisa_service::settings::LogLevel;
use lisa_service::{AuthorizerContext, Common, Environment, Work};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::stage::{Stage, external, hosted};
use crate::world::World;
use crate::{Management, Shared, app, start};

/// What API Gateway's authorizer says of a caller.
pub(super) fn context(is_admin: bool, groups: &[&str]) -> AuthorizerContext {
    let context = json!({
        "username": "ada",
        "authType": "jwt",
        "groups": json!(groups).to_string(),
        "isAdmin": is_admin.to_string(),
    });
    AuthorizerContext(context.as_object().unwrap().clone())
}

/// Asks the API; without a context as a listener is asked.
pub(super) async fn ask(
    stage: &Stage,
    who: impl Into<Option<AuthorizerContext>>,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> (StatusCode, Value) {
    let shared = Shared { management: stage.management.clone(), base: "/prod".to_owned() };
    let common = Common {
        deployment: "demo".to_owned(),
        stage: "prod".to_owned(),
        prefix: "/prod/demo/lisa".to_owned(),
        log_level: LogLevel::Info,
        cors_origins: Vec::new(),
    };
    let mut request = Request::builder().method(method).uri(path);
    if let Some(who) = who.into() {
        request = request.extension(who);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let response = app(&common, shared).into_router().oneshot(request.body(body).unwrap()).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1_000_000).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn admin() -> AuthorizerContext {
    context(true, &["admins"])
}

fn user() -> AuthorizerContext {
    context(false, &["research"])
}

#[tokio::test]
async fn only_administrators_change_models() {
    let stage = Stage::set();
    stage.in_service().await;
    let request = external();
    for (method, path, body) in [
        ("POST", "/models", Some(&request)),
        ("PUT", "/models/mistral-vllm", Some(&request)),
        ("PUT", "/models/mistral-vllm/start", None),
        ("PUT", "/models/mistral-vllm/stop", None),
        ("DELETE", "/models/mistral-vllm", None),
        ("GET", "/models/metadata/instances", None),
    ] {
        let (status, answer) = ask(&stage, user(), method, path, body).await;
        assert_eq!(
            (status, &answer["error"]),
            (StatusCode::FORBIDDEN, &json!("Forbidden")),
            "{method} {path}"
        );
        let (status, _) = ask(&stage, None, method, path, body).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}");
    }
    let (status, answer) = ask(&stage, user(), "GET", "/models", None).await;
    assert_eq!((status, answer["models"].as_array().map(Vec::len)), (StatusCode::OK, Some(1)));
}

#[tokio::test]
async fn without_an_account_a_model_is_elsewhere() {
    let mut stage = Stage::set();
    let (status, types) = ask(&stage, admin(), "GET", "/models/metadata/instances", None).await;
    assert!(status.is_success() && types.as_array().unwrap().contains(&json!("g5.xlarge")), "{types}");
    stage.management = Management::new(World { can_host: false, ..stage.world.clone() });
    let types = ask(&stage, admin(), "GET", "/models/metadata/instances", None).await;
    assert_eq!(types, (StatusCode::OK, json!([])));
    let (status, answer) = ask(&stage, admin(), "POST", "/models", Some(&hosted())).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("`modelUrl`"), "{answer}");
    assert!(stage.row("mistral-vllm").await.is_none());
    let (status, answer) = ask(&stage, admin(), "POST", "/models", Some(&external())).await;
    assert!(status.is_success(), "{answer}");
}

#[tokio::test]
async fn failures_are_answered_as_documented() {
    let stage = Stage::set();
    stage.in_service().await;
    let (empty, invalid) =
        (json!({}), json!({ "modelId": "x", "modelName": "y", "modelType": "odd", "streaming": 1 }));
    let (hosted, stopped) = (hosted(), json!({ "enabled": true }));
    for (method, path, body, status, kind) in [
        ("GET", "/models/none", None, 404, "ModelNotFoundError"),
        ("DELETE", "/models/none", None, 404, "ModelNotFoundError"),
        ("PUT", "/models/none", Some(&stopped), 404, "ModelNotFoundError"),
        ("POST", "/models", Some(&hosted), 400, "ModelAlreadyExistsError"),
        ("POST", "/models", Some(&empty), 422, "ValidationError"),
        ("POST", "/models", Some(&invalid), 422, "ValidationError"),
        ("PUT", "/models/mistral-vllm", Some(&empty), 422, "ValidationError"),
        ("PUT", "/models/mistral-vllm", Some(&stopped), 400, "InvalidStateTransitionError"),
        ("GET", "/models?limit=0", None, 422, "ValidationError"),
        ("GET", "/models?nextToken=odd", None, 422, "ValidationError"),
    ] {
        let (found, answer) = ask(&stage, admin(), method, path, body).await;
        assert_eq!(
            (found.as_u16(), answer["error"].as_str()),
            (status, Some(kind)),
            "{method} {path} {answer}"
        );
        assert!(answer["message"].is_string() && !answer["detail"].is_null(), "{answer}");
    }
    let (_, answer) = ask(&stage, admin(), "POST", "/models", Some(&invalid)).await;
    let named: Vec<&str> =
        answer["detail"].as_array().unwrap().iter().filter_map(|one| one["loc"][1].as_str()).collect();
    assert_eq!(named, ["modelType", "streaming"]);
}

#[tokio::test]
async fn models_are_listed_page_by_page() {
    let stage = Stage::set();
    for id in ["a", "b", "c"] {
        let mut request = external();
        request["modelId"] = json!(id);
        stage.management.create(&request, None).await.unwrap();
    }
    let (mut ids, mut path) = (Vec::new(), "/models?limit=2".to_owned());
    loop {
        let (status, page) = ask(&stage, admin(), "GET", &path, None).await;
        assert_eq!(status, StatusCode::OK);
        let models = page["models"].as_array().unwrap();
        assert!(models.len() <= 2);
        ids.extend(models.iter().map(|model| model["modelId"].as_str().unwrap().to_owned()));
        let Some(next) = page["nextToken"].as_str() else { break };
        path = format!("/models?limit=2&nextToken={next}");
    }
    ids.sort();
    assert_eq!(ids, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_restricted_model_is_not_found_by_others() {
    let stage = Stage::set();
    let mut request = external();
    request["allowedGroups"] = json!(["secret"]);
    stage.management.create(&request, None).await.unwrap();
    let path = "/models/titan-express-v1";
    let (status, answer) = ask(&stage, user(), "GET", path, None).await;
    assert_eq!((status, &answer["error"]), (StatusCode::NOT_FOUND, &json!("ModelNotFoundError")));
    assert_eq!(ask(&stage, Some(context(false, &["secret"])), "GET", path, None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_description_is_open_and_knows_its_stage() {
    let stage = Stage::set();
    let (status, document) = ask(&stage, None, "GET", "/openapi.json", None).await;
    assert_eq!((status, &document["servers"][0]["url"]), (StatusCode::OK, &json!("/prod")));
    assert_eq!(ask(&stage, None, "GET", "/docs", None).await.0, StatusCode::OK);
}

const ENVIRONMENT: [(&str, &str); 16] = [
    ("AWS_REGION", "us-east-1"),
    ("MANAGEMENT_KEY_NAME", "management"),
    ("DEPLOYMENT_NAME", "prod"),
    ("DEPLOYMENT_STAGE", "dev"),
    ("DEPLOYMENT_PREFIX", "/dev/prod/lisa"),
    ("LOG_LEVEL", "INFO"),
    ("USE_AUTH", "true"),
    ("MODEL_TABLE_NAME", "prod-lisa-dev-models"),
    ("S3_BUCKET_MODELS", "weights"),
    ("CREATE_SFN_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:create-model"),
    ("UPDATE_SFN_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:update-model"),
    ("DELETE_SFN_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:delete-model"),
    ("LISA_CONFIG_PS_NAME", "/dev/prod/lisa/config"),
    ("STACK_ROLE_ARN", "arn:aws:iam::123456789012:role/stack"),
    ("SECRET_KEY_ARN", "arn:aws:kms:us-east-1:123456789012:key/k"),
    ("LISA_API_URL_PS_NAME", "/dev/prod/lisa/lisaServeRestApiUri"),
];

#[tokio::test]
async fn the_handler_tells_the_functions_apart() {
    for (handler, is_api) in [("models", true), ("models-tasks", false)] {
        let more = [("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"), ("_HANDLER", handler)];
        let environment: Environment = ENVIRONMENT.into_iter().chain(more).collect();
        let work = start(&environment).await.unwrap();
        assert_eq!(matches!(work, Work::Http(_)), is_api, "{handler}");
        assert_eq!(matches!(work, Work::Events(_)), !is_api, "{handler}");
    }
}
