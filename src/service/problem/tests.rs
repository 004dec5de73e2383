//! What clients see of a problem.

use serde_json::{Value, json};

use super::*;

async fn seen(shape: Shape, problem: Problem) -> (StatusCode, Option<HeaderValue>, Value) {
    let response = reshape(shape, problem.into_response());
    let (parts, body) = response.into_parts();
    assert_eq!(parts.headers["content-type"], "application/json");
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers.get(ALLOW).cloned(), serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn the_rest_api_answers_in_all_of_upstreams_fields() {
    let (status, _, body) = seen(Shape::Lisa, Problem::not_served("PUT", "/session/{sessionId}")).await;
    let message = "`PUT /session/{sessionId}` is not served by this version of LISA";
    assert_eq!(status, StatusCode::NOT_IMPLEMENTED);
    assert_eq!(body, json!({ "error": "NotImplemented", "message": message, "detail": message }));
}

#[tokio::test]
async fn the_gateway_answers_as_openai_does() {
    let problem = Problem::of(ErrorKind::ModelNotFound, "model `x` does not exist");
    let (status, _, body) = seen(Shape::OpenAi, problem).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(
        body,
        json!({ "error": {
            "message": "model `x` does not exist",
            "type": "invalid_request_error",
            "param": null,
            "code": "model_not_found",
        } })
    );
    assert_eq!(seen(Shape::OpenAi, Problem::internal()).await.2["error"]["type"], "server_error");
}

#[tokio::test]
async fn allowed_methods_are_a_header_too() {
    for shape in [Shape::Lisa, Shape::OpenAi] {
        let problem = Problem::method_not_allowed(&Method::PATCH, "GET, PUT".to_owned());
        let (status, allow, _) = seen(shape, problem).await;
        assert_eq!(
            (status, allow.unwrap()),
            (StatusCode::METHOD_NOT_ALLOWED, HeaderValue::from_static("GET, PUT"))
        );
    }
}

#[test]
fn wrong_fields_are_listed() {
    let problem = Problem::invalid(&[FieldError::new("modelId", "is empty")]);
    assert_eq!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(matches!(&problem.body().detail, Some(Detail::Fields(fields)) if fields.len() == 1));
}
