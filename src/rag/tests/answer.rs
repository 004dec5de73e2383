//! Answers with a chat server on loopback: what it is told, what the caller sees of what it says, and how it fails.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::{Method, StatusCode};
use lisa_auth::Caller;
use lisa_service::AuthorizerContext;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::api::{ask, caller};
use super::environment;
use super::world::{Stage, repository};
use crate::served::HttpModels;
use crate::{Config, app};

/// What the model says to any question, and what it was asked: credentials and body of each request.
struct Model {
    pieces: Vec<&'static str>,
    is_cut: bool,
    asked: Mutex<Vec<(String, Value)>>,
}

async fn completions(State(model): State<Arc<Model>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let credential = head.headers.get("authorization").map_or("", |value| value.to_str().unwrap()).to_owned();
    let body: Value = serde_json::from_slice(&axum::body::to_bytes(body, usize::MAX).await.unwrap()).unwrap();
    if body["model"] != "llama" {
        let told = json!({ "error": { "message": "there is no model `none`" } });
        return (StatusCode::NOT_FOUND, told.to_string()).into_response();
    }
    model.asked.lock().unwrap().push((credential, body));
    let piece =
        |text: &&str| format!("data: {}\n\n", json!({ "choices": [{ "delta": { "content": text } }] }));
    let said: String = model.pieces.iter().map(piece).collect();
    let end = if model.is_cut { "" } else { "data: [DONE]\n\n" };
    format!("{said}{end}").into_response()
}

/// Scores a passage by how often it says `apples`; the model `broken` leaves one without a score.
async fn rerank(request: Request) -> Response {
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let texts = body["documents"].as_array().unwrap();
    let scores = texts.iter().enumerate().rev().map(|(index, text)| {
        let said = text.as_str().unwrap().matches("Apples").count();
        json!({ "index": index, "relevance_score": said })
    });
    let shown = if body["model"] == "broken" { texts.len() - 1 } else { texts.len() };
    json!({ "results": scores.take(shown).collect::<Vec<_>>() }).to_string().into_response()
}

