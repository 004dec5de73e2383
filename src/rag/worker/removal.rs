//! Removes documents, collections and repositories: chunks first, then objects, the record last, so that what ends in the
//! middle is found again and removed by the next attempt.

use lisa_store::documents::{Collection, Document, Job, Repository};
use lisa_vectors::VectorStore;

use super::{Stop, Worker};
use crate::error::Error;
use crate::names;

/// Documents of a page that is removed.
const PAGE: u32 = 100;

impl Worker {
    pub(super) async fn delete(&self, job: &mut Job) -> Result<(), Stop> {
        let world = &self.world;
        let document =
            world.documents.document(&job.repository_id, &job.collection_id, &job.document_id).await?;
        // An attempt before this one has done it.
        let Some(document) = document else { return Ok(()) };
        job.progress.total = 1;
        let repository = world.load_repository(&job.repository_id).await?;
        let repository = repository.ok_or_else(|| Error::not_found("repository", &job.repository_id))?;
        self.remove(&repository, &document).await?;
        job.progress.done = 1;
        Ok(())
    }

    async fn remove(&self, repository: &Repository, document: &Document) -> Result<(), Stop> {
        let world = &self.world;
        let store = world.stores.open(repository).await?;
        let collection = Collection {
            collection_id: document.collection_id.clone(),
            repository_id: repository.repository_id.clone(),
            ..Collection::default()
        };
        let name = names::stored_name(repository, &collection)?;
        match store.delete(&name, &document.document_id).await {
            // Nothing of the collection was ever put in.
            Err(error) if error.why == lisa_vectors::Why::NoCollection => {}
            done => drop(done?),
        }
        world.objects.delete(&document.source).await?;
        world.documents.delete_document(document, None).await?;
        Ok(())
    }

    pub(super) async fn delete_collection(&self, job: &mut Job, end: u64) -> Result<(), Stop> {
        let world = &self.world;
        let repository = world.load_repository(&job.repository_id).await?;
        let repository = repository.ok_or_else(|| Error::not_found("repository", &job.repository_id))?;
        let id = job.collection_id.clone();
        self.empty(job, &repository, &id, end).await
    }

    /// Removes a collection's documents, then the collection from its store, then its record.
    async fn empty(&self, job: &mut Job, repository: &Repository, id: &str, end: u64) -> Result<(), Stop> {
        let world = &self.world;
        loop {
            let page = world.documents.documents(&repository.repository_id, Some(id), PAGE, None).await?;
            if page.records.is_empty() {
                break;
            }
            for document in &page.records {
                self.remove(repository, document).await?;
                job.progress.done += 1;
            }
            self.beat(job, end).await?;
        }
        let collection = Collection {
            collection_id: id.to_owned(),
            repository_id: repository.repository_id.clone(),
            ..Collection::default()
        };
        let store = world.stores.open(repository).await?;
        VectorStore::drop(&*store, &names::stored_name(repository, &collection)?).await?;
        world.documents.delete_collection(&repository.repository_id, id).await?;
        Ok(())
    }

    pub(super) async fn delete_repository(&self, job: &mut Job, end: u64) -> Result<(), Stop> {
        let world = &self.world;
        let Some(repository) = world.documents.repository(&job.repository_id).await? else { return Ok(()) };
        let made = world.documents.collections(&job.repository_id).await?;
        let mut ids: Vec<String> = made.into_iter().map(|collection| collection.collection_id).collect();
        ids.extend(repository.embedding_model_id.clone());
        // Collections of models that requests named have no record of their own; their documents name them.
        loop {
            for id in std::mem::take(&mut ids) {
                self.empty(job, &repository, &id, end).await?;
            }
            let page = world.documents.documents(&job.repository_id, None, 1, None).await?;
            match page.records.into_iter().next() {
                Some(document) => ids.push(document.collection_id),
                None => break,
            }
        }
        world.documents.delete_repository(&job.repository_id).await?;
        Ok(())
    }
}
