//! Makes jobs: the record first, then the message that has it done. A message that is lost leaves a job that a retry sends
//! again; one that comes twice does the work once.

use std::collections::BTreeMap;
use std::time::Duration;

use lisa_extract::{Chunking as Cut, Strategy, Unit};
use lisa_store::Condition;
use lisa_store::documents::{
    Action, Chunking, Collection, Document, DocumentStatus, Job, JobStatus, Repository,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::names;
use crate::ports::World;

/// Finished jobs are forgotten after so long, in seconds.
const KEPT: u64 = 90 * 86_400;

/// What the queue carries: which job is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The repository that the job is about.
    pub repository_id: String,
    /// The job.
    pub job_id: String,
}

/// What is to be ingested.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The collection.
    pub collection: &'a Collection,
    /// The key of the object.
    pub key: &'a str,
    /// How it is cut.
    pub chunking: Chunking,
    /// Tags and fields.
    pub metadata: BTreeMap<String, Value>,
    /// Who asks.
    pub username: &'a str,
}

impl World {
    /// Makes a job that ingests an object. From now on it is the one that may change the document.
    pub async fn order_ingest(&self, order: Order<'_>) -> Result<Job, Error> {
        let Order { repository, collection, key, chunking, metadata, username } = order;
        let (repository_id, collection_id) = (&repository.repository_id, &collection.collection_id);
        let document_id = names::document_id(repository_id, collection_id, key);
        let job = Job {
            source: key.to_owned(),
            document_id: document_id.clone(),
            chunk_strategy: Some(chunking),
            embedding_model: collection.embedding_model.clone(),
            metadata,
            ..self.new_job(Action::Ingest, repository_id, collection_id, username)
        };
        let known = self.documents.document(repository_id, collection_id, &document_id).await?;
        if let Some(known) = known.as_ref().filter(|known| known.status == DocumentStatus::Deleting) {
            let message =
                format!("document `{}` is being deleted; put it in again afterwards", known.document_id);
            return Err(Error::Conflict(message));
        }
        let name = key.rsplit('/').next().unwrap_or(key).to_owned();
        let document = Document {
            document_id,
            repository_id: repository_id.clone(),
            collection_id: collection_id.clone(),
            document_name: name,
            source: key.to_owned(),
            upload_date: job.created_date,
            job_id: job.job_id.clone(),
            // Who put it in first keeps it.
            username: known.as_ref().map_or(username.to_owned(), |known| known.username.clone()),
            ..known.unwrap_or_default()
        };
        self.documents.put_job(&job, Some(Condition::Missing)).await?;
        self.documents.put_document(&document, None).await?;
        self.send(&job, Duration::ZERO).await?;
        Ok(job)
    }

    /// Makes a job that removes a document. Searches find it until the job is done.
    pub async fn order_delete(&self, document: &Document, username: &str) -> Result<Job, Error> {
        let job = Job {
            document_id: document.document_id.clone(),
            source: document.source.clone(),
            ..self.new_job(Action::Delete, &document.repository_id, &document.collection_id, username)
        };
        self.documents.put_job(&job, Some(Condition::Missing)).await?;
        let status = DocumentStatus::Deleting;
        let document = Document { status, job_id: job.job_id.clone(), ..document.clone() };
        self.documents.put_document(&document, Some(Condition::Exists)).await?;
        self.send(&job, Duration::ZERO).await?;
        Ok(job)
    }

    /// Makes a job that removes a collection, or a repository, with all that is in it.
    pub async fn order_removal(
        &self,
        action: Action,
        repository: &str,
        collection: &str,
        username: &str,
    ) -> Result<Job, Error> {
        let job = self.new_job(action, repository, collection, username);
        self.documents.put_job(&job, Some(Condition::Missing)).await?;
        self.send(&job, Duration::ZERO).await?;
        Ok(job)
    }

