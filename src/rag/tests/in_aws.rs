//! The same over the emulator's DynamoDB, S3 and SQS, by the requests that are sent to AWS: an upload by its form, a job
//! by its message, a download by its link.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use lisa_api::tables;
use lisa_signed::{Signed, service};
use lisa_store::DynamoTable;
use lisa_store::documents::Documents;
use lisa_testkit::Emulator;
use lisa_testkit::emulator::create_table;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::api::{ask, caller};
use super::world::{Stage, repository};
use crate::aws::{Bucket, Sqs};
use crate::ingest;
use crate::ports::{Objects as _, SystemClock, World};

/// Sends a form as a browser does, the file last.
async fn send(form: &Value, content: &str) -> StatusCode {
    let field = |(name, value): (&String, &Value)| {
        let value = value.as_str().unwrap();
        format!("--mark\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let fields: Vec<String> = form["fields"].as_object().unwrap().iter().map(field).collect();
    let file = "Content-Disposition: form-data; name=\"file\"; filename=\"f\"";
    let body = format!("{}--mark\r\n{file}\r\n\r\n{content}\r\n--mark--\r\n", fields.concat());
    let client = reqwest::Client::new();
    let request = client
        .post(form["url"].as_str().unwrap())
        .header("content-type", "multipart/form-data; boundary=mark");
    let status = request.body(body).send().await.unwrap().status();
    StatusCode::from_u16(status.as_u16()).unwrap()
}

/// Hands the queue's messages to the worker as Lambda does, until none is left.
async fn deliver(signed: &Signed, queue: &str, world: &World) -> usize {
    let worker = crate::Worker::new(world.clone(), std::time::Duration::from_mins(10), 512, 51);
    let events = ingest::events(worker);
    let mut delivered = 0;
    loop {
        let asked = json!({ "QueueUrl": queue, "MaxNumberOfMessages": 1 });
        let answer = signed.json(&service::SQS, "ReceiveMessage", &asked).await.unwrap();
        let Some(message) = answer["Messages"].get(0) else { return delivered };
        let batch = json!({ "Records": [{ "messageId": message["MessageId"], "body": message["Body"] }] });
        assert_eq!(events.handle(batch).await.unwrap(), json!({ "batchItemFailures": [] }));
        let gone = json!({ "QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"] });
        signed.json(&service::SQS, "DeleteMessage", &gone).await.unwrap();
        delivered += 1;
    }
}

/// A world over the emulator, its bucket and its queue.
async fn stage(signed: &Signed, folder: &TempDir) -> (Stage, Bucket, String) {
    create_table(signed, tables::RAG.name, &tables::RAG).await.unwrap();
    signed.object(Method::PUT, "/documents", HeaderMap::new(), Bytes::new()).await.unwrap();
    let queue = signed.json(&service::SQS, "CreateQueue", &json!({ "QueueName": "ingest" })).await.unwrap();
    let queue = queue["QueueUrl"].as_str().unwrap().to_owned();
    let mut stage = Stage::open(folder.path(), vec![repository("main", &[])]);
    let bucket = Bucket { signed: signed.clone(), name: "documents".to_owned() };
    let table = DynamoTable::new(signed.clone(), tables::RAG.name, &tables::RAG);
    stage.world = World {
        documents: Documents::new(Arc::new(table)),
        objects: Arc::new(bucket.clone()),
        queue: Arc::new(Sqs { signed: signed.clone(), url: queue.clone() }),
        clock: Arc::new(SystemClock),
        ..stage.world
    };
    (stage, bucket, queue)
}

#[test]
fn documents_are_ingested_through_dynamodb_s3_and_sqs() {
    let emulator = Emulator::start().unwrap();
    let signed = Signed::new(&emulator.session("123456789012", "us-east-1").unwrap());
    let folder = TempDir::new().unwrap();
    emulator.block_on(async {
        let (stage, bucket, queue) = stage(&signed, &folder).await;
        let ada = caller("ada", &[], 0);
        let (_, form) = ask(&stage, &ada, Method::POST, "/repository/presigned-url", json!("ü b+c.md")).await;
        let form = &form["response"];
        assert!(send(form, "# Title\n\nGranite is hard.").await.is_success());
        let key = form["fields"]["key"].as_str().unwrap();
        assert_eq!(bucket.get(key).await.unwrap().unwrap(), "# Title\n\nGranite is hard.");

        let asked = json!({ "keys": ["ü b+c.md"], "embeddingModel": { "modelName": "letters" } });
        let (status, begun) = ask(&stage, &ada, Method::POST, "/repository/main/bulk", asked.clone()).await;
        assert_eq!(status, StatusCode::OK, "{begun}");
        assert_eq!(deliver(&signed, &queue, &stage.world).await, 1);
        let job =
            |begun: &Value| format!("/repository/main/jobs/{}", begun["jobs"][0]["jobId"].as_str().unwrap());
        let (_, done) = ask(&stage, &ada, Method::GET, &job(&begun), Value::Null).await;
        assert_eq!(
            (&done["status"], &done["embedded"]),
            (&json!("INGESTION_COMPLETED"), &json!(1)),
            "{done}"
        );
        let (_, begun) = ask(&stage, &ada, Method::POST, "/repository/main/bulk", asked).await;
        deliver(&signed, &queue, &stage.world).await;
        let (_, done) = ask(&stage, &ada, Method::GET, &job(&begun), Value::Null).await;
        assert_eq!(
            (&done["status"], &done["embedded"]),
            (&json!("INGESTION_COMPLETED"), &json!(0)),
            "{done}"
        );

        let document = begun["jobs"][0]["documentId"].as_str().unwrap().to_owned();
        let path = format!("/repository/main/{document}/download");
        let (_, link) = ask(&stage, &ada, Method::GET, &path, Value::Null).await;
        let got = reqwest::get(link.as_str().unwrap()).await.unwrap();
        assert_eq!(
            (got.status().as_u16(), got.text().await.unwrap()),
            (200, "# Title\n\nGranite is hard.".to_owned())
        );

        let (_, list) = ask(&stage, &ada, Method::GET, "/repository/main/document", Value::Null).await;
        let names: BTreeMap<_, _> = list["documents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|document| {
                (document["document_id"].as_str().unwrap(), document["document_name"].as_str().unwrap())
            })
            .collect();
        assert_eq!(names, BTreeMap::from([(document.as_str(), "ü b+c.md")]));
        let gone = json!({ "documentIds": [document] });
        let (status, _) = ask(&stage, &ada, Method::DELETE, "/repository/main/document", gone).await;
        assert_eq!(status, StatusCode::OK);
        deliver(&signed, &queue, &stage.world).await;
        assert_eq!(bucket.get(key).await.unwrap(), None);
        let (_, list) = ask(&stage, &ada, Method::GET, "/repository/main/document", Value::Null).await;
        assert_eq!(list["documents"], json!([]));
    });
}
