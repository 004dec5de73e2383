//! Records as clients see them, by upstream's names.

use lisa_store::documents::{Collection, Document, Job, Repository};
use serde_json::{Value, json};

use crate::jobs::word;

/// A repository. Where its store's secret is kept is not for clients.
pub(super) fn repository(repository: &Repository) -> Value {
    let mut shown = json!(repository);
    if let Some(config) = shown.get_mut("rdsConfig").and_then(Value::as_object_mut) {
        config.remove("passwordSecretId");
    }
    shown
}

/// A collection.
pub(super) fn collection(collection: &Collection) -> Value {
    let mut shown = json!(collection);
    shown["createdAt"] = json!(time(collection.created_at));
    shown["updatedAt"] = json!(time(collection.updated_at));
    shown
}

/// A document. `bucket` is where its object is: `s3://documents`.
pub(super) fn document(document: &Document, bucket: &str) -> Value {
    json!({
        "document_id": document.document_id,
        "repository_id": document.repository_id,
        "collection_id": document.collection_id,
        "document_name": document.document_name,
        "source": format!("{bucket}/{}", document.source),
        "username": document.username,
        "upload_date": document.upload_date,
        "status": document.status,
        "job_id": document.job_id,
        "chunk_strategy": document.chunk_strategy,
        "embedding_model": document.embedding_model,
        "chunks": document.chunks,
        "pages": document.pages,
        "pages_without_text": document.pages_without_text,
        "bytes": document.bytes,
        "metadata": document.metadata,
    })
}

/// A job.
pub(super) fn job(job: &Job, bucket: &str) -> Value {
    json!({
        "id": job.job_id,
        "action": job.action,
        "repository_id": job.repository_id,
        "collection_id": job.collection_id,
        "document_id": job.document_id,
        "s3_path": path(job, bucket),
        "username": job.username,
        "status": word(job.status),
        "created_date": time(job.created_date),
        "updated_date": time(job.updated_date),
        "attempts": job.attempts,
        "progress": job.progress,
        "embedded": job.embedded,
        "error_message": job.error.as_ref().map(|error| &error.message),
        "error": job.error,
        "chunk_strategy": job.chunk_strategy,
        "embedding_model": job.embedding_model,
        "metadata": job.metadata,
    })
}

/// A job as the answer of who began it has it.
pub(super) fn begun(job: &Job, bucket: &str) -> Value {
    json!({
        "jobId": job.job_id,
        "documentId": job.document_id,
        "status": word(job.status),
        "s3Path": path(job, bucket),
    })
}

fn path(job: &Job, bucket: &str) -> Option<String> {
    (!job.source.is_empty()).then(|| format!("{bucket}/{}", job.source))
}

/// A time in ISO 8601, from milliseconds since 1970; none for what has none.
fn time(milliseconds: u64) -> Option<String> {
    let milliseconds = i64::try_from(milliseconds).ok().filter(|time| *time > 0)?;
    jiff::Timestamp::from_millisecond(milliseconds).ok().map(|time| time.to_string())
}
