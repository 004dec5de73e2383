//! Jobs whose every step fails once, whose messages come twice, and whose time runs out.

use std::sync::atomic::Ordering;

use lisa_store::documents::{Action, Chunking, DocumentStatus, Job, JobStatus};
use tempfile::TempDir;

use super::world::{Stage, repository};
use crate::jobs::Order;
use crate::library::default_collection;
use crate::worker::{Outcome, Worker};

const KEY: &str = "uploads/ada/guide.md";

fn chunking() -> Chunking {
    Chunking { kind: "structure".to_owned(), size: Some(120), overlap: Some(0), unit: None }
}

fn text(word: &str) -> String {
    (0..20)
        .map(|number| format!("# Part {number}\n\nThis part is about {word} and number {number}.\n\n"))
        .collect::<Vec<_>>()
        .concat()
}

async fn order(stage: &Stage) -> Job {
    let repository = repository("main", &[]);
    let collection = default_collection(&repository, "letters");
    let order = Order {
        repository: &repository,
        collection: &collection,
        key: KEY,
        chunking: chunking(),
        metadata: [("tags".to_owned(), serde_json::json!(["manual"]))].into(),
        username: "ada",
    };
    stage.world.order_ingest(order).await.unwrap()
}

async fn job(stage: &Stage, job: &Job) -> Job {
    stage.world.documents.job("main", &job.job_id).await.unwrap().unwrap()
}

fn stage(folder: &TempDir) -> Stage {
    Stage::open(folder.path(), vec![repository("main", &[])])
}

#[tokio::test]
async fn a_document_is_ingested_once_and_found() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    stage.upload(KEY, &text("apples"));
    let first = order(&stage).await;
    assert_eq!(stage.settle().await, [Outcome::Done(Some(JobStatus::IngestionCompleted))]);
    let done = job(&stage, &first).await;
    let chunks = stage.count(&repository("main", &[]), "letters").await.chunks;
    assert!(chunks > 5, "{chunks}");
    assert_eq!((done.progress.done, done.progress.total, done.embedded), (chunks, chunks, chunks));
    let embedded = stage.letters.texts.load(Ordering::SeqCst);

    // The same content once more: nothing is embedded, and nothing changes.
    let second = order(&stage).await;
    stage.settle().await;
    assert_eq!(job(&stage, &second).await.status, JobStatus::IngestionCompleted);
    assert_eq!(job(&stage, &second).await.embedded, 0);
    assert_eq!(stage.letters.texts.load(Ordering::SeqCst), embedded);

    // Other content takes its place.
    stage.upload(KEY, "Pears alone.");
    order(&stage).await;
    stage.settle().await;
    assert_eq!(stage.count(&repository("main", &[]), "letters").await.chunks, 1);
    // Nothing of the work is left beside the document.
    assert_eq!(stage.bucket.objects.lock().unwrap().keys().collect::<Vec<_>>(), [KEY]);
}

#[tokio::test]
async fn a_fault_at_any_call_of_an_ingest_changes_nothing_in_the_end() {
    let folder = TempDir::new().unwrap();
    let calls = {
        let stage = stage(&folder);
        stage.upload(KEY, &text("apples"));
        order(&stage).await;
        stage.fault.at(0);
        stage.settle().await;
        stage.fault.calls()
    };
    assert!(calls >= 6, "{calls}");
    for call in 1..=calls {
        let folder = TempDir::new().unwrap();
        let stage = stage(&folder);
        stage.upload(KEY, &text("apples"));
        let job_made = order(&stage).await;
        stage.fault.at(call);
        let outcomes = stage.settle().await;
        assert!(outcomes.len() > 1, "call {call} did not fail: {outcomes:?}");
        let done = job(&stage, &job_made).await;
        assert_eq!(done.status, JobStatus::IngestionCompleted, "call {call}: {done:?}");
        let count = stage.count(&repository("main", &[]), "letters").await;
        assert_eq!((count.documents, count.chunks), (1, done.progress.total), "call {call}");
        // A text is embedded once, wherever the fault was, but for the part whose keeping failed.
        assert!(stage.letters.texts.load(Ordering::SeqCst) as u64 <= 2 * count.chunks, "call {call}");
        assert_eq!(stage.bucket.objects.lock().unwrap().len(), 1, "call {call}: parts are left");
    }
}

