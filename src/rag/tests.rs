//! The repository API as API Gateway's routes lead to it, and the worker as the queue does.

use axum::body::Body;
use http::{Request, StatusCode};
use lisa_api::routes;
use serde_json::json;
use tower::ServiceExt as _;

use super::*;

const ENVIRONMENT: [(&str, &str); 10] = [
    ("DEPLOYMENT_NAME", "prod"),
    ("DEPLOYMENT_STAGE", "dev"),
    ("DEPLOYMENT_PREFIX", "/dev/prod/lisa"),
    ("LOG_LEVEL", "INFO"),
    ("USE_AUTH", "true"),
    ("BUCKET_NAME", "documents"),
    ("RAG_TABLE_NAME", "rag"),
    ("INGESTION_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/ingest"),
    ("REGISTERED_REPOSITORIES_PS_NAME", "/dev/prod/lisa/registeredRepositories"),
    ("LISA_API_URL_PS_NAME", "/dev/prod/lisa/lisaServeRestApiUri"),
];

fn environment(more: &[(&'static str, &'static str)]) -> Environment {
    ENVIRONMENT.into_iter().chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn every_route_of_the_table_leads_here() {
    let router = app(&Config::read(&environment(&[])).unwrap()).into_router();
    for route in routes::all().filter(|route| route.service == Service::Rag) {
        let request = Request::builder().method(route.method.name()).uri(route.path.replace(['{', '}'], ""));
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED, "{route:?}");
    }
}

#[test]
fn the_handler_tells_the_functions_apart() {
    let start = |handler| {
        start(&environment(&[("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"), ("_HANDLER", handler)])).unwrap()
    };
    assert!(matches!(start("rag"), Work::Http(_)));
    assert!(matches!(start("rag-ingest"), Work::Events(_)));
}

#[tokio::test]
async fn a_message_is_left_in_the_queue() {
    let batch = json!({ "Records": [{ "messageId": "m-1", "body": "{}", "eventSource": "aws:sqs" }] });
    let failure = ingest::events().handle(batch).await.unwrap_err();
    assert_eq!(failure.kind, "NotServed");
    assert!(failure.message.ends_with("it leaves m-1"), "{failure}");
}

#[test]
fn chunks_have_upstreams_figures() {
    let config = Config::read(&environment(&[])).unwrap();
    assert_eq!((config.chunk_size, config.chunk_overlap), (512, 51));
    let wrong = Config::read(&environment(&[("CHUNK_SIZE", "big")])).unwrap_err();
    assert_eq!(wrong.wrong[0].name, "CHUNK_SIZE");
}
