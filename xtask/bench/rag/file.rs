//! A file on its way into a store, the way of every file: read, cut as where nobody says how, embedded, kept.

use anyhow::{Context as _, Result};
use lisa_extract::{Characters, Chunking, Limits, Strategy, Unit};
use lisa_vectors::{Chunk, CollectionName, Embedded, Entry, Pages, Span, VectorStore as _};

use crate::engine::Models;

/// How a file is cut where nobody says how.
const CHUNKING: Chunking =
    Chunking { strategy: Strategy::Structure, size: 512, overlap: 51, unit: Unit::Characters };

/// A file's chunks, each with what is embedded of it.
pub(crate) struct File {
    name: String,
    pub(crate) chunks: Vec<(Chunk, String)>,
}

impl File {
    /// Reads and cuts a file. Its name says which format it has.
    pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Self> {
        let document = lisa_extract::extract(name, bytes, Limits::default())
            .with_context(|| format!("could not extract `{name}`"))?;
        let title = document.title.as_deref().unwrap_or(name);
        let chunks = lisa_extract::cut(&document, CHUNKING, &Characters)?;
        let chunks = chunks.into_iter().map(|chunk| {
            let embedded = chunk.to_embed(title);
            let chunk = Chunk {
                id: format!("{name}-{}", chunk.index),
                document_id: name.to_owned(),
                repository_id: "bench".to_owned(),
                collection_id: "bench".to_owned(),
                source: name.to_owned(),
                headings: chunk.heading,
                pages: chunk.pages.map(|(first, last)| Pages { first, last }),
                span: Span { start: chunk.offsets.start as u64, end: chunk.offsets.end as u64 },
                text: chunk.text,
                metadata: [].into(),
            };
            (chunk, embedded)
        });
        Ok(Self { chunks: chunks.collect(), name: name.to_owned() })
    }

    /// Embeds and keeps it.
    pub(crate) async fn put(
        self,
        store: &Embedded,
        collection: &CollectionName,
        models: &mut Models,
    ) -> Result<()> {
        let (chunks, embedded): (Vec<Chunk>, Vec<String>) = self.chunks.into_iter().unzip();
        let vectors = models.embeddings(&embedded)?;
        let entries = chunks.into_iter().zip(vectors).map(|(chunk, vector)| Entry { chunk, vector });
        Ok(store.replace(collection, &self.name, entries.collect()).await?)
    }
}