#[tokio::test]
async fn a_fault_at_any_call_of_a_removal_leaves_no_orphan() {
    for call in 1..=3 {
        let folder = TempDir::new().unwrap();
        let stage = stage(&folder);
        stage.upload(KEY, &text("apples"));
        let made = order(&stage).await;
        stage.settle().await;
        let document =
            stage.world.documents.document("main", "letters", &made.document_id).await.unwrap().unwrap();
        stage.world.order_delete(&document, "ada").await.unwrap();
        stage.fault.at(call);
        let outcomes = stage.settle().await;
        assert_eq!(outcomes.last(), Some(&Outcome::Done(Some(JobStatus::DeleteCompleted))), "call {call}");
        assert_eq!(stage.count(&repository("main", &[]), "letters").await.chunks, 0, "call {call}");
        assert!(stage.bucket.objects.lock().unwrap().is_empty(), "call {call}");
        let left = stage.world.documents.document("main", "letters", &made.document_id).await.unwrap();
        assert_eq!(left, None, "call {call}");
    }
}

#[tokio::test]
async fn a_store_that_stays_down_ends_the_job_and_a_retry_does_it() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    stage.upload(KEY, "Text.");
    let made = order(&stage).await;
    // No delivery after the last attempt: every one of them finds the embedder busy.
    for _ in 0..crate::worker::ATTEMPTS {
        stage.fault.at(3);
        let message = stage.next().unwrap();
        stage.worker().handle(&message).await;
        stage.pass(10 * 60_000);
    }
    let failed = job(&stage, &made).await;
    assert_eq!(failed.status, JobStatus::IngestionFailed);
    assert_eq!(failed.error.as_ref().unwrap().kind, "EmbeddingError");
    let document =
        stage.world.documents.document("main", "letters", &made.document_id).await.unwrap().unwrap();
    assert_eq!(document.status, DocumentStatus::Failed);
    stage.fault.at(0);
    stage.world.retry(&failed).await.unwrap();
    stage.settle().await;
    assert_eq!(job(&stage, &made).await.status, JobStatus::IngestionCompleted);
}

#[tokio::test]
async fn a_message_that_comes_twice_does_the_work_once() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    stage.upload(KEY, &text("apples"));
    order(&stage).await;
    let message = stage.next().unwrap();
    let worker = stage.worker();
    let (one, other) = tokio::join!(worker.handle(&message), worker.handle(&message));
    let outcomes = [one, other];
    assert!(outcomes.contains(&Outcome::Done(Some(JobStatus::IngestionCompleted))), "{outcomes:?}");
    let chunks = stage.count(&repository("main", &[]), "letters").await.chunks;
    assert_eq!(stage.letters.texts.load(Ordering::SeqCst) as u64, chunks);
    assert_eq!(worker.handle(&message).await, Outcome::Done(None));
    assert_eq!(stage.letters.texts.load(Ordering::SeqCst) as u64, chunks);
}

#[tokio::test]
async fn a_worker_that_is_killed_is_followed_by_another() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    stage.upload(KEY, &text("apples"));
    let made = order(&stage).await;
    let message = stage.next().unwrap();
    // Killed at each of its waits in turn: what it was doing is dropped in the middle.
    for steps in 1..60 {
        let worker = stage.worker();
        let mut work = Box::pin(worker.handle(&message));
        let mut is_over = false;
        for _ in 0..steps {
            tokio::select! {
                biased;
                _ = &mut work => { is_over = true; break }
                () = tokio::time::sleep(std::time::Duration::from_millis(1)) => {}
            }
        }
        drop(work);
        stage.pass(10 * 60_000);
        if is_over {
            break;
        }
    }
    stage.worker().handle(&message).await;
    let done = job(&stage, &made).await;
    assert_eq!(done.status, JobStatus::IngestionCompleted, "{done:?}");
    let count = stage.count(&repository("main", &[]), "letters").await;
    assert_eq!((count.documents, count.chunks), (1, done.progress.total));
}

