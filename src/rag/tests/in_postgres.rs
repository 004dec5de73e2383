//! A repository in a real PostgreSQL with pgvector, by its `rdsConfig` and the password in Secrets Manager: what is put in is
//! found, and what is taken out is gone.

use std::sync::Arc;

use http::Method;
use lisa_signed::{Signed, service};
use lisa_store::documents::Repository;
use lisa_testkit::{Emulator, Postgres};
use lisa_vectors::postgres::Tls;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::api::{ask, caller};
use super::world::{Stage, repository};
use crate::aws::AwsStores;

const FOUND: &str = "/repository/main/similaritySearch?query=granite&modelName=letters&topK=1&score=true";

fn in_postgres(server: &Postgres) -> Repository {
    let config = json!({
        "dbHost": "127.0.0.1", "dbPort": server.port(), "dbName": Postgres::USER, "username": Postgres::USER,
        "passwordSecretId": "database",
    });
    Repository { kind: "pgvector".to_owned(), rds_config: Some(config), ..repository("main", &[]) }
}

#[test]
fn a_repository_ingests_and_searches() {
    let (emulator, server) = (Emulator::start().unwrap(), Postgres::start().unwrap());
    let signed = Signed::new(&emulator.session("123456789012", "us-east-1").unwrap());
    let folder = TempDir::new().unwrap();
    emulator.block_on(async {
        let secret = json!({ "username": Postgres::USER, "password": Postgres::PASSWORD }).to_string();
        let secret = json!({ "Name": "database", "SecretString": secret });
        signed.json(&service::SECRETS, "CreateSecret", &secret).await.unwrap();
        let repository = in_postgres(&server);
        let mut stage = Stage::open(folder.path(), vec![repository.clone()]);
        // This server has no TLS.
        stage.world.stores = Arc::new(AwsStores::new(signed.clone()).with_tls(Tls::Off));
        let ada = caller("ada", &[], 0);

        let (_, form) = ask(&stage, &ada, Method::POST, "/repository/presigned-url", json!("stone.md")).await;
        let key = form["response"]["fields"]["key"].as_str().unwrap();
        stage.upload(key, "# Fruit\n\nApples are kept cool.\n\n# Stone\n\nGranite is hard.");
        let asked = json!({ "embeddingModel": { "modelName": "letters" }, "keys": ["stone.md"] });
        let path = "/repository/main/bulk?chunkSize=100&chunkOverlap=10";
        let (_, begun) = ask(&stage, &ada, Method::POST, path, asked).await;
        stage.settle().await;
        let job = format!("/repository/main/jobs/{}", begun["jobs"][0]["jobId"].as_str().unwrap());
        let (_, job) = ask(&stage, &ada, Method::GET, &job, Value::Null).await;
        assert_eq!(job["status"], "INGESTION_COMPLETED", "{job}");
        assert_eq!(stage.count(&repository, "letters").await.documents, 1);

        let (_, found) = ask(&stage, &ada, Method::GET, FOUND, Value::Null).await;
        let passage = &found["docs"][0]["Document"];
        assert!(passage["page_content"].as_str().unwrap().contains("Granite"), "{found}");
        assert!(passage["metadata"]["similarity_score"].is_number(), "{found}");

        let gone = json!({ "documentIds": [begun["jobs"][0]["documentId"]] });
        ask(&stage, &ada, Method::DELETE, "/repository/main/document", gone).await;
        stage.settle().await;
        let (_, found) = ask(&stage, &ada, Method::GET, FOUND, Value::Null).await;
        assert_eq!(found["docs"], json!([]));
        assert_eq!(stage.count(&repository, "letters").await.chunks, 0);
    });
}

#[test]
fn what_a_store_needs_is_named() {
    let emulator = Emulator::start().unwrap();
    let stores = AwsStores::new(Signed::new(&emulator.session("123456789012", "us-east-1").unwrap()));
    emulator.block_on(async {
        use crate::ports::Stores as _;
        let of = |kind: &str, config: Value| Repository {
            kind: kind.to_owned(),
            opensearch_config: Some(config.clone()),
            rds_config: Some(config),
            ..repository("main", &[])
        };
        for (kind, config, said) in [
            ("pgvector", json!({ "dbHost": "db" }), "`rdsConfig.passwordSecretId`"),
            ("pgvector", json!({ "passwordSecretId": "s", "dbHost": "db", "dbPort": 70_000 }), "is no port"),
            ("opensearch", json!({}), "`opensearchConfig.endpoint`"),
            ("embedded", json!({}), "stores of type `embedded`"),
        ] {
            let error = stores.open(&of(kind, config)).await.unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
        let domain = json!({ "endpoint": "search-lisa.us-east-1.es.amazonaws.com" });
        assert!(stores.open(&of("opensearch", domain)).await.is_ok());
    });
}
