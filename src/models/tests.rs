//! The model-management API as API Gateway's routes lead to it, and the tasks as Step Functions does.

use axum::body::Body;
use http::{Request, StatusCode};
use lisa_api::routes;
use lisa_workflow::TaskName;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;

const ENVIRONMENT: [(&str, &str); 13] = [
    ("DEPLOYMENT_NAME", "prod"),
    ("DEPLOYMENT_STAGE", "dev"),
    ("DEPLOYMENT_PREFIX", "/dev/prod/lisa"),
    ("LOG_LEVEL", "INFO"),
    ("USE_AUTH", "true"),
    ("MODEL_TABLE_NAME", "models"),
    ("S3_BUCKET_MODELS", "weights"),
    ("CREATE_SFN_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:create-model"),
    ("UPDATE_SFN_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:update-model"),
    ("DELETE_SFN_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:delete-model"),
    ("LISA_CONFIG_PS_NAME", "/dev/prod/lisa/config"),
    ("STACK_ROLE_ARN", "arn:aws:iam::123456789012:role/stack"),
    ("LISA_API_URL_PS_NAME", "/dev/prod/lisa/lisaServeRestApiUri"),
];

fn environment(more: &[(&'static str, &'static str)]) -> Environment {
    ENVIRONMENT.into_iter().chain(more.iter().copied()).collect()
}

async fn answered(method: &str, path: &str) -> (StatusCode, Value) {
    let router = app(&Config::read(&environment(&[])).unwrap()).into_router();
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn instance_types_are_those_that_models_can_have() {
    let (status, body) = answered("GET", "/models/metadata/instances").await;
    assert_eq!(status, StatusCode::OK);
    let types: Vec<String> = serde_json::from_value(body).unwrap();
    assert!(types.is_sorted() && types.contains(&"g5.xlarge".to_owned()), "{types:?}");
    for name in types {
        assert!(lisa_names::InstanceType::new(&name).is_ok(), "{name}");
    }
}

#[tokio::test]
async fn every_other_route_of_the_table_is_named() {
    for route in routes::all().filter(|route| route.service == Service::Models) {
        if route.path == "/models/metadata/instances" {
            continue;
        }
        let (status, body) = answered(route.method.name(), &route.path.replace(['{', '}'], "")).await;
        assert_eq!(status, StatusCode::NOT_IMPLEMENTED, "{route:?}");
        assert!(body["message"].as_str().unwrap().contains(route.path), "{route:?}");
    }
}

#[test]
fn the_handler_tells_the_functions_apart() {
    let start = |handler| {
        start(&environment(&[("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"), ("_HANDLER", handler)])).unwrap()
    };
    assert!(matches!(start("models"), Work::Http(_)));
    assert!(matches!(start("models-tasks"), Work::Events(_)));
}

#[tokio::test]
async fn every_task_fails_by_its_name() {
    for task in TaskName::all() {
        let mut event = serde_json::to_value(task).unwrap();
        event["execution"] = json!("arn:aws:states:us-east-1:123456789012:execution:create-model:1");
        event["state"] = json!({ "modelId": "m" });
        let failure = tasks::events().handle(event).await.unwrap_err();
        assert_eq!(failure.kind, "NotServed");
        assert!(failure.message.contains(task.as_str()), "{failure}");
    }
}

#[tokio::test]
async fn the_end_of_an_execution_is_told_apart() {
    let event = json!({
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": { "status": "TIMED_OUT" },
    });
    let failure = tasks::events().handle(event).await.unwrap_err();
    assert!(failure.message.contains("Step Functions Execution Status Change"), "{failure}");
    assert_eq!(tasks::events().handle(json!({ "other": 1 })).await.unwrap_err().kind, "InvalidEvent");
}
