//! Repositories, their collections and documents, and the jobs that change them: one table, described in the `rag` stack.
//!
//! | item | `pk` | `sk` | `gsi1pk` / `gsi1sk` |
//! |---|---|---|---|
//! | repository | `repository` | `<repositoryId>` | |
//! | collection | `repository#<id>` | `collection#<collectionId>` | |
//! | document | `repository#<id>` | `document#<collectionId>#<documentId>` | `document#<documentId>` / `<collectionId>` |
//! | job | `repository#<id>` | `job#<created>#<jobId>` | `job#<jobId>` / `<created>` |
//!
//! A job's id begins with its time, so that it is read by its key and never from the index.

mod records;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::condition::Condition;
use crate::error::Error;
use crate::table::{self, Cursor, Item, Key, Query, Range, Table};

pub use records::{
    Action, Chunking, Collection, Document, DocumentStatus, Job, JobError, JobStatus, Progress, Repository,
};

/// The partition of all repositories.
const REPOSITORIES: &str = "repository";

/// A page of records.
#[derive(Clone, Debug)]
pub struct Records<T> {
    /// The records, in order.
    pub records: Vec<T>,
    /// Where the next page starts.
    pub next: Option<Cursor>,
}

/// The typed table. A clone is the same table.
#[derive(Clone, Debug)]
pub struct Documents {
    table: Arc<dyn Table>,
}

impl Documents {
    /// Over a table with the keys of [`lisa_api::tables::RAG`].
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// Every repository that was made by the API.
    pub async fn repositories(&self) -> Result<Vec<Repository>, Error> {
        let items = table::all(&*self.table, Query::partition(REPOSITORIES).consistent()).await?;
        items.into_iter().map(|item| self.read(item)).collect()
    }

    /// A repository that was made by the API.
    pub async fn repository(&self, id: &str) -> Result<Option<Repository>, Error> {
        self.get(Key::pair(REPOSITORIES, id)).await
    }

    /// Puts a repository; a new one fails where there is one of its id.
    pub async fn put_repository(&self, repository: &Repository, is_new: bool) -> Result<(), Error> {
        let keys = [("pk", REPOSITORIES.to_owned()), ("sk", repository.repository_id.clone())];
        self.put(repository, &keys, is_new.then_some(Condition::Missing)).await
    }

    /// Removes a repository's own item.
    pub async fn delete_repository(&self, id: &str) -> Result<(), Error> {
        self.table.delete(&Key::pair(REPOSITORIES, id), None).await.map(drop)
    }

    /// The collections of a repository, by their ids.
    pub async fn collections(&self, repository: &str) -> Result<Vec<Collection>, Error> {
        let query = Query::partition(partition(repository)).range(Range::Prefix("collection#".to_owned()));
        let items = table::all(&*self.table, query.consistent()).await?;
        items.into_iter().map(|item| self.read(item)).collect()
    }

    /// A collection of a repository.
    pub async fn collection(&self, repository: &str, id: &str) -> Result<Option<Collection>, Error> {
        self.get(Key::pair(partition(repository), format!("collection#{id}"))).await
    }

    /// Puts a collection; a new one fails where there is one of its id.
    pub async fn put_collection(&self, collection: &Collection, is_new: bool) -> Result<(), Error> {
        let sort = format!("collection#{}", collection.collection_id);
        let keys = [("pk", partition(&collection.repository_id)), ("sk", sort)];
        self.put(collection, &keys, is_new.then_some(Condition::Missing)).await
    }

    /// Removes a collection's own item.
    pub async fn delete_collection(&self, repository: &str, id: &str) -> Result<(), Error> {
        let key = Key::pair(partition(repository), format!("collection#{id}"));
        self.table.delete(&key, None).await.map(drop)
    }

    /// A document, where its collection is known.
    pub async fn document(
        &self,
        repository: &str,
        collection: &str,
        id: &str,
    ) -> Result<Option<Document>, Error> {
        self.get(Key::pair(partition(repository), document_sort(collection, id))).await
    }

    /// A document of any repository and collection: who asks has to look at what it is of. A document that was put a
    /// moment ago may be missed.
    pub async fn find_document(&self, id: &str) -> Result<Option<Document>, Error> {
        let page = self.table.query(Query::index("gsi1", format!("document#{id}")).limit(1)).await?;
        page.items.into_iter().next().map(|item| self.read(item)).transpose()
    }

