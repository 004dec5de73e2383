//! Reads a document and cuts it into chunks, away from the threads that answer requests.
//!
//! Files come from anybody. `lisa-extract` bounds what it reads of one; [`Apart`] does it in a process of its own besides,
//! whose memory and time the system bounds, so that whatever a file does to its reader the worker goes on.

mod apart;

use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;
use lisa_extract::{Characters, Chunk, Chunking, Document, Estimate, ExtractError, Limits, Unit};
use serde::{Deserialize, Serialize};

pub use apart::{Apart, serve};

/// What is read of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    /// Its title, where it says one.
    pub title: Option<String>,
    /// How many pages it has.
    pub pages: Option<u32>,
    /// Pages that only character recognition could read.
    pub pages_without_text: Vec<u32>,
    /// Its chunks.
    pub chunks: Vec<Chunk>,
}

/// Why a document gives no chunks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// The word that clients switch on: `EncryptedFile`.
    pub kind: String,
    /// What is wrong and what to do, for who uploaded it.
    pub message: String,
}

impl Unreadable {
    pub(crate) fn new(kind: &str, message: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), message: message.into() }
    }
}

impl From<ExtractError> for Unreadable {
    fn from(error: ExtractError) -> Self {
        Self::new(error.kind(), error.to_string())
    }
}

/// Reads documents.
#[async_trait]
pub trait Reader: Debug + Send + Sync {
    /// Reads a file and cuts it.
    async fn read(&self, name: &str, bytes: Bytes, chunking: Chunking) -> Result<Read, Unreadable>;
}

/// Reads in this process, on a thread that may block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Here;

#[async_trait]
impl Reader for Here {
    async fn read(&self, name: &str, bytes: Bytes, chunking: Chunking) -> Result<Read, Unreadable> {
        let name = name.to_owned();
        let read = tokio::task::spawn_blocking(move || read(&name, &bytes, chunking));
        read.await
            .unwrap_or_else(|_| Err(Unreadable::new("UnreadableFile", "the file makes its reader fail")))
    }
}

/// Reads a file and cuts it.
pub(crate) fn read(name: &str, bytes: &[u8], chunking: Chunking) -> Result<Read, Unreadable> {
    let document = lisa_extract::extract(name, bytes, Limits::default())?;
    if document.is_empty() {
        return Err(empty(&document));
    }
    let chunks = match chunking.unit {
        Unit::Characters => lisa_extract::cut(&document, chunking, &Characters),
        Unit::Tokens => lisa_extract::cut(&document, chunking, &Estimate),
    };
    let chunks = chunks.map_err(|error| Unreadable::new("ValidationError", error.to_string()))?;
    let pages_without_text = document.pages_without_text().to_vec();
    Ok(Read { title: document.title, pages: document.pages, pages_without_text, chunks })
}

fn empty(document: &Document) -> Unreadable {
    if document.pages_without_text().is_empty() {
        return Unreadable::new("EmptyFile", "the file holds no text");
    }
    let message = "the file is a scan: its pages are pictures without text; run character recognition (OCR) over it and \
                   upload the result";
    Unreadable::new("ScannedFile", message)
}
