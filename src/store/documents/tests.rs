//! Records over the embedded table: what is put is found, and nothing else.

use lisa_api::tables;
use tempfile::TempDir;

use super::*;
use crate::embedded::Database;

fn documents(folder: &TempDir) -> Documents {
    let database = Database::open(folder.path()).unwrap();
    Documents::new(Arc::new(database.table(&tables::RAG).unwrap()))
}

fn document(repository: &str, collection: &str, id: &str) -> Document {
    Document {
        document_id: id.to_owned(),
        repository_id: repository.to_owned(),
        collection_id: collection.to_owned(),
        ..Document::default()
    }
}

#[tokio::test]
async fn a_repository_is_made_once() {
    let folder = TempDir::new().unwrap();
    let documents = documents(&folder);
    let one =
        Repository { repository_id: "one".to_owned(), kind: "embedded".to_owned(), ..Repository::default() };
    documents.put_repository(&one, true).await.unwrap();
    let again = documents.put_repository(&one, true).await;
    assert!(matches!(again, Err(Error::ConditionFailed { .. })), "{again:?}");
    assert_eq!(documents.repository("one").await.unwrap(), Some(one.clone()));
    assert_eq!(documents.repositories().await.unwrap(), [one]);
    documents.delete_repository("one").await.unwrap();
    assert_eq!(documents.repository("one").await.unwrap(), None);
}

#[tokio::test]
async fn documents_are_listed_by_repository_and_collection() {
    let folder = TempDir::new().unwrap();
    let documents = documents(&folder);
    for (repository, collection, id) in [("r", "a", "1"), ("r", "a", "2"), ("r", "ab", "3"), ("q", "a", "4")]
    {
        documents.put_document(&document(repository, collection, id), None).await.unwrap();
    }
    let ids = |records: Records<Document>| {
        records.records.into_iter().map(|document| document.document_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(documents.documents("r", None, 10, None).await.unwrap()), ["1", "2", "3"]);
    assert_eq!(ids(documents.documents("r", Some("a"), 10, None).await.unwrap()), ["1", "2"]);
    let first = documents.documents("r", None, 2, None).await.unwrap();
    let rest = documents.documents("r", None, 2, first.next).await.unwrap();
    assert_eq!(ids(rest), ["3"]);
    assert_eq!(documents.find_document("4").await.unwrap().unwrap().repository_id, "q");
    documents.delete_document(&document("q", "a", "4"), None).await.unwrap();
    assert_eq!(documents.find_document("4").await.unwrap(), None);
}

#[tokio::test]
async fn jobs_come_newest_first_and_are_found_by_their_key() {
    let folder = TempDir::new().unwrap();
    let documents = documents(&folder);
    for created in [1_700_000_000_001_u64, 1_700_000_000_002, 1_700_000_000_003] {
        let job = Job {
            job_id: format!("{created:013}-x"),
            repository_id: "r".to_owned(),
            created_date: created,
            ..Job::default()
        };
        documents.put_job(&job, Some(Condition::Missing)).await.unwrap();
    }
    let jobs = documents.jobs("r", 1_700_000_000_002, 10, None).await.unwrap().records;
    let created: Vec<u64> = jobs.iter().map(|job| job.created_date).collect();
    assert_eq!(created, [1_700_000_000_003, 1_700_000_000_002]);
    assert!(documents.job("r", "1700000000001-x").await.unwrap().is_some());
    assert!(documents.job("q", "1700000000001-x").await.unwrap().is_none());
}
