//! The embedder before a server on loopback that is busy, breaks off, and takes few texts at once.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Json, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::StatusCode;
use serde_json::Value;

use super::*;

/// What the server has seen, and how it behaves.
#[derive(Default)]
struct Server {
    /// Requests that are answered with 429 first.
    busy: AtomicUsize,
    /// Requests whose answer breaks off.
    cut: AtomicUsize,
    /// Texts of a request at most; any number with 0.
    most: usize,
    requests: AtomicUsize,
    texts: Mutex<Vec<String>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    pause: Duration,
}

fn takes(counter: &AtomicUsize) -> bool {
    counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

async fn embeddings(State(server): State<Arc<Server>>, Json(body): Json<Value>) -> Response {
    server.requests.fetch_add(1, Ordering::SeqCst);
    let texts: Vec<String> = serde_json::from_value(body["input"].clone()).unwrap();
    if takes(&server.busy) {
        return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0.01")], "busy").into_response();
    }
    if takes(&server.cut) {
        let pieces = [Ok("{\"data\": ["), Err(std::io::Error::other("cut"))];
        return Body::from_stream(stream::iter(pieces)).into_response();
    }
    if server.most > 0 && texts.len() > server.most {
        return (StatusCode::PAYLOAD_TOO_LARGE, "batch too large").into_response();
    }
    let now = server.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    server.most_at_once.fetch_max(now, Ordering::SeqCst);
    tokio::time::sleep(server.pause).await;
    server.at_once.fetch_sub(1, Ordering::SeqCst);
    // Servers need not keep the order.
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .rev()
        .map(|(index, text)| json!({ "index": index, "embedding": [text.len(), 1.0] }))
        .collect();
    server.texts.lock().unwrap().extend(texts);
    axum::Json(json!({ "object": "list", "data": data })).into_response()
}

async fn start(server: Server) -> (HttpEmbedder, Arc<Server>) {
    let server = Arc::new(server);
    let router =
        Router::new().route("/v2/serve/embeddings", post(embeddings)).with_state(Arc::clone(&server));
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let url = format!("http://{}/v2/serve", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (HttpEmbedder::new(&url, Arc::new(Fixed(None))).unwrap(), server)
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|length| "x".repeat(length + 1)).collect()
}

fn lengths(vectors: &[Vec<f32>]) -> Vec<f32> {
    vectors.iter().map(|vector| vector[0]).collect()
}

#[tokio::test]
async fn vectors_come_in_the_order_of_the_texts_with_their_prefix() {
    let (embedder, server) = start(Server::default()).await;
    let vectors = embedder.embed("letters", Purpose::Passage, &texts(200)).await.unwrap();
    assert_eq!(
        lengths(&vectors),
        (1..=200).map(|length| f32::from(u8::try_from(length).unwrap())).collect::<Vec<_>>()
    );
    assert_eq!(server.requests.load(Ordering::SeqCst), 4);
    embedder.embed("my-e5-small", Purpose::Query, &texts(1)).await.unwrap();
    assert_eq!(server.texts.lock().unwrap().last().unwrap(), "query: x");
    embedder.embed("my-e5-small", Purpose::Passage, &texts(1)).await.unwrap();
    assert_eq!(server.texts.lock().unwrap().last().unwrap(), "passage: x");
}

#[tokio::test]
async fn a_busy_server_and_an_answer_that_breaks_off_are_asked_again() {
    let (embedder, server) = start(Server { busy: 2.into(), cut: 1.into(), ..Server::default() }).await;
    let vectors = embedder.embed("letters", Purpose::Passage, &texts(3)).await.unwrap();
    assert_eq!(lengths(&vectors), [1.0, 2.0, 3.0]);
    assert_eq!(server.requests.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_server_that_stays_busy_is_told_as_such() {
    let (embedder, _) = start(Server { busy: 100.into(), ..Server::default() }).await;
    let error = embedder.embed("letters", Purpose::Passage, &texts(1)).await.unwrap_err();
    assert!(matches!(error, EmbedError::Busy { .. }) && error.is_passing(), "{error}");
}

#[tokio::test]
async fn batches_shrink_to_what_the_server_takes_and_stay_so() {
    let (embedder, server) = start(Server { most: 10, ..Server::default() }).await;
    assert_eq!(embedder.embed("letters", Purpose::Passage, &texts(64)).await.unwrap().len(), 64);
    let before = server.requests.load(Ordering::SeqCst);
    assert_eq!(embedder.embed("letters", Purpose::Passage, &texts(64)).await.unwrap().len(), 64);
    assert_eq!(server.requests.load(Ordering::SeqCst) - before, 8, "64 texts, 8 at once");
}

#[tokio::test]
async fn the_server_always_has_the_next_batch_at_hand() {
    let (embedder, server) = start(Server { pause: Duration::from_millis(50), ..Server::default() }).await;
    embedder.embed("letters", Purpose::Passage, &texts(64 * 8)).await.unwrap();
    assert_eq!(server.most_at_once.load(Ordering::SeqCst), AT_ONCE);
}

#[tokio::test]
async fn what_is_refused_or_is_no_answer_is_not_asked_again() {
    let (embedder, server) = start(Server { most: 1, ..Server::default() }).await;
    let wrong =
        HttpEmbedder::new(&embedder.url.replace("/embeddings", "/nothing"), Arc::new(Fixed(None))).unwrap();
    let error = wrong.embed("letters", Purpose::Passage, &texts(1)).await.unwrap_err();
    assert!(matches!(error, EmbedError::Refused { status: 404, .. }), "{error}");
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
    let few = json!({ "data": [{ "index": 0, "embedding": [1.0] }] }).to_string();
    assert!(vectors("letters", few.as_bytes(), 2).is_err());
    let other = json!({ "data": [{ "index": 7, "embedding": [1.0] }] }).to_string();
    assert!(vectors("letters", other.as_bytes(), 1).is_err());
}