    /// A page of a repository's documents, or of one collection's.
    pub async fn documents(
        &self,
        repository: &str,
        collection: Option<&str>,
        limit: u32,
        start: Option<Cursor>,
    ) -> Result<Records<Document>, Error> {
        let prefix = collection.map_or("document#".to_owned(), |id| document_sort(id, ""));
        let query = Query::partition(partition(repository)).range(Range::Prefix(prefix)).consistent();
        self.page(query.limit(limit).start(start)).await
    }

    /// Puts a document, if the one that is there is as the condition says.
    pub async fn put_document(&self, document: &Document, condition: Option<Condition>) -> Result<(), Error> {
        let keys = [
            ("pk", partition(&document.repository_id)),
            ("sk", document_sort(&document.collection_id, &document.document_id)),
            ("gsi1pk", format!("document#{}", document.document_id)),
            ("gsi1sk", document.collection_id.clone()),
        ];
        self.put(document, &keys, condition).await
    }

    /// Removes a document's item, if it is as the condition says.
    pub async fn delete_document(
        &self,
        document: &Document,
        condition: Option<Condition>,
    ) -> Result<(), Error> {
        let sort = document_sort(&document.collection_id, &document.document_id);
        self.table.delete(&Key::pair(partition(&document.repository_id), sort), condition).await.map(drop)
    }

    /// A job of a repository, as it is at this moment.
    pub async fn job(&self, repository: &str, id: &str) -> Result<Option<Job>, Error> {
        self.get(Key::pair(partition(repository), job_sort(id))).await
    }

    /// A page of a repository's jobs, the newest first, made at or after a time in milliseconds since 1970.
    pub async fn jobs(
        &self,
        repository: &str,
        since: u64,
        limit: u32,
        start: Option<Cursor>,
    ) -> Result<Records<Job>, Error> {
        let range = Range::Between(format!("job#{since:013}"), "job#~".to_owned());
        let query = Query::partition(partition(repository)).range(range).descending();
        self.page(query.limit(limit).start(start)).await
    }

    /// Puts a job, if the one that is there is as the condition says.
    pub async fn put_job(&self, job: &Job, condition: Option<Condition>) -> Result<(), Error> {
        let created = job.job_id.split('-').next().unwrap_or_default().to_owned();
        let keys = [
            ("pk", partition(&job.repository_id)),
            ("sk", job_sort(&job.job_id)),
            ("gsi1pk", format!("job#{}", job.job_id)),
            ("gsi1sk", created),
        ];
        self.put(job, &keys, condition).await
    }

    async fn get<T: DeserializeOwned>(&self, key: Key) -> Result<Option<T>, Error> {
        let item = self.table.get(&key).await?;
        item.map(|item| self.read(item)).transpose()
    }

    async fn page<T: DeserializeOwned>(&self, query: Query) -> Result<Records<T>, Error> {
        let page = self.table.query(query).await?;
        let records = page.items.into_iter().map(|item| self.read(item)).collect::<Result<_, _>>()?;
        Ok(Records { records, next: page.next })
    }

    async fn put(
        &self,
        record: &impl Serialize,
        keys: &[(&str, String)],
        condition: Option<Condition>,
    ) -> Result<(), Error> {
        let invalid =
            |reason: String| Error::Invalid { table: self.table.described().name.to_owned(), reason };
        let record = serde_json::to_value(record).map_err(|error| invalid(error.to_string()))?;
        let Value::Object(mut item) = record else { return Err(invalid("a record is an object".to_owned())) };
        item.extend(keys.iter().map(|(name, value)| ((*name).to_owned(), Value::String(value.clone()))));
        self.table.put(item, condition).await
    }

    fn read<T: DeserializeOwned>(&self, item: Item) -> Result<T, Error> {
        serde_json::from_value(Value::Object(item)).map_err(|error| Error::Invalid {
            table: self.table.described().name.to_owned(),
            reason: format!("an item cannot be understood: {error}"),
        })
    }
}

fn partition(repository: &str) -> String {
    format!("repository#{repository}")
}

fn document_sort(collection: &str, document: &str) -> String {
    format!("document#{collection}#{document}")
}

/// The id begins with the time in thirteen digits, which is what jobs are ordered by.
fn job_sort(id: &str) -> String {
    let created = id.split('-').next().unwrap_or_default();
    format!("job#{created}#{id}")
}

#[cfg(test)]
mod tests;