    /// Asks a job to stop. One that nobody has begun is stopped at once.
    pub async fn cancel(&self, job: &Job) -> Result<Job, Error> {
        if job.status.is_final() || job.action != Action::Ingest {
            let message = format!(
                "job `{}` is {}; only an ingest that is not done can be stopped",
                job.job_id,
                word(job.status)
            );
            return Err(Error::Conflict(message));
        }
        let mut job = Job { is_cancelled: true, updated_date: self.clock.now(), ..job.clone() };
        if job.status == JobStatus::IngestionPending {
            job.status = JobStatus::IngestionCancelled;
        }
        let status = Value::from(word(if job.status == JobStatus::IngestionCancelled {
            JobStatus::IngestionPending
        } else {
            job.status
        }));
        self.documents.put_job(&job, Some(Condition::equals("status", status))).await?;
        Ok(job)
    }

    /// Does a job again that failed or was stopped.
    pub async fn retry(&self, job: &Job) -> Result<Job, Error> {
        let is_over = job.status.is_final() && job.status != job.action.completed();
        let is_stuck = !job.status.is_final() && job.lease < self.clock.now();
        if !is_over && !is_stuck {
            let message = format!(
                "job `{}` is {}; only one that failed or was stopped is done again",
                job.job_id,
                word(job.status)
            );
            return Err(Error::Conflict(message));
        }
        let again = Job {
            status: job.action.pending(),
            attempts: 0,
            lease: 0,
            is_cancelled: false,
            error: None,
            updated_date: self.clock.now(),
            ..job.clone()
        };
        self.documents.put_job(&again, Some(Condition::equals("status", word(job.status)))).await?;
        self.send(&again, Duration::ZERO).await?;
        Ok(again)
    }

    /// Does a job again that was done, because what it did was undone.
    pub(crate) async fn retry_anyway(&self, job: &Job) -> Result<(), Error> {
        let again = Job { status: job.action.pending(), attempts: 0, lease: 0, error: None, ..job.clone() };
        self.documents.put_job(&again, None).await?;
        self.send(&again, Duration::ZERO).await
    }

    /// Has the queue deliver a job.
    pub(crate) async fn send(&self, job: &Job, after: Duration) -> Result<(), Error> {
        let message = Message { repository_id: job.repository_id.clone(), job_id: job.job_id.clone() };
        let message = serde_json::to_string(&message).map_err(|error| Error::Invalid(error.to_string()))?;
        Ok(self.queue.send(&message, after).await?)
    }

    fn new_job(&self, action: Action, repository: &str, collection: &str, username: &str) -> Job {
        let now = self.clock.now();
        Job {
            job_id: names::job_id(&*self.clock),
            action,
            repository_id: repository.to_owned(),
            collection_id: collection.to_owned(),
            username: username.to_owned(),
            status: action.pending(),
            created_date: now,
            updated_date: now,
            expires: Some(now / 1000 + KEPT),
            ..Job::default()
        }
    }
}

/// A status as it is written.
pub(crate) fn word(status: JobStatus) -> String {
    serde_json::to_value(status).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// How a document is cut, from what was asked for. What is not said is the deployment's.
pub(crate) fn chunking(asked: &Chunking, size: usize, overlap: usize) -> Result<Cut, Error> {
    let strategy = match asked.kind.as_str() {
        "structure" => Strategy::Structure,
        "fixed" => Strategy::Fixed,
        "none" => Strategy::None,
        other => {
            return Err(Error::Invalid(format!(
                "`{other}` is no chunking strategy; there are fixed, none and structure"
            )));
        }
    };
    let unit = match asked.unit.as_deref() {
        None | Some("characters") => Unit::Characters,
        Some("tokens") => Unit::Tokens,
        Some(other) => {
            return Err(Error::Invalid(format!(
                "`{other}` is no unit of chunks; there are characters and tokens"
            )));
        }
    };
    let size = asked.size.unwrap_or(size);
    let overlap = asked.overlap.unwrap_or(overlap.min(size.saturating_sub(1)));
    Cut { strategy, size, overlap, unit }.check().map_err(|error| Error::Invalid(error.to_string()))
}
