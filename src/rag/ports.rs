//! What the repository API and its worker need of the world, one trait for each part of it. Nothing behind a port tries
//! twice, unless it says so: what is tried again is decided by the worker, so that every fault can be tried.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use lisa_retrieval::{ChatModel, Reranker};
use lisa_store::documents::Documents;
use lisa_store::documents::Repository;
use lisa_vectors::VectorStore;
use serde_json::Value;

use crate::embed::{EmbedError, Purpose};

/// Something of the world that did not do what was asked, in words for the log and for who waits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

impl From<Unavailable> for crate::Error {
    fn from(error: Unavailable) -> Self {
        Self::World(error.0)
    }
}

/// The bucket of documents.
#[async_trait]
pub trait Objects: Debug + Send + Sync {
    /// The bucket, as `s3Path` names it: `s3://documents`.
    fn place(&self) -> String;
    /// An object; `None` if there is none.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Unavailable>;
    /// Puts an object in the place of the one that is there.
    async fn put(&self, key: &str, body: Bytes) -> Result<(), Unavailable>;
    /// Deletes an object; one that is not there is no error.
    async fn delete(&self, key: &str) -> Result<(), Unavailable>;
    /// What a client uploads an object with, `{url, fields}`: good for a while, and for `largest` bytes at most.
    async fn upload_form(&self, key: &str, user: &str, largest: u64) -> Result<Value, Unavailable>;
    /// A link that an object can be got by for a few minutes.
    async fn link(&self, key: &str) -> Result<String, Unavailable>;
}

/// The queue of jobs. A message is delivered at least once, and again when its handling failed.
#[async_trait]
pub trait Queue: Debug + Send + Sync {
    /// Sends a message, to be delivered after a while.
    async fn send(&self, message: &str, after: Duration) -> Result<(), Unavailable>;
}

/// Embedding models.
#[async_trait]
pub trait Embedder: Debug + Send + Sync {
    /// The texts' embeddings, in their order.
    async fn embed(
        &self,
        model: &str,
        purpose: Purpose,
        texts: &[String],
    ) -> Result<Vec<Vec<f32>>, EmbedError>;
}

/// Models that are asked by whoever a request's headers say. Whether there is such a model shows when it is asked.
#[async_trait]
pub trait Models: Debug + Send + Sync {
    /// A chat model.
    async fn chat(&self, id: &str, asker: &HeaderMap) -> Result<Arc<dyn ChatModel>, Unavailable>;
    /// A model that scores passages.
    async fn reranker(&self, id: &str, asker: &HeaderMap) -> Result<Arc<dyn Reranker>, Unavailable>;
}

/// Opens the vector store of a repository.
#[async_trait]
pub trait Stores: Debug + Send + Sync {
    /// The store; opened once and kept.
    async fn open(&self, repository: &Repository) -> Result<Arc<dyn VectorStore>, crate::Error>;
}

/// The repositories of the configuration.
#[async_trait]
pub trait Registered: Debug + Send + Sync {
    /// All of them.
    async fn all(&self) -> Result<Vec<Repository>, Unavailable>;
}

/// The time of day, and what makes ids unique.
pub trait Clock: Debug + Send + Sync {
    /// Milliseconds since 1970.
    fn now(&self) -> u64;
    /// Something that nobody guesses.
    fn random(&self) -> u64;
}

/// The machine's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn random(&self) -> u64 {
        let mut bytes = [0; 8];
        // Without randomness of the machine ids are still unique by their time, only easier to guess, and no right
        // follows from knowing one.
        let _ = aws_lc_rs::rand::fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// Everything that the API and the worker need.
#[derive(Clone, Debug)]
pub struct World {
    /// Repositories, collections, documents and jobs.
    pub documents: Documents,
    /// The repositories of the configuration.
    pub registered: Arc<dyn Registered>,
    /// The bucket of documents.
    pub objects: Arc<dyn Objects>,
    /// The queue of jobs.
    pub queue: Arc<dyn Queue>,
    /// Embedding models.
    pub embedder: Arc<dyn Embedder>,
    /// Models that answer and score.
    pub models: Arc<dyn Models>,
    /// Vector stores.
    pub stores: Arc<dyn Stores>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Reads documents.
    pub reader: Arc<dyn crate::reader::Reader>,
}
