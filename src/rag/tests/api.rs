//! Requests as API Gateway passes them on, by upstream's paths and shapes.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use lisa_api::routes::{self, Service};
use lisa_auth::{Caller, Via};
use lisa_service::AuthorizerContext;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::environment;
use super::world::{Stage, repository};
use crate::{Config, app};

pub(super) fn caller(name: &str, groups: &[&str], level: u8) -> Caller {
    Caller {
        subject: name.to_owned(),
        name: name.to_owned(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        via: Via::OpenId,
        is_admin: level > 1,
        is_rag_admin: level > 0,
        may_make_tokens: false,
    }
}

pub(super) async fn ask(
    stage: &Stage,
    caller: &Caller,
    method: Method,
    path: &str,
    body: Value,
) -> (StatusCode, Value) {
    let config = Config::read(&environment(&[])).unwrap();
    let router = app(&config.common, config.sizes, stage.world.clone()).into_router();
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let mut request = Request::builder().method(method).uri(path).body(body).unwrap();
    request.extensions_mut().insert(AuthorizerContext::of(caller));
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

async fn get(stage: &Stage, caller: &Caller, path: &str) -> (StatusCode, Value) {
    ask(stage, caller, Method::GET, path, Value::Null).await
}

fn stage(folder: &TempDir) -> Stage {
    Stage::open(folder.path(), vec![repository("main", &[]), repository("secret", &["secret"])])
}

#[tokio::test]
async fn every_route_of_the_table_is_served() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    let root = caller("root", &[], 2);
    for route in routes::all().filter(|route| route.service == Service::Rag) {
        let path = route.path.replace("{repositoryId}", "none").replace(['{', '}'], "");
        let method = Method::from_bytes(route.method.name().as_bytes()).unwrap();
        let (status, body) = ask(&stage, &root, method, &path, json!({})).await;
        let is_served = status != StatusCode::NOT_IMPLEMENTED && status != StatusCode::METHOD_NOT_ALLOWED;
        assert!(is_served, "{route:?}: {status} {body}");
    }
}

#[tokio::test]
async fn a_request_without_a_caller_is_refused() {
    let folder = TempDir::new().unwrap();
    let config = Config::read(&environment(&[])).unwrap();
    let router = app(&config.common, config.sizes, stage(&folder).world).into_router();
    let request = Request::builder().uri("/repository").body(Body::empty()).unwrap();
    assert_eq!(router.oneshot(request).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn upload_ingest_search_download_and_delete() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    let ada = caller("ada", &[], 0);
    let (_, repositories) = get(&stage, &ada, "/repository").await;
    assert_eq!(repositories.as_array().unwrap().len(), 1);
    assert_eq!(
        (&repositories[0]["repositoryId"], &repositories[0]["type"]),
        (&json!("main"), &json!("embedded"))
    );

    let (_, form) = ask(&stage, &ada, Method::POST, "/repository/presigned-url", json!("guide.md")).await;
    let key = form["response"]["fields"]["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("uploads/") && key.ends_with("/guide.md"), "{key}");
    assert_eq!(form["response"]["fields"]["x-amz-meta-user"], "ada");
    stage.upload(
        &key,
        "# Fruit\n\nApples are kept cool.\n\n# Stone\n\nGranite is hard and heavy, as builders know.",
    );

    let path = "/repository/main/bulk?repositoryType=embedded&chunkSize=100&chunkOverlap=10";
    let asked = json!({ "embeddingModel": { "modelName": "letters" }, "keys": ["guide.md"] });
    let (status, begun) = ask(&stage, &ada, Method::POST, path, asked).await;
    assert_eq!(status, StatusCode::OK, "{begun}");
    assert_eq!((&begun["count"], &begun["collectionId"]), (&json!(1), &json!("letters")));
    assert_eq!(begun["jobs"][0]["status"], "INGESTION_PENDING");
    assert_eq!(begun["jobs"][0]["s3Path"], format!("s3://documents/{key}"));
    stage.settle().await;

    let job = begun["jobs"][0]["jobId"].as_str().unwrap();
    let (_, job) = get(&stage, &ada, &format!("/repository/main/jobs/{job}")).await;
    assert_eq!(
        (&job["status"], &job["chunk_strategy"]["type"]),
        (&json!("INGESTION_COMPLETED"), &json!("fixed"))
    );
    let (_, jobs) = get(&stage, &ada, "/repository/main/jobs").await;
    assert_eq!((jobs["jobs"].as_array().unwrap().len(), &jobs["hasNextPage"]), (1, &json!(false)));

    let path =
        "/repository/main/similaritySearch?query=granite&modelName=letters&repositoryType=embedded&topK=1";
    let (_, found) = get(&stage, &ada, path).await;
    let passage = &found["docs"][0]["Document"];
    assert!(passage["page_content"].as_str().unwrap().contains("Granite"), "{found}");
    assert_eq!(passage["metadata"]["source"], "guide.md");

    let document = begun["jobs"][0]["documentId"].as_str().unwrap();
    let again = json!({ "jobIds": [begun["jobs"][0]["jobId"]] });
    let (status, _) = ask(&stage, &ada, Method::POST, "/repository/main/bulk", again).await;
    assert_eq!(status, StatusCode::CONFLICT, "it is done");
    let (_, list) = get(&stage, &ada, "/repository/main/document?collectionId=letters").await;
    assert_eq!(
        (&list["totalDocuments"], &list["documents"][0]["document_id"]),
        (&json!(1), &json!(document))
    );
    let (_, shown) = get(&stage, &ada, &format!("/repository/main/{document}")).await;
    assert_eq!((&shown["document_name"], &shown["status"]), (&json!("guide.md"), &json!("INGESTED")));
    let (_, link) = get(&stage, &ada, &format!("/repository/main/{document}/download")).await;
    assert_eq!(link, format!("http://bucket/{key}"));

    let asked = json!({ "documentIds": [document] });
    let (status, gone) = ask(&stage, &ada, Method::DELETE, "/repository/main/document", asked).await;
    assert_eq!((status, &gone["jobs"][0]["status"]), (StatusCode::OK, &json!("DELETE_PENDING")), "{gone}");
    stage.settle().await;
    assert_eq!(get(&stage, &ada, &format!("/repository/main/{document}")).await.0, StatusCode::NOT_FOUND);
    let path = "/repository/main/similaritySearch?query=granite&modelName=letters";
    assert_eq!(get(&stage, &ada, path).await.1["docs"], json!([]));
    assert!(stage.bucket.objects.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_ingests_what_another_has_uploaded() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    let (ada, eve) = (caller("ada", &[], 0), caller("eve", &[], 0));
    let (_, form) = ask(&stage, &ada, Method::POST, "/repository/presigned-url", json!("plan.md")).await;
    let key = form["response"]["fields"]["key"].as_str().unwrap().to_owned();
    stage.upload(&key, "The plan is secret.");
    for named in [key.as_str(), "plan.md", "../plan.md", "a/../../plan.md"] {
        let asked = json!({ "embeddingModel": { "modelName": "letters" }, "keys": [named] });
        ask(&stage, &eve, Method::POST, "/repository/main/bulk", asked).await;
    }
    stage.settle().await;
    assert_eq!(stage.count(&repository("main", &[]), "letters").await.chunks, 0);
}

#[tokio::test]
async fn collections_are_made_changed_and_removed_by_who_may() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    let (ada, keeper) = (caller("ada", &[], 0), caller("keeper", &[], 1));
    let given = json!({ "name": "Handbooks", "collectionId": "hand", "allowedGroups": ["staff"],
        "chunkingStrategy": { "type": "fixed", "size": 300, "overlap": 30 }, "metadata": { "tags": ["a"] } });
    let path = "/repository/main/collection";
    assert_eq!(ask(&stage, &ada, Method::POST, path, given.clone()).await.0, StatusCode::FORBIDDEN);
    let (status, made) = ask(&stage, &keeper, Method::POST, path, given.clone()).await;
    assert_eq!((status, &made["embeddingModel"]), (StatusCode::OK, &json!("letters")), "{made}");
    assert_eq!(ask(&stage, &keeper, Method::POST, path, given).await.0, StatusCode::CONFLICT);
    // It is for staff: whoever is not cannot see it, and an administrator of repositories is no member either.
    let path = "/repository/main/collection/hand";
    assert_eq!(get(&stage, &ada, path).await.0, StatusCode::NOT_FOUND);
    let staff = caller("sam", &["staff"], 0);
    assert_eq!(get(&stage, &staff, path).await.1["name"], "Handbooks");
    let (_, all) = get(&stage, &staff, "/repository/collections").await;
    assert_eq!(all["collections"].as_array().unwrap().len(), 2);
    let root = caller("root", &[], 2);
    let wrong = json!({ "chunkingStrategy": { "type": "fixed", "size": 20 } });
    assert_eq!(ask(&stage, &root, Method::PUT, path, wrong).await.0, StatusCode::BAD_REQUEST);
    let (_, changed) = ask(&stage, &root, Method::PUT, path, json!({ "description": "All of them" })).await;
    assert_eq!((&changed["description"], &changed["name"]), (&json!("All of them"), &json!("Handbooks")));
    assert_eq!(ask(&stage, &root, Method::DELETE, path, Value::Null).await.0, StatusCode::OK);
    stage.settle().await;
    assert_eq!(get(&stage, &staff, path).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn repositories_of_the_api_come_and_go_and_those_of_the_configuration_stay() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    let root = caller("root", &[], 2);
    let given = json!({ "repositoryId": "more", "type": "embedded", "embeddingModelId": "letters", "allowedGroups": ["x"] });
    assert_eq!(
        ask(&stage, &caller("ada", &[], 1), Method::POST, "/repository", given.clone()).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(ask(&stage, &root, Method::POST, "/repository", given.clone()).await.0, StatusCode::OK);
    assert_eq!(ask(&stage, &root, Method::POST, "/repository", given).await.0, StatusCode::CONFLICT);
    let new = json!({ "repositoryId": "pg", "type": "pgvector", "rdsConfig": { "username": "postgres" } });
    let (status, body) = ask(&stage, &root, Method::POST, "/repository", new).await;
    assert_eq!(status, StatusCode::NOT_IMPLEMENTED);
    assert!(body["message"].as_str().unwrap().contains("ragRepositories"), "{body}");
    let (_, status) = get(&stage, &root, "/repository/status").await;
    assert_eq!(status["more"], "CREATE_COMPLETE");
    let member = caller("max", &["x"], 0);
    assert_eq!(get(&stage, &member, "/repository/more").await.0, StatusCode::OK);
    assert_eq!(get(&stage, &caller("ada", &[], 0), "/repository/more").await.0, StatusCode::NOT_FOUND);
    let (status, _) =
        ask(&stage, &root, Method::PUT, "/repository/main", json!({ "description": "x" })).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(
        ask(&stage, &root, Method::DELETE, "/repository/main", Value::Null).await.0,
        StatusCode::CONFLICT
    );
    assert_eq!(ask(&stage, &root, Method::DELETE, "/repository/more", Value::Null).await.0, StatusCode::OK);
    stage.settle().await;
    assert_eq!(get(&stage, &root, "/repository/more").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    let ada = caller("ada", &[], 0);
    for (path, body, said) in [
        ("/repository/main/bulk", json!({ "keys": [] }), "`keys`"),
        ("/repository/main/bulk?chunkSize=50", json!({ "keys": ["a.txt"] }), "`chunkSize` is 50"),
        (
            "/repository/main/bulk?chunkSize=200&chunkOverlap=200",
            json!({ "keys": ["a.txt"] }),
            "`chunkOverlap` is 200",
        ),
        (
            "/repository/main/bulk",
            json!({ "keys": ["a.txt"], "chunkingStrategy": { "type": "x" } }),
            "fixed, none and structure",
        ),
        (
            "/repository/main/bulk",
            json!({ "keys": ["a.txt"], "collectionId": "none" }),
            "collection `none` does not exist",
        ),
        ("/repository/secret/bulk", json!({ "keys": ["a.txt"] }), "repository `secret` does not exist"),
        ("/repository/presigned-url", json!("../x"), "a key has to be a path"),
    ] {
        let (status, answer) = ask(&stage, &ada, Method::POST, path, body).await;
        assert!(status.is_client_error(), "{path}: {status}");
        assert!(answer["message"].as_str().unwrap_or_default().contains(said), "{path}: {answer}");
    }
}
