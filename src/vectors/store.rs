//! What a store of chunks does, wherever it is kept.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::chunk::Chunk;
use crate::collection::CollectionName;
use crate::error::Error;
use crate::filter::Filter;

/// A chunk with its embedding.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The chunk.
    pub chunk: Chunk,
    /// Its embedding, of any length above zero: stores compare directions alone.
    pub vector: Vec<f32>,
}

/// What is looked for. Without text and vector nothing is found.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words for the text index. A chunk need not hold them all.
    pub text: Option<String>,
    /// The question's embedding.
    pub vector: Option<Vec<f32>>,
    /// What a chunk must meet.
    pub filter: Option<Filter>,
    /// How many chunks the text index and the vectors give at most, each.
    pub limit: usize,
}

/// A chunk that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The chunk.
    pub chunk: Chunk,
    /// Its place among the text index's finds, if it is one. The score is the store's own: more is better.
    pub text: Option<Rank>,
    /// Its place among the vectors' finds, if it is one. The score is the cosine of the angle, from -1 to 1.
    pub vector: Option<Rank>,
    /// The cosine of the angle to the question, whoever found it; `None` where the store does not say.
    pub similarity: Option<f32>,
}

/// A place in a list, and why it is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rank {
    /// Counted from one.
    pub place: usize,
    /// More is better.
    pub score: f32,
}

/// What a collection holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Documents.
    pub documents: u64,
    /// Chunks.
    pub chunks: u64,
}

/// Holds chunks with their embeddings and finds them.
///
/// Every method may be called again after it failed: whatever it left is done over or removed.
#[async_trait]
pub trait VectorStore: Debug + Send + Sync {
    /// Makes sure that a collection for vectors of this length is there. One that is there is left as it is; one of
    /// another length is an error.
    async fn ensure(&self, collection: &CollectionName, dimension: usize) -> Result<(), Error>;

    /// Puts a document's chunks in place of those that it has, if any. A search sees all of the old ones or all of the
    /// new ones.
    async fn replace(
        &self,
        collection: &CollectionName,
        document: &str,
        entries: Vec<Entry>,
    ) -> Result<(), Error>;

    /// Removes a document's chunks and returns how many there were. Removing what is not there is no error.
    async fn delete(&self, collection: &CollectionName, document: &str) -> Result<u64, Error>;

    /// Finds chunks: the best of the text index and the best of the vectors, each chunk once, in no order that means
    /// anything.
    async fn search(&self, collection: &CollectionName, query: &Query) -> Result<Vec<Hit>, Error>;

    /// How much a collection holds.
    async fn count(&self, collection: &CollectionName) -> Result<Count, Error>;

    /// Removes a collection with all that it holds. Removing what is not there is no error.
    async fn drop(&self, collection: &CollectionName) -> Result<(), Error>;
}
