//! Ingests a document: read, cut, embed, put in the place of what was there. Every step may be done again.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lisa_extract::Chunk;
use lisa_store::Condition;
use lisa_store::documents::{Collection, Document, DocumentStatus, Job, Progress, Repository};
use lisa_vectors::{Entry, Field, Pages, Scalar, Span};
use serde_json::Value;

use super::{Stop, Worker, parts};
use crate::embed::Purpose;
use crate::error::Error;
use crate::jobs::chunking;
use crate::names;
use crate::reader::Read;

/// Changes whenever the same file gives other chunks: what was ingested before is read anew then.
const READER: &str = "2";

impl Worker {
    pub(super) async fn ingest(&self, job: &mut Job, end: u64) -> Result<(), Stop> {
        let world = &self.world;
        let missing = || Error::not_found("repository", &job.repository_id);
        let repository = world.load_repository(&job.repository_id).await?.ok_or_else(missing)?;
        let missing = || Error::not_found("collection", &job.collection_id);
        let collection = match world.load_collection(&repository, &job.collection_id).await? {
            Some(collection) => collection,
            // The collection of a model that a request named; it is there as soon as something is in it.
            None if job.collection_id == job.embedding_model => {
                crate::library::default_collection(&repository, &job.embedding_model)
            }
            None => return Err(missing().into()),
        };
        let document = self.own_document(job).await?;
        let missing = || Error::not_found("object", &job.source);
        let bytes = world.objects.get(&job.source).await?.ok_or_else(missing)?;
        let fingerprint = self.fingerprint(job, &bytes);
        if document.fingerprint == fingerprint && document.status == DocumentStatus::Ingested {
            job.progress = Progress { done: document.chunks, total: document.chunks };
            if job.attempts > 1 {
                // An attempt before this one may have ended between the record and this.
                let count = usize::try_from(document.chunks).unwrap_or(usize::MAX);
                parts::remove(world, job, &fingerprint, count).await?;
            }
            return Ok(());
        }
        self.beat(job, end).await?;
        let asked = job
            .chunk_strategy
            .clone()
            .ok_or_else(|| Error::Invalid("the job names no chunking".to_owned()))?;
        let cut = chunking(&asked, self.chunk_size, self.chunk_overlap)?;
        let size = bytes.len() as u64;
        let read = world.reader.read(&document.document_name, bytes, cut).await.map_err(Stop::Unreadable)?;
        let vectors = self.embed(job, &document, &read, &fingerprint, end).await?;
        let count = vectors.len();
        let entries = entries(&repository, &collection, &document, job, &read, vectors);
        self.replace(job, &repository, &collection, entries).await?;
        self.record(job, document, &read, fingerprint.clone(), size).await?;
        parts::remove(world, job, &fingerprint, count).await?;
        Ok(())
    }

    /// The document, as long as this job is the one that may change it.
    async fn own_document(&self, job: &Job) -> Result<Document, Stop> {
        let documents = &self.world.documents;
        let document = documents.document(&job.repository_id, &job.collection_id, &job.document_id).await?;
        match document {
            Some(document) if document.job_id == job.job_id => Ok(document),
            Some(_) => Err(Stop::Cancelled("a newer job has taken its place")),
            None => Err(Stop::Cancelled("the document was deleted")),
        }
    }

    /// What the chunks follow from. A document whose chunks would be the same is not embedded again.
    fn fingerprint(&self, job: &Job, bytes: &[u8]) -> String {
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        let chunking = serde_json::to_string(&job.chunk_strategy).unwrap_or_default();
        let defaults = format!("{} {}", self.chunk_size, self.chunk_overlap);
        let metadata = serde_json::to_string(&job.metadata).unwrap_or_default();
        for part in [READER, &job.embedding_model, &chunking, &defaults, &metadata] {
            context.update(part.as_bytes());
            context.update(b"\0");
        }
        context.update(bytes);
        names::hex(context.finish().as_ref(), 64)
    }

    /// The chunks' embeddings, part by part; a part that is kept is not asked for again.
    async fn embed(
        &self,
        job: &mut Job,
        document: &Document,
        read: &Read,
        fingerprint: &str,
        end: u64,
    ) -> Result<Vec<Vec<f32>>, Stop> {
        let title = read.title.as_deref().unwrap_or(&document.document_name);
        let model = job.embedding_model.clone();
        job.progress = Progress { done: 0, total: read.chunks.len() as u64 };
        let parts = read.chunks.chunks(parts::PART).enumerate();
        let parts: Vec<_> = parts
            .map(|(number, part)| self.part(&model, title, parts::key(job, fingerprint, number), part))
            .collect();
        // While one part is kept the next is embedded: the model is never left without work.
        let mut parts = stream::iter(parts).buffered(2);
        let mut vectors = Vec::with_capacity(read.chunks.len());
        while let Some((embedded, sent)) = parts.try_next().await? {
            vectors.extend(embedded);
            job.embedded += sent;
            job.progress.done = vectors.len() as u64;
            self.beat(job, end).await?;
        }
        Ok(vectors)
    }

