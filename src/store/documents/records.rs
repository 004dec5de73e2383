//! What is kept of repositories, collections, documents and jobs. Times are milliseconds since 1970.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A vector store that documents are put into and searched in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Repository {
    /// Its id, part of URLs.
    pub repository_id: String,
    /// The name shown to people; the id without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_name: Option<String>,
    /// What it holds, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The kind of its store: `opensearch`, `pgvector`, `embedded`, `bedrock_knowledge_base`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The model that documents are embedded with unless a request or a collection names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding_model_id: Option<String>,
    /// Groups that may use it. Empty: everybody.
    pub allowed_groups: Vec<String>,
    /// Where its OpenSearch domain is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opensearch_config: Option<Value>,
    /// Where its PostgreSQL database is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rds_config: Option<Value>,
    /// Its knowledge base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bedrock_knowledge_base_config: Option<Value>,
    /// Buckets whose documents are ingested by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipelines: Option<Value>,
    /// Tags and fields that every document of it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// `CREATE_COMPLETE`, `DELETE_IN_PROGRESS`.
    pub status: String,
    /// Who made it; nobody made one that the configuration names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: u64,
    /// When it was changed last.
    pub updated_at: u64,
}

/// Documents that are embedded by one model and searched together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Collection {
    /// Its id, part of URLs.
    pub collection_id: String,
    /// The repository that it is in.
    pub repository_id: String,
    /// The name shown to people.
    pub name: String,
    /// What it holds, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The model that its documents are embedded with.
    pub embedding_model: String,
    /// How its documents are cut unless a request says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunking_strategy: Option<Chunking>,
    /// Whether a request may say otherwise.
    pub allow_chunking_override: bool,
    /// Groups that may use it. Empty: whoever may use the repository.
    pub allowed_groups: Vec<String>,
    /// Tags and fields that every document of it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// `ACTIVE`, `DELETE_IN_PROGRESS`.
    pub status: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: u64,
    /// When it was changed last.
    pub updated_at: u64,
}

/// How documents are cut into chunks, as upstream writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chunking {
    /// `fixed`, `none` or `structure`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The most that a chunk holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// The most that neighbouring chunks share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<usize>,
    /// What the two are counted in: `characters`, or `tokens`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Document {
    /// Its id: the same for the same source in the same collection.
    pub document_id: String,
    /// The repository that it is in.
    pub repository_id: String,
    /// The collection that it is in.
    pub collection_id: String,
    /// The name that people know it by: `handbook.pdf`.
    pub document_name: String,
    /// The key of its object.
    pub source: String,
    /// Who put it in.
    pub username: String,
    /// When it was put in.
    pub upload_date: u64,
    /// Where it stands.
    pub status: DocumentStatus,
    /// The job that may change it: the last one that was made for it.
    pub job_id: String,
    /// What its chunks were made of: content, chunking, model and reader, as one hash. Empty before the first time.
    pub fingerprint: String,
    /// How it was cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk_strategy: Option<Chunking>,
    /// The model that it was embedded with.
    pub embedding_model: String,
    /// How many chunks it has.
    pub chunks: u64,
    /// How many pages it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Pages that only character recognition could read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pages_without_text: Vec<u32>,
    /// Bytes of its object.
    pub bytes: u64,
    /// Tags and fields.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Value>,
}

/// Where a document stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DocumentStatus {
    /// A job is to read it.
    #[default]
    Pending,
    /// It can be found.
    Ingested,
    /// It could not be read; what was there before can still be found.
    Failed,
    /// A job is to remove it.
    Deleting,
}

/// Work that is done after the request that asked for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Job {
    /// Its id: the time of its making in thirteen digits, a hyphen, letters and digits.
    pub job_id: String,
    /// What is to be done.
    pub action: Action,
    /// The repository that it is about.
    pub repository_id: String,
    /// The collection that it is about.
    pub collection_id: String,
    /// The document that it is about.
    pub document_id: String,
    /// The key of the object.
    pub source: String,
    /// Who asked for it.
    pub username: String,
    /// Where it stands.
    pub status: JobStatus,
    /// When it was made.
    pub created_date: u64,
    /// When it was changed last.
    pub updated_date: u64,
    /// How often it was begun.
    pub attempts: u32,
    /// Until when its worker has it alone; another may take it up afterwards.
    pub lease: u64,
    /// Whether somebody asked to stop it.
    pub is_cancelled: bool,
    /// How far it is.
    pub progress: Progress,
    /// Texts that were sent to be embedded.
    pub embedded: u64,
    /// Why it failed, or is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<JobError>,
    /// How the document is to be cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk_strategy: Option<Chunking>,
    /// The model that the document is to be embedded with.
    pub embedding_model: String,
    /// Tags and fields that the request gave the document.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Value>,
    /// When the item may be forgotten, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
}

/// What a job does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Reads a document, cuts and embeds it, and puts it in the place of what was there.
    #[default]
    Ingest,
    /// Removes a document: its chunks, its object, its record.
    Delete,
    /// Removes a collection with all of its documents.
    DeleteCollection,
    /// Removes a repository that was made by the API, with all of its collections.
    DeleteRepository,
}

/// Where a job stands, in upstream's words and one more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobStatus {
    /// Nobody has begun it.
    #[default]
    IngestionPending,
    /// Somebody works on it.
    IngestionInProgress,
    /// It is done.
    IngestionCompleted,
    /// It could not be done.
    IngestionFailed,
    /// Somebody stopped it, or a newer one took its place.
    IngestionCancelled,
    /// Nobody has begun it.
    DeletePending,
    /// Somebody works on it.
    DeleteInProgress,
    /// It is done.
    DeleteCompleted,
    /// It could not be done.
    DeleteFailed,
}

impl JobStatus {
    /// Whether nothing more will happen.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::IngestionCompleted
                | Self::IngestionFailed
                | Self::IngestionCancelled
                | Self::DeleteCompleted
                | Self::DeleteFailed
        )
    }
}

impl Action {
    /// The status of a job that nobody has begun.
    pub const fn pending(self) -> JobStatus {
        if matches!(self, Self::Ingest) { JobStatus::IngestionPending } else { JobStatus::DeletePending }
    }

    /// The status of a job that somebody works on.
    pub const fn in_progress(self) -> JobStatus {
        if matches!(self, Self::Ingest) {
            JobStatus::IngestionInProgress
        } else {
            JobStatus::DeleteInProgress
        }
    }

    /// The status of a job that is done.
    pub const fn completed(self) -> JobStatus {
        if matches!(self, Self::Ingest) { JobStatus::IngestionCompleted } else { JobStatus::DeleteCompleted }
    }

    /// The status of a job that could not be done.
    pub const fn failed(self) -> JobStatus {
        if matches!(self, Self::Ingest) { JobStatus::IngestionFailed } else { JobStatus::DeleteFailed }
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Chunks that are embedded, or documents that are removed.
    pub done: u64,
    /// Of how many; 0 while that is not known.
    pub total: u64,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobError {
    /// The word that clients switch on: `EncryptedFile`.
    pub kind: String,
    /// What happened and what to do, for people.
    pub message: String,
}
