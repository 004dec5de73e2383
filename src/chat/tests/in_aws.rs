//! The same over the emulator's DynamoDB, KMS and S3: encrypted sessions, long messages, images, search by reading.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use http::StatusCode;
use lisa_api::tables;
use lisa_service::Environment;
use lisa_signed::{Signed, service};
use lisa_store::sessions::Seal;
use lisa_testkit::Emulator;
use lisa_testkit::emulator::create_table;
use serde_json::{Value, json};

use super::stage::{ENVIRONMENT, Stage, person, said};
use crate::keys::{DataKeys, Kms};
use crate::{Config, Error, State};

/// KMS, and how often it was called.
#[derive(Debug)]
struct Counted {
    keys: Kms,
    calls: Arc<AtomicUsize>,
}

#[async_trait]
impl DataKeys for Counted {
    async fn make(&self, user: &str, session: &str) -> Result<Seal, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.keys.make(user, session).await
    }

    async fn unwrap(&self, user: &str, session: &str, wrapped: &str) -> Result<Seal, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.keys.unwrap(user, session, wrapped).await
    }
}

async fn stage(signed: &Signed) -> (Stage, Arc<AtomicUsize>) {
    for table in [&tables::SESSIONS, &tables::CHAT, &tables::TOKENS] {
        create_table(signed, table.name, table).await.unwrap();
    }
    signed
        .object(http::Method::PUT, "/images-bucket", http::HeaderMap::new(), bytes::Bytes::new())
        .await
        .unwrap();
    let key = signed.json(&service::KMS, "CreateKey", &json!({})).await.unwrap();
    let key = key["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
    let more = [("TOKEN_TABLE_NAME", "tokens"), ("GENERATED_IMAGES_S3_BUCKET_NAME", "images-bucket")];
    let environment: Environment = ENVIRONMENT.into_iter().chain(more).collect();
    let config = Config::read(&environment).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let keys = Counted { keys: Kms::new(signed.clone(), key), calls: Arc::clone(&calls) };
    let state = State { keys: Some(Arc::new(keys)), ..State::in_aws(&config, signed) };
    (Stage::over(state), calls)
}

#[test]
fn sessions_live_in_dynamodb() {
    let emulator = Emulator::start().unwrap();
    let signed = Signed::new(&emulator.session("123456789012", "us-east-1").unwrap());
    emulator.block_on(async {
        let (stage, calls) = stage(&signed).await;
        plain_sessions(&stage).await;
        images(&stage, &signed).await;
        assert_eq!(calls.load(Ordering::Relaxed), 0, "nothing was encrypted so far");
        encrypted_sessions(&stage, &calls).await;
        tokens(&stage).await;
    });
}

async fn plain_sessions(stage: &Stage) {
    let ada = person("ada", &[]);
    let long = "ä".repeat(400_000);
    let conversation =
        json!({ "messages": [said("human", &long), said("ai", "short zebra")], "name": "long" });
    stage.ok(&ada, "PUT", "/session/long", conversation).await;
    let session = stage.ok(&ada, "GET", "/session/long", Value::Null).await;
    assert!(session["history"][0]["content"] == long.as_str(), "a message of 800 kB is whole");
    let found = stage.ok(&ada, "GET", "/session/search?query=zebra", Value::Null).await;
    assert_eq!(found["hits"][0]["sessionId"], "long");
    let many: Vec<Value> = (0..120).map(|number| said("human", &format!("{number}"))).collect();
    stage.ok(&ada, "PUT", "/session/many", json!({ "messages": many })).await;
    let session = stage.ok(&ada, "GET", "/session/many", Value::Null).await;
    assert_eq!(session["history"].as_array().unwrap().len(), 120);
    let list = stage.ok(&ada, "GET", "/session", Value::Null).await;
    assert_eq!((&list[0]["sessionId"], &list[1]["sessionId"]), (&json!("many"), &json!("long")));
    stage.ok(&ada, "DELETE", "/session", Value::Null).await;
    let left = stage.state.sessions.table().scan(None, None).await.unwrap();
    assert!(left.items.is_empty(), "{:?}", left.items);
}

async fn images(stage: &Stage, signed: &Signed) {
    let (ada, eve) = (person("ada", &[]), person("eve", &[]));
    let image =
        json!({ "message": { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAEC" } } });
    let part = stage.ok(&ada, "PUT", "/session/i/attachImage", image).await["body"].clone();
    let url = part["image_url"]["url"].as_str().unwrap();
    assert!(url.contains("X-Amz-Signature=") && url.contains("X-Amz-Expires=3600"), "{url}");
    let message = json!({ "type": "human", "content": [part] });
    for _ in 0..2 {
        stage.ok(&ada, "PUT", "/session/i", json!({ "messages": [message] })).await;
    }
    let tree = stage.ok(&ada, "GET", "/session/i/messages", Value::Null).await;
    assert_eq!(tree["messages"].as_array().unwrap().len(), 1, "a new URL makes no new message");
    let shown = tree["messages"][0]["message"]["content"][0]["image_url"].clone();
    let path = format!("/images-bucket/{}", shown["s3_key"].as_str().unwrap());
    let get = || signed.object(http::Method::GET, &path, http::HeaderMap::new(), bytes::Bytes::new());
    assert_eq!(&get().await.unwrap().body[..], [0, 1, 2]);
    stage.ok(&eve, "PUT", "/session/e", json!({ "messages": [message] })).await;
    let stolen = stage.ok(&eve, "GET", "/session/e", Value::Null).await;
    assert_eq!(
        stolen["history"][0]["content"][0]["image_url"]["url"], "",
        "nobody gets a URL for another's image"
    );
    stage.ok(&ada, "DELETE", "/session/i", Value::Null).await;
    assert!(get().await.is_err(), "an image goes with its session");
}

async fn encrypted_sessions(stage: &Stage, calls: &AtomicUsize) {
    let (ada, root) = (person("ada", &[]), person("root", &["admins"]));
    let on = json!({ "configuration": { "enabledComponents": { "encryptSession": true }, "sessionTimeToLiveDays": 30 } });
    stage.ok(&root, "PUT", "/configuration/global", on).await;
    let called = || calls.swap(0, Ordering::Relaxed);
    let turn =
        json!({ "messages": [said("human", "plover")], "configuration": { "k": "plover" }, "name": "N" });
    stage.ok(&ada, "PUT", "/session/x", turn).await;
    assert_eq!(called(), 1);
    stage.ok(&ada, "POST", "/session/x/messages", json!({ "messages": [said("ai", "plover two")] })).await;
    assert_eq!(called(), 1);
    let session = stage.ok(&ada, "GET", "/session/x", Value::Null).await;
    assert_eq!((&session["history"][1]["content"], called()), (&json!("plover two"), 1), "one call opens it");
    assert_eq!(session["configuration"], json!({ "k": "plover" }));
    let list = stage.ok(&ada, "GET", "/session", Value::Null).await;
    assert_eq!((&list[0]["isEncrypted"], &list[0]["name"], called()), (&json!(true), &json!("N"), 0));
    let items = stage.state.sessions.table().scan(None, None).await.unwrap().items;
    let of_ada: Vec<_> = items.iter().filter(|item| item["pk"] == "user#ada").collect();
    assert!(!of_ada.is_empty() && !format!("{of_ada:?}").contains("plover"), "{of_ada:?}");
    assert!(of_ada.iter().all(|item| item["expires"].as_i64().unwrap() > 1_700_000_000), "all of it ends");
    assert_eq!(stage.ok(&ada, "GET", "/session/search?query=plover", Value::Null).await["hits"], json!([]));
}

async fn tokens(stage: &Stage) {
    let root = person("root", &["admins"]);
    let made = stage.ok(&root, "POST", "/api-tokens/ada", json!({ "groups": ["g"] })).await;
    let path = format!("/api-tokens/{}", made["tokenUUID"].as_str().unwrap());
    stage.ok(&root, "DELETE", &path, Value::Null).await;
    assert_eq!(stage.ask(&root, "GET", &path, Value::Null).await.0, StatusCode::NOT_FOUND);
}
