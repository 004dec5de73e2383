//! Stores of document chunks with their embeddings: what is kept, how it is asked, and the three places it is kept in.
//!
//! A [`Chunk`] is a passage of a document with where it stands; an [`Entry`] is a chunk with its embedding. Whatever
//! holds them is a [`VectorStore`]: its answers carry the rank that its text index and its vectors give a chunk, each by
//! itself. How ranks become one list is the caller's business ([`fusion`] has the usual way).
//!
//! One suite of tests holds for every store.

mod chunk;
mod collection;
#[cfg(test)]
mod conformance;
mod embedded;
mod error;
mod filter;
pub mod fusion;
#[cfg(any(feature = "postgres", feature = "opensearch"))]
mod hits;
#[cfg(feature = "opensearch")]
pub mod opensearch;
#[cfg(feature = "postgres")]
pub mod postgres;
mod store;
mod vector;

pub use chunk::{Chunk, Field, Metadata, Pages, Scalar, Span};
pub use collection::CollectionName;
pub use embedded::Embedded;
pub use error::{Error, Why};
pub use filter::{Filter, MOST_CONDITIONS};
#[cfg(feature = "opensearch")]
pub use opensearch::OpenSearch;
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
pub use store::{Count, Entry, Hit, Query, Rank, VectorStore};