    /// The embeddings of one part, and how many texts were sent for them.
    async fn part(
        &self,
        model: &str,
        title: &str,
        key: String,
        part: &[Chunk],
    ) -> Result<(Vec<Vec<f32>>, u64), Error> {
        if let Some(kept) = parts::load(&self.world, &key, part.len()).await? {
            return Ok((kept, 0));
        }
        let texts: Vec<String> = part.iter().map(|chunk| chunk.to_embed(title)).collect();
        let embedded = self.world.embedder.embed(model, Purpose::Passage, &texts).await?;
        parts::save(&self.world, &key, &embedded).await?;
        Ok((embedded, texts.len() as u64))
    }

    /// Puts the chunks in the place of those that are there, if the job may still do that.
    async fn replace(
        &self,
        job: &Job,
        repository: &Repository,
        collection: &Collection,
        entries: Vec<Entry>,
    ) -> Result<(), Stop> {
        let store = self.world.stores.open(repository).await?;
        let name = names::stored_name(repository, collection)?;
        let dimension = entries.first().map_or(0, |entry| entry.vector.len());
        self.own_document(job).await?;
        if dimension > 0 {
            store.ensure(&name, dimension).await?;
        }
        store.replace(&name, &job.document_id, entries).await?;
        Ok(())
    }

    /// Writes down what the document is now, if the job may still do that.
    async fn record(
        &self,
        job: &Job,
        document: Document,
        read: &Read,
        fingerprint: String,
        bytes: u64,
    ) -> Result<(), Stop> {
        let document = Document {
            status: DocumentStatus::Ingested,
            fingerprint,
            chunk_strategy: job.chunk_strategy.clone(),
            embedding_model: job.embedding_model.clone(),
            chunks: read.chunks.len() as u64,
            pages: read.pages,
            pages_without_text: read.pages_without_text.clone(),
            bytes,
            metadata: job.metadata.clone(),
            ..document
        };
        match self.world.documents.put_document(&document, Some(owned(job))).await {
            Err(lisa_store::Error::ConditionFailed { .. }) => self.yield_to_newer(job).await,
            done => Ok(done?),
        }
    }

    /// A newer job came between the chunks and the record: whatever order the two ended in, the newer one is done again
    /// and has the last word.
    async fn yield_to_newer(&self, job: &Job) -> Result<(), Stop> {
        let documents = &self.world.documents;
        let document = documents.document(&job.repository_id, &job.collection_id, &job.document_id).await?;
        if let Some(mut document) = document
            && let Some(newer) = documents.job(&job.repository_id, &document.job_id).await?
        {
            // Its chunks may have been replaced by ours: they are no longer known to be there.
            document.fingerprint.clear();
            documents.put_document(&document, Some(owned(&newer))).await?;
            if newer.status.is_final() {
                self.world.retry_anyway(&newer).await?;
            }
        }
        Err(Stop::Cancelled("a newer job has taken its place"))
    }

    /// The document of a job that failed, unless a newer job has it.
    pub(super) async fn mark_failed(&self, job: &Job) -> Result<(), Error> {
        let documents = &self.world.documents;
        let document = documents.document(&job.repository_id, &job.collection_id, &job.document_id).await?;
        let Some(document) = document.filter(|document| document.job_id == job.job_id) else { return Ok(()) };
        // What was there before can still be found.
        let document = Document { status: DocumentStatus::Failed, ..document };
        match documents.put_document(&document, Some(owned(job))).await {
            Err(lisa_store::Error::ConditionFailed { .. }) => Ok(()),
            done => Ok(done?),
        }
    }
}

/// That a job is the one that may change its document.
fn owned(job: &Job) -> Condition {
    Condition::equals("jobId", job.job_id.as_str())
}

fn entries(
    repository: &Repository,
    collection: &Collection,
    document: &Document,
    job: &Job,
    read: &Read,
    vectors: Vec<Vec<f32>>,
) -> Vec<Entry> {
    let metadata: BTreeMap<String, Field> =
        job.metadata.iter().filter_map(|(name, value)| Some((name.clone(), field(value)?))).collect();
    let chunks = read.chunks.iter().zip(vectors);
    let entry = |(chunk, vector): (&Chunk, Vec<f32>)| Entry {
        chunk: lisa_vectors::Chunk {
            id: format!("{}-{}", document.document_id, chunk.index),
            document_id: document.document_id.clone(),
            repository_id: repository.repository_id.clone(),
            collection_id: collection.collection_id.clone(),
            source: document.document_name.clone(),
            headings: chunk.heading.clone(),
            pages: chunk.pages.map(|(first, last)| Pages { first, last }),
            span: Span { start: chunk.offsets.start as u64, end: chunk.offsets.end as u64 },
            text: chunk.text.clone(),
            metadata: metadata.clone(),
        },
        vector,
    };
    chunks.map(entry).collect()
}

/// A value of metadata as filters know it; what they do not know stays with the document alone.
fn field(value: &Value) -> Option<Field> {
    let scalar = |value: &Value| match value {
        Value::Bool(flag) => Some(Scalar::Flag(*flag)),
        Value::Number(number) => number.as_f64().map(Scalar::Number),
        Value::String(text) => Some(Scalar::Text(text.clone())),
        _ => None,
    };
    match value {
        Value::Array(values) => values.iter().map(scalar).collect::<Option<Vec<_>>>().map(Field::Many),
        value => scalar(value).map(Field::One),
    }
}
