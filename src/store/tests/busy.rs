//! A service that is busy is asked again, one that refuses is not, and no answer is told from a refusal.

use std::time::Duration;

use lisa_signed::Signed;
use lisa_testkit::emulator::session_at;
use lisa_testkit::{Recorded, Replay};
use serde_json::json;

use super::stage::{FULL, item};
use crate::{Change, DynamoTable, Error, Key, Table, Write};

fn table(url: &str) -> DynamoTable {
    let signed = Signed::new(&session_at(url, "123456789012", "us-east-1").unwrap());
    DynamoTable::new(signed.with_limit(Duration::from_millis(300)), "full", &FULL)
}

fn refusal(status: u16, code: &str) -> Recorded {
    let body = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "why" });
    Recorded::new(status, body.to_string())
}

#[tokio::test]
async fn what_is_refused_for_the_moment_is_asked_again() {
    let server = Replay::start(vec![
        refusal(400, "ProvisionedThroughputExceededException"),
        refusal(500, "InternalServerError"),
        refusal(503, ""),
        Recorded::new(200, "{}"),
    ]);
    let server = server.unwrap();
    table(server.url()).put(item(json!({ "pk": "p", "sk": "s" })), None).await.unwrap();
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn who_stays_busy_is_told_of() {
    let server = Replay::start(vec![refusal(400, "ThrottlingException"); 6]).unwrap();
    let error = table(server.url()).get(&Key::pair("p", "s")).await.unwrap_err();
    assert!(matches!(error, Error::Busy { .. }) && error.is_passing(), "{error}");
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn what_is_refused_for_good_is_asked_once() {
    let server =
        Replay::start(vec![refusal(400, "AccessDeniedException"), Recorded::new(200, "{}")]).unwrap();
    let error = table(server.url()).get(&Key::pair("p", "s")).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }) && !error.is_passing(), "{error}");
    assert!(error.to_string().contains("AccessDeniedException"), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn the_rest_of_a_batch_is_asked_for() {
    let rest = json!({ "full": [{ "PutRequest": { "Item": { "pk": { "S": "p" }, "sk": { "S": "s" } } } }] });
    let first = Recorded::new(200, json!({ "UnprocessedItems": rest }).to_string());
    let server = Replay::start(vec![first, Recorded::new(200, r#"{"UnprocessedItems":{}}"#)]).unwrap();
    table(server.url()).write_many(vec![item(json!({ "pk": "p", "sk": "s" }))], Vec::new()).await.unwrap();
    let asked = server.asked();
    assert!(asked.len() == 2 && asked[1].contains("PutRequest"), "{asked:?}");
}

#[tokio::test]
async fn an_addition_without_an_answer_is_not_repeated() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let changes = vec![Change::Add("n".to_owned(), 1)];
    let error = table(&url).update(&Key::pair("p", "s"), changes, None).await.unwrap_err();
    assert!(matches!(error, Error::Unanswered { .. }), "{error}");
    listener.set_nonblocking(true).unwrap();
    assert_eq!(std::iter::from_fn(|| listener.accept().ok()).count(), 1);
}

#[tokio::test]
async fn a_transaction_keeps_its_name() {
    let server = Replay::start(vec![refusal(500, "InternalServerError"), Recorded::new(200, "{}")]).unwrap();
    let name = lisa_signed::token();
    let write = Write::Put { item: item(json!({ "pk": "p", "sk": "s" })), condition: None };
    table(server.url()).transact_once(vec![write], &name).await.unwrap();
    let (asked, named) = (server.asked(), format!("\"ClientRequestToken\":\"{name}\""));
    assert!(asked.len() == 2 && asked.iter().all(|asked| asked.contains(&named)), "{asked:?}");
}
