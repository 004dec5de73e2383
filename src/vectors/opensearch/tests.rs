//! The suite of all stores on a stand-in (osmem), which refuses kNN, behind a proxy that answers kNN exactly; and requests as they
//! go over the wire.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::IntoResponse as _;
use lisa_signed::Wire;
use lisa_testkit::{OpenSearch as Server, Recorded, Replay};
use serde_json::{Value, json};

use super::{Access, OpenSearch};
use crate::conformance::{self, direction, entry, name};
use crate::{Query, VectorStore as _, Why};

/// Passes everything on but kNN, which it answers by comparing all vectors that the filter admits, scored as Lucene does.
async fn proxy(server: &Server) -> String {
    let (to, client) = (Arc::new(server.url()), reqwest::Client::new());
    let router = Router::new().fallback(pass).with_state((to, client));
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn pass(
    State((to, client)): State<(Arc<String>, reqwest::Client)>,
    request: Request,
) -> axum::response::Response {
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let knn = &asked["query"]["knn"]["embedding"];
    let sent = if knn.is_null() {
        body
    } else {
        let all = json!({ "size": 10_000, "query": knn["filter"] });
        all.to_string().into()
    };
    let url = format!("{to}{}", head.uri);
    let kind = head.headers.get("content-type").map_or("application/json", |kind| kind.to_str().unwrap());
    let answer =
        client.request(head.method, url).header("content-type", kind).body(sent).send().await.unwrap();
    let (status, mut text) = (answer.status(), answer.text().await.unwrap());
    if !knn.is_null() && status.is_success() {
        text = nearest(knn, serde_json::from_str(&text).unwrap()).to_string();
    }
    (axum::http::StatusCode::from_u16(status.as_u16()).unwrap(), text).into_response()
}

fn nearest(knn: &Value, mut answer: Value) -> Value {
    let numbers = |value: &Value| serde_json::from_value::<Vec<f64>>(value.clone()).unwrap();
    let question = numbers(&knn["vector"]);
    let length = |vector: &[f64]| vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    let mut hits = answer["hits"]["hits"].as_array().unwrap().clone();
    let score = |hit: &Value| {
        let vector = numbers(&hit["_source"]["embedding"]);
        let product: f64 = vector.iter().zip(&question).map(|(a, b)| a * b).sum();
        f64::midpoint(1.0, product / length(&vector) / length(&question))
    };
    for hit in &mut hits {
        hit["_score"] = json!(score(hit));
    }
    hits.sort_by(|a, b| b["_score"].as_f64().unwrap().total_cmp(&a["_score"].as_f64().unwrap()));
    hits.truncate(usize::try_from(knn["k"].as_u64().unwrap()).unwrap());
    answer["hits"]["hits"] = hits.into();
    answer
}

#[tokio::test]
async fn it_does_what_every_store_does() {
    let server = Server::start().unwrap();
    let store = OpenSearch::new(&proxy(&server).await, Access::Open(Wire::new(None).unwrap()));
    conformance::suite(&store).await;
    drop(server);
    // The proxy answers for a server that is gone with nothing.
    let gone = OpenSearch::new("http://127.0.0.1:9", Access::Open(Wire::new(None).unwrap()));
    let error = gone.count(&name("x")).await.unwrap_err();
    assert_eq!(error.why, Why::Unreachable, "{error}");
    assert!(error.to_string().starts_with("OpenSearch at 127.0.0.1:9 cannot be reached"), "{error}");
}

#[tokio::test]
async fn a_write_that_breaks_off_is_seen_by_nobody() {
    let server = Server::start().unwrap();
    let store = OpenSearch::new(&proxy(&server).await, Access::Open(Wire::new(None).unwrap()));
    store.ensure(&name("a"), 3).await.unwrap();
    store.replace(&name("a"), "d", vec![entry("d", "1", "old pump", 0.0)]).await.unwrap();
    let index = name("a").physical();
    store.write(&index, "half", &[entry("d", "1", "new pump", 0.0)]).await.unwrap();
    let query =
        Query { text: Some("pump".into()), vector: Some(direction(0.0)), limit: 9, ..Query::default() };
    let hits = store.search(&name("a"), &query).await.unwrap();
    assert_eq!(hits.iter().map(|hit| hit.chunk.text.as_str()).collect::<Vec<_>>(), ["old pump"]);
    assert_eq!(store.count(&name("a")).await.unwrap().chunks, 1);
    store.replace(&name("a"), "d", vec![entry("d", "1", "newest pump", 0.0)]).await.unwrap();
    let hits = store.search(&name("a"), &query).await.unwrap();
    assert_eq!(hits.len(), 1, "what was left is gone");
}

/// The shapes of OpenSearch's documentation: k-NN index, k-NN query with an efficient filter, search API.
#[tokio::test]
async fn requests_have_the_published_shapes() {
    let mapping =
        |index: &str| json!({ index: { "mappings": { "properties": { "embedding": { "dimension": 2 } } } } });
    let index = name("a").physical();
    let answers = vec![
        Recorded::new(200, mapping(&index).to_string()),
        Recorded::new(200, json!({ "hits": { "hits": [] } }).to_string()),
    ];
    let server = Replay::start(answers).unwrap();
    let wire = Wire::new(None).unwrap();
    let access = Access::Password { wire, user: "lisa".into(), password: "pass".into() };
    let store = OpenSearch::new(server.url(), access);
    let query = Query { vector: Some(vec![3.0, 4.0]), limit: 7, ..Query::default() };
    assert!(store.search(&name("a"), &query).await.unwrap().is_empty());
    let asked = server.asked();
    assert!(asked[0].starts_with(&format!("GET /{index}/_mapping ")), "{asked:?}");
    assert!(asked[1].starts_with(&format!("POST /{index}/_search ")), "{asked:?}");
    assert!(asked[1].contains("authorization: Basic bGlzYTpwYXNz\r\n"), "{asked:?}");
    let body: Value = serde_json::from_str(asked[1].split_once("\r\n\r\n").unwrap().1).unwrap();
    let knn = &body["query"]["knn"]["embedding"];
    assert_eq!((&body["size"], &knn["k"]), (&json!(7), &json!(7)));
    assert!((knn["vector"][0].as_f64().unwrap() - 0.6).abs() < 1e-6, "of length one");
    assert_eq!(knn["filter"]["bool"]["filter"][0], json!({ "term": { "kind": "chunk" } }));
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let missing = json!({ "error": { "type": "index_not_found_exception", "reason": "no such index [x]" } });
    for (status, body, why) in [
        (404, missing.to_string(), Why::NoCollection),
        (403, json!({ "message": "not authorized" }).to_string(), Why::Denied),
        (429, "Too many".to_owned(), Why::Busy),
        (200, "<html>".to_owned(), Why::Broken),
    ] {
        let server = Replay::start(vec![Recorded::new(status, body)]).unwrap();
        let store = OpenSearch::new(server.url(), Access::Open(Wire::new(None).unwrap()));
        let error = store.count(&name("x")).await.unwrap_err();
        assert_eq!(error.why, why, "{error}");
    }
}