#[tokio::test]
async fn what_takes_longer_than_a_delivery_goes_on_in_the_next() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    let long: String = (0..2_000)
        .map(|number| format!("## Heading {number}\n\n{}\n\n", "Some words of it. ".repeat(6)))
        .collect::<Vec<_>>()
        .concat();
    stage.upload(KEY, &long);
    let made = order(&stage).await;
    let worker = Worker::new(stage.world.clone(), std::time::Duration::ZERO, 512, 51);
    let mut deliveries = 0;
    while let Some(message) = stage.next() {
        assert!(!matches!(worker.handle(&message).await, Outcome::Again(_)));
        deliveries += 1;
        assert!(deliveries < 50);
        if deliveries == 3 {
            break;
        }
    }
    // The first sign of life ends each of these; parts are kept, and the rest is done in one.
    assert_eq!(job(&stage, &made).await.attempts, 0);
    stage.settle().await;
    let done = job(&stage, &made).await;
    assert_eq!(done.status, JobStatus::IngestionCompleted, "{done:?}");
    assert_eq!(stage.letters.texts.load(Ordering::SeqCst) as u64, done.progress.total);
}

#[tokio::test]
async fn the_newer_of_two_jobs_has_the_last_word() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    stage.upload(KEY, &text("apples"));
    let older = order(&stage).await;
    stage.pass(1_000);
    stage.upload(KEY, "Pears alone.");
    let newer = order(&stage).await;
    stage.settle().await;
    assert_eq!(job(&stage, &older).await.status, JobStatus::IngestionCancelled);
    assert_eq!(job(&stage, &newer).await.status, JobStatus::IngestionCompleted);
    assert_eq!(stage.count(&repository("main", &[]), "letters").await.chunks, 1);
}

#[tokio::test]
async fn a_job_is_stopped_before_and_while_it_runs() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    stage.upload(KEY, &text("apples"));
    let made = order(&stage).await;
    stage.world.cancel(&made).await.unwrap();
    assert_eq!(stage.settle().await, [Outcome::Done(None)]);
    assert_eq!(job(&stage, &made).await.status, JobStatus::IngestionCancelled);

    let made = order(&stage).await;
    let running = Job { status: Action::Ingest.in_progress(), ..made.clone() };
    stage.world.documents.put_job(&running, None).await.unwrap();
    stage.world.cancel(&running).await.unwrap();
    assert_eq!(stage.settle().await, [Outcome::Done(Some(JobStatus::IngestionCancelled))]);
    assert_eq!(stage.count(&repository("main", &[]), "letters").await.chunks, 0);
    assert!(stage.world.cancel(&job(&stage, &made).await).await.is_err());
}

#[tokio::test]
async fn a_file_that_cannot_be_read_says_why_and_leaves_what_was_there() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    stage.upload(KEY, &text("apples"));
    order(&stage).await;
    stage.settle().await;
    let chunks = stage.count(&repository("main", &[]), "letters").await.chunks;
    stage.upload(KEY, "   \n");
    let made = order(&stage).await;
    stage.settle().await;
    let failed = job(&stage, &made).await;
    assert_eq!(failed.status, JobStatus::IngestionFailed);
    assert_eq!(failed.error.unwrap().kind, "EmptyFile");
    assert_eq!(stage.count(&repository("main", &[]), "letters").await.chunks, chunks);
}

#[tokio::test]
async fn a_collection_goes_with_all_of_its_documents() {
    let folder = TempDir::new().unwrap();
    let stage = stage(&folder);
    stage.upload(KEY, &text("apples"));
    let made = order(&stage).await;
    stage.settle().await;
    stage.world.order_removal(Action::DeleteCollection, "main", "letters", "root").await.unwrap();
    stage.settle().await;
    assert_eq!(stage.count(&repository("main", &[]), "letters").await.chunks, 0);
    assert_eq!(stage.world.documents.find_document(&made.document_id).await.unwrap(), None);
    assert!(stage.bucket.objects.lock().unwrap().is_empty());
}
