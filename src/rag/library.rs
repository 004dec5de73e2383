//! Finds what a request names: repositories of the configuration and of the API as one list, their collections, documents
//! and jobs, each authorized once it is loaded.

use lisa_auth::Caller;
use lisa_store::documents::{Collection, Document, Job, Repository};

use crate::access::{Act, Resource, authorize};
use crate::error::Error;
use crate::ports::World;

impl World {
    /// Every repository that the caller may see, those of the configuration first.
    pub async fn repositories(&self, caller: &Caller) -> Result<Vec<Repository>, Error> {
        let mut repositories = self.registered.all().await?;
        for made in self.documents.repositories().await? {
            if repositories.iter().all(|known| known.repository_id != made.repository_id) {
                repositories.push(made);
            }
        }
        repositories
            .retain(|repository| authorize(caller, Act::Read, Resource::Repository(repository)).is_ok());
        Ok(repositories)
    }

    /// A repository by its id, whoever asks. The configuration goes before the API.
    pub async fn load_repository(&self, id: &str) -> Result<Option<Repository>, Error> {
        let registered = self.registered.all().await?;
        match registered.into_iter().find(|repository| repository.repository_id == id) {
            Some(repository) => Ok(Some(repository)),
            None => Ok(self.documents.repository(id).await?),
        }
    }

    /// A repository that the caller may do this with.
    pub async fn repository(&self, caller: &Caller, act: Act, id: &str) -> Result<Repository, Error> {
        let repository = self.load_repository(id).await?;
        let repository = repository.ok_or_else(|| Error::not_found("repository", id))?;
        authorize(caller, act, Resource::Repository(&repository))?;
        Ok(repository)
    }

    /// A collection of a repository, whoever asks: the one of this id, or the default one of an embedding model, which is
    /// there without anybody having made it.
    pub async fn load_collection(
        &self,
        repository: &Repository,
        id: &str,
    ) -> Result<Option<Collection>, Error> {
        if let Some(collection) = self.documents.collection(&repository.repository_id, id).await? {
            return Ok(Some(collection));
        }
        let is_default = repository.embedding_model_id.as_deref() == Some(id);
        Ok(is_default.then(|| default_collection(repository, id)))
    }

    /// A collection that the caller may do this with.
    pub async fn collection(
        &self,
        caller: &Caller,
        act: Act,
        repository: &Repository,
        id: &str,
    ) -> Result<Collection, Error> {
        let collection = self.load_collection(repository, id).await?;
        let collection = collection.ok_or_else(|| Error::not_found("collection", id))?;
        authorize(caller, act, Resource::Collection(repository, &collection))?;
        Ok(collection)
    }

    /// The collections of a repository that the caller may see, with the default one.
    pub async fn collections(
        &self,
        caller: &Caller,
        repository: &Repository,
    ) -> Result<Vec<Collection>, Error> {
        let mut collections = self.documents.collections(&repository.repository_id).await?;
        if let Some(model) = &repository.embedding_model_id
            && collections.iter().all(|collection| collection.collection_id != *model)
        {
            collections.insert(0, default_collection(repository, model));
        }
        collections.retain(|collection| {
            authorize(caller, Act::Read, Resource::Collection(repository, collection)).is_ok()
        });
        Ok(collections)
    }

    /// A document that the caller may do this with, and its collection.
    pub async fn document(
        &self,
        caller: &Caller,
        act: Act,
        repository: &Repository,
        id: &str,
    ) -> Result<(Collection, Document), Error> {
        let missing = || Error::not_found("document", id);
        let document = self.documents.find_document(id).await?.ok_or_else(missing)?;
        // The index may lag behind: what counts is the item.
        let document = self
            .documents
            .document(&document.repository_id, &document.collection_id, id)
            .await?
            .ok_or_else(missing)?;
        if document.repository_id != repository.repository_id {
            return Err(missing());
        }
        let collection =
            self.load_collection(repository, &document.collection_id).await?.ok_or_else(missing)?;
        authorize(caller, act, Resource::Document(repository, &collection, &document))?;
        Ok((collection, document))
    }

    /// A job that the caller may do this with.
    pub async fn job(
        &self,
        caller: &Caller,
        act: Act,
        repository: &Repository,
        id: &str,
    ) -> Result<Job, Error> {
        let job = self.documents.job(&repository.repository_id, id).await?;
        let job = job.ok_or_else(|| Error::not_found("job", id))?;
        let collection = self.load_collection(repository, &job.collection_id).await?;
        authorize(caller, act, Resource::Job(repository, collection.as_ref(), &job))?;
        Ok(job)
    }
}

/// The collection of an embedding model, as 3.x has it: its id is the model's.
pub(crate) fn default_collection(repository: &Repository, model: &str) -> Collection {
    Collection {
        collection_id: model.to_owned(),
        repository_id: repository.repository_id.clone(),
        name: model.to_owned(),
        embedding_model: model.to_owned(),
        allow_chunking_override: true,
        status: "ACTIVE".to_owned(),
        ..Collection::default()
    }
}
