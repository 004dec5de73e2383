//! The chat back end as API Gateway's routes lead to it.

use axum::body::Body;
use http::{Request, StatusCode};
use lisa_api::routes;
use tower::ServiceExt as _;

use super::*;

const ENVIRONMENT: [(&str, &str); 7] = [
    ("DEPLOYMENT_NAME", "prod"),
    ("DEPLOYMENT_STAGE", "dev"),
    ("DEPLOYMENT_PREFIX", "/dev/prod/lisa"),
    ("LOG_LEVEL", "INFO"),
    ("USE_AUTH", "true"),
    ("SESSIONS_TABLE_NAME", "sessions"),
    ("CONFIG_TABLE_NAME", "chat"),
];

#[tokio::test]
async fn every_route_of_the_table_leads_here() {
    let router = app(&Config::read(&ENVIRONMENT.into_iter().collect()).unwrap()).into_router();
    for route in routes::all().filter(|route| route.service == Service::Chat) {
        let request = Request::builder().method(route.method.name()).uri(route.path.replace(['{', '}'], ""));
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED, "{route:?}");
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let name = format!("`{} {}`", route.method.name(), route.path);
        assert!(String::from_utf8_lossy(&body).contains(&name), "{route:?}");
    }
}

#[test]
fn all_that_is_missing_is_named() {
    let error = Config::read(&Environment::default()).unwrap_err();
    assert_eq!(error.missing.len(), ENVIRONMENT.len());
}