/// A repository with a document of two chunks, answered by a model that says this.
async fn stage(folder: &TempDir, pieces: &[&'static str], is_cut: bool) -> (Stage, Arc<Model>) {
    let mut stage =
        Stage::open(folder.path(), vec![repository("main", &[]), repository("secret", &["secret"])]);
    let model = Arc::new(Model { pieces: pieces.to_vec(), is_cut, asked: Mutex::default() });
    let router = Router::new()
        .route("/v2/serve/chat/completions", post(completions))
        .route("/v2/serve/rerank", post(rerank))
        .with_state(model.clone());
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let base = format!("http://{}/v2/serve", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    stage.world.models = Arc::new(HttpModels::new(&base).unwrap());

    let ada = caller("ada", &[], 0);
    let (_, form) = ask(&stage, &ada, Method::POST, "/repository/presigned-url", json!("guide.md")).await;
    let key = form["response"]["fields"]["key"].as_str().unwrap();
    stage.upload(
        key,
        "# Fruit\n\nApples are kept cool.\n\n# Stone\n\nGranite is hard and heavy, as builders know.",
    );
    let path = "/repository/main/bulk?chunkSize=100&chunkOverlap=10";
    let (status, _) = ask(&stage, &ada, Method::POST, path, json!({ "keys": ["guide.md"] })).await;
    assert_eq!(status, StatusCode::OK);
    stage.settle().await;
    (stage, model)
}

/// The events of an answer, or the problem instead of them.
async fn answer(stage: &Stage, caller: &Caller, id: &str, asked: Value) -> (StatusCode, Vec<Value>) {
    let config = Config::read(&environment(&[])).unwrap();
    let router = app(&config.common, config.sizes, stage.world.clone()).into_router();
    let request = Request::builder().method(Method::POST).uri(format!("/repository/{id}/answer"));
    let request = request.header("authorization", "Bearer of-ada").header("content-type", "application/json");
    let mut request = request.body(Body::from(asked.to_string())).unwrap();
    request.extensions_mut().insert(AuthorizerContext::of(caller));
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    if status != StatusCode::OK {
        return (status, vec![serde_json::from_str(&text).unwrap()]);
    }
    let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
    (status, events.map(|event| serde_json::from_str(event).unwrap()).collect())
}

fn text(events: &[Value]) -> String {
    events.iter().filter_map(|event| event["text"].as_str()).collect()
}

#[tokio::test]
async fn an_answer_cites_what_was_found_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let (stage, model) = stage(&folder, &["It is hard [", "1], and soft [7]."], false).await;
    let ada = caller("ada", &[], 0);
    let asked = json!({ "question": "How is granite?", "modelId": "llama", "k": 1 });
    let (status, events) = answer(&stage, &ada, "main", asked).await;
    assert_eq!(status, StatusCode::OK, "{events:?}");
    let passages = events[0]["passages"].as_array().unwrap();
    assert_eq!((&events[0]["type"], passages.len()), (&json!("passages"), 1));
    assert_eq!((&passages[0]["number"], &passages[0]["source"]), (&json!(1), &json!("guide.md")));
    assert!(passages[0]["text"].as_str().unwrap().contains("Granite"), "{passages:?}");
    assert_eq!(text(&events), "It is hard [1], and soft.");
    assert_eq!(
        events.last().unwrap(),
        &json!({ "type": "end", "cited": [1], "removed": 1, "isGrounded": true })
    );
    let asked = model.asked.lock().unwrap();
    let [(credential, body)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(credential, "Bearer of-ada", "the model is asked as who asks");
    assert_eq!(body["stream"], true);
    assert!(body["messages"][0]["content"].as_str().unwrap().contains("[1] (guide.md"), "{body}");
    assert_eq!(body["messages"][1], json!({ "role": "user", "content": "How is granite?" }));
}

#[tokio::test]
async fn a_follow_up_is_looked_for_in_words_that_stand_alone() {
    let folder = TempDir::new().unwrap();
    let (stage, model) = stage(&folder, &["How heavy is granite?"], false).await;
    let history = json!([{ "role": "user", "content": "How is granite?" }, { "role": "assistant", "content": "Hard." }]);
    let asked = json!({ "question": "how heavy is it?", "modelId": "llama", "history": history });
    let (_, events) = answer(&stage, &caller("ada", &[], 0), "main", asked).await;
    assert_eq!(events[0]["question"], "How heavy is granite?");
    assert_eq!(events.last().unwrap()["isGrounded"], false, "it cites nothing");
    let asked = model.asked.lock().unwrap();
    assert_eq!(asked.len(), 2, "to rewrite the question, and to answer it");
    assert_eq!(asked[1].1["messages"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn nothing_found_is_said_without_a_model() {
    let folder = TempDir::new().unwrap();
    let (stage, model) = stage(&folder, &["Never said."], false).await;
    let filters = json!({ "eq": { "field": "source", "value": "another.md" } });
    let asked = json!({ "question": "How is granite?", "modelId": "llama", "filters": filters });
    let (status, events) = answer(&stage, &caller("ada", &[], 0), "main", asked).await;
    assert_eq!((status, events.len()), (StatusCode::OK, 3));
    assert_eq!(text(&events), lisa_retrieval::grounded::NOTHING_FOUND);
    assert!(model.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_reranker_puts_passages_in_order_and_one_that_fails_leaves_them() {
    let folder = TempDir::new().unwrap();
    let (stage, _) = stage(&folder, &["Cool [1]."], false).await;
    let ada = caller("ada", &[], 0);
    let asked = |reranker: &str| json!({ "question": "How is granite?", "modelId": "llama", "rerankModelId": reranker });
    let first = |events: &[Value]| events[0]["passages"][0]["text"].as_str().unwrap().to_owned();
    let (_, events) = answer(&stage, &ada, "main", asked("rank")).await;
    assert!(first(&events).contains("Apples"), "{events:?}");
    assert_eq!(events[0]["reranked"], true);
    let (_, events) = answer(&stage, &ada, "main", asked("broken")).await;
    assert!(first(&events).contains("Granite"), "the store's order: {events:?}");
    assert_eq!(events[0]["reranked"], "the model `broken` does not score each passage once");
    let path = "/repository/main/similaritySearch?query=granite&modelName=letters&rerankModelId=rank";
    let (status, found) = ask(&stage, &ada, Method::GET, path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{found}");
    assert!(found["docs"][0]["Document"]["page_content"].as_str().unwrap().contains("Apples"), "{found}");
    assert_eq!(found["reranked"], true);
}

#[tokio::test]
async fn below_the_floor_nothing_is_found_and_a_floor_is_a_cosine() {
    let folder = TempDir::new().unwrap();
    let (stage, model) = stage(&folder, &["Never said."], false).await;
    let ada = caller("ada", &[], 0);
    let asked =
        |floor: f64| json!({ "question": "How is granite?", "modelId": "llama", "scoreFloor": floor });
    let (_, events) = answer(&stage, &ada, "main", asked(1.0)).await;
    assert_eq!(text(&events), lisa_retrieval::grounded::NOTHING_FOUND);
    assert!(model.asked.lock().unwrap().is_empty());
    let (status, problem) = answer(&stage, &ada, "main", asked(30.0)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(problem[0]["message"].as_str().unwrap().contains("`scoreFloor` is a cosine"), "{problem:?}");
}

#[tokio::test]
async fn what_fails_is_told() {
    let folder = TempDir::new().unwrap();
    let (stage, _) = stage(&folder, &["It is"], true).await;
    let ada = caller("ada", &[], 0);
    let (_, events) =
        answer(&stage, &ada, "main", json!({ "question": "Granite?", "modelId": "llama" })).await;
    assert_eq!(text(&events), "It is");
    let last = events.last().unwrap();
    assert_eq!(last["type"], "error");
    assert!(last["message"].as_str().unwrap().contains("before its answer was whole"), "{last}");
    for (id, asked, status, said) in [
        ("main", json!({ "question": "Granite?", "modelId": "none" }), 502, "there is no model `none`"),
        ("secret", json!({ "question": "Granite?", "modelId": "llama" }), 404, "repository `secret`"),
        ("main", json!({ "question": " ", "modelId": "llama" }), 400, "`question` is empty"),
        (
            "main",
            json!({ "question": "a", "modelId": "llama", "collectionId": "a b" }),
            400,
            "`collectionId`",
        ),
    ] {
        let (got, problem) = answer(&stage, &ada, id, asked).await;
        assert_eq!(got.as_u16(), status, "{problem:?}");
        assert!(problem[0]["message"].as_str().unwrap().contains(said), "{problem:?}");
    }
}
