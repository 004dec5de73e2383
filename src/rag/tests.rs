//! The repository API and its worker over the real embedded stores, with an embedder of a few letters; and over ports that
//! fail wherever one can.

mod access;
mod answer;
mod api;
mod faults;
mod in_aws;
mod in_postgres;
mod world;

use lisa_service::Environment;

use super::*;

const ENVIRONMENT: [(&str, &str); 10] = [
    ("DEPLOYMENT_NAME", "prod"),
    ("DEPLOYMENT_STAGE", "dev"),
    ("DEPLOYMENT_PREFIX", "/dev/prod/lisa"),
    ("LOG_LEVEL", "INFO"),
    ("USE_AUTH", "true"),
    ("BUCKET_NAME", "documents"),
    ("RAG_TABLE_NAME", "rag"),
    ("INGESTION_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/ingest"),
    ("REGISTERED_REPOSITORIES_PS_NAME", "/dev/prod/lisa/registeredRepositories"),
    ("LISA_API_URL_PS_NAME", "/dev/prod/lisa/lisaServeRestApiUri"),
];

fn environment(more: &[(&'static str, &'static str)]) -> Environment {
    ENVIRONMENT.into_iter().chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn the_handler_tells_the_functions_apart() {
    let start = async |handler| {
        start(&environment(&[("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"), ("_HANDLER", handler)]))
            .await
            .unwrap()
    };
    assert!(matches!(start("rag").await, Work::Http(_)));
    assert!(matches!(start("rag-ingest").await, Work::Events(_)));
}

#[test]
fn chunks_have_upstreams_figures() {
    let config = Config::read(&environment(&[])).unwrap();
    assert_eq!((config.sizes.chunk, config.sizes.overlap), (512, 51));
    let wrong = Config::read(&environment(&[("CHUNK_SIZE", "big")])).unwrap_err();
    assert_eq!(wrong.wrong[0].name, "CHUNK_SIZE");
}

#[test]
fn repositories_of_the_configuration_are_read() {
    let text = r#"[{"repositoryId":"main","type":"pgvector","repositoryName":null,"allowedGroups":["a"],
        "embeddingModelId":"e5","rdsConfig":{"dbHost":"db","passwordSecretId":"secret","dbPort":5432}}]"#;
    let repositories = aws::registered(text).unwrap();
    let [main] = repositories.as_slice() else { panic!("{repositories:?}") };
    assert_eq!((main.repository_id.as_str(), main.kind.as_str()), ("main", "pgvector"));
    assert_eq!(
        (main.status.as_str(), main.allowed_groups.as_slice()),
        ("CREATE_COMPLETE", ["a".to_owned()].as_slice())
    );
    assert!(aws::registered("{}").is_err());
}
