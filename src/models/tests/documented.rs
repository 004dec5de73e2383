//! The documented examples, as requests: what the seed's guide says works, works.

use http::StatusCode;
use serde_json::{Value, json};

use super::api::{ask, context};
use super::stage::{Stage, external, hosted};

#[tokio::test]
async fn the_documented_calls_work_as_written() {
    let stage = Stage::set();
    let admin = || Some(context(true, &[]));
    for (request, id) in [(hosted(), "mistral-vllm"), (external(), "titan-express-v1")] {
        let (status, answer) = ask(&stage, admin(), "POST", "/models", Some(&request)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(answer["model"]["modelId"], id);
        stage.settled(id).await;
    }
    let (status, listed) = ask(&stage, admin(), "GET", "/models", None).await;
    assert_eq!(status, StatusCode::OK);
    let documented: Value = serde_json::from_str(include_str!("../../api/models/tests/list.json")).unwrap();
    for (documented, listed) in
        documented["models"].as_array().unwrap().iter().zip(listed["models"].as_array().unwrap())
    {
        for (field, value) in documented.as_object().unwrap() {
            // Status and URL are those of the moment.
            if ["status", "modelUrl"].contains(&field.as_str()) {
                continue;
            }
            contains(&listed[field], value, field);
        }
    }
    let (status, answer) = ask(&stage, admin(), "DELETE", "/models/titan-express-v1", None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["status"], "success");
    assert_eq!(answer["message"], "Model titan-express-v1 has been deleted successfully.");
}

/// Every documented field is there with its value; there may be more.
fn contains(found: &Value, documented: &Value, path: &str) {
    match documented {
        Value::Object(fields) => {
            for (name, value) in fields {
                contains(&found[name], value, &format!("{path}.{name}"));
            }
        }
        other => assert_eq!(found, other, "{path}"),
    }
}

#[tokio::test]
async fn starting_and_stopping_as_3_0_wrote_it_needs_no_body() {
    let stage = Stage::set();
    stage.in_service().await;
    for (action, expected) in [("stop", "Stopped"), ("start", "InService")] {
        let path = format!("/models/mistral-vllm/{action}");
        let (status, _) = ask(&stage, Some(context(true, &[])), "PUT", &path, None).await;
        assert_eq!(status, StatusCode::OK);
        stage.settled("mistral-vllm").await;
        assert_eq!(stage.row("mistral-vllm").await.unwrap().status.as_str(), expected);
    }
    let (status, _) = ask(
        &stage,
        Some(context(true, &[])),
        "PUT",
        "/models/mistral-vllm",
        Some(&json!({ "enabled": false })),
    )
    .await;
    assert_eq!(status, StatusCode::OK);
}
