//! A world of this process: real tables, objects and vectors in a folder, a clock and a queue that the test turns, and
//! faults at any call of any port.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use lisa_api::tables;
use lisa_store::documents::{Documents, Repository};
use lisa_store::{Database, Table};
use lisa_vectors::{CollectionName, Count, Entry, Hit, Query, VectorStore, Why};
use serde_json::Value;

use crate::embed::{EmbedError, Purpose};
use crate::error::Error;
use crate::local::{EmbeddedStores, Fixed};
use crate::ports::{Clock, Embedder, Objects, Queue, Stores, Unavailable, World};
use crate::reader::Here;
use crate::served::HttpModels;
use crate::worker::{Outcome, Worker};

/// Fails the call of this number, of all calls of all ports.
#[derive(Debug, Default)]
pub(super) struct Fault {
    calls: AtomicUsize,
    at: AtomicUsize,
}

impl Fault {
    /// The call of this number fails, counted from 1; none with 0.
    pub(super) fn at(&self, call: usize) {
        self.calls.store(0, Ordering::SeqCst);
        self.at.store(call, Ordering::SeqCst);
    }

    /// Calls since then.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn hits(&self) -> bool {
        self.calls.fetch_add(1, Ordering::SeqCst) + 1 == self.at.load(Ordering::SeqCst)
    }

    fn check(&self) -> Result<(), Unavailable> {
        if self.hits() { Err(Unavailable("a fault".to_owned())) } else { Ok(()) }
    }
}

#[derive(Debug, Default)]
pub(super) struct Time(AtomicU64, AtomicU64);

impl Clock for Time {
    fn now(&self) -> u64 {
        // Far ahead of the machine's own time, by which tables forget what has expired.
        4_000_000_000_000 + self.0.load(Ordering::SeqCst)
    }

    fn random(&self) -> u64 {
        self.1.fetch_add(1, Ordering::SeqCst)
    }
}

#[derive(Debug, Default)]
pub(super) struct Bucket {
    pub(super) objects: Mutex<BTreeMap<String, Bytes>>,
    fault: Arc<Fault>,
}

#[async_trait]
impl Objects for Bucket {
    fn place(&self) -> String {
        "s3://documents".to_owned()
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, Unavailable> {
        self.fault.check()?;
        Ok(self.objects.lock().unwrap().get(key).cloned())
    }

    async fn put(&self, key: &str, body: Bytes) -> Result<(), Unavailable> {
        self.fault.check()?;
        self.objects.lock().unwrap().insert(key.to_owned(), body);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), Unavailable> {
        self.fault.check()?;
        self.objects.lock().unwrap().remove(key);
        Ok(())
    }

    async fn upload_form(&self, key: &str, user: &str, _: u64) -> Result<Value, Unavailable> {
        Ok(serde_json::json!({ "url": "http://bucket", "fields": { "key": key, "x-amz-meta-user": user } }))
    }

    async fn link(&self, key: &str) -> Result<String, Unavailable> {
        Ok(format!("http://bucket/{key}"))
    }
}

#[derive(Debug, Default)]
pub(super) struct Messages {
    waiting: Mutex<VecDeque<String>>,
    fault: Arc<Fault>,
}

#[async_trait]
impl Queue for Messages {
    async fn send(&self, message: &str, _: Duration) -> Result<(), Unavailable> {
        self.fault.check()?;
        self.waiting.lock().unwrap().push_back(message.to_owned());
        Ok(())
    }
}

/// Embeds a text as how often the letters occur in it.
#[derive(Debug, Default)]
pub(super) struct Letters {
    pub(super) texts: AtomicUsize,
    fault: Arc<Fault>,
}

#[async_trait]
impl Embedder for Letters {
    async fn embed(&self, model: &str, _: Purpose, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        if self.fault.hits() {
            return Err(EmbedError::Busy { model: model.to_owned(), after: Duration::from_secs(1) });
        }
        self.texts.fetch_add(texts.len(), Ordering::SeqCst);
        Ok(texts.iter().map(|text| letters(text)).collect())
    }
}

fn letters(text: &str) -> Vec<f32> {
    let mut counts = vec![0.01; 26];
    for letter in text.bytes().map(|letter| letter.to_ascii_lowercase()).filter(u8::is_ascii_lowercase) {
        counts[usize::from(letter - b'a')] += 1.0;
    }
    counts
}

/// The embedded stores, whose calls may fail before they do anything.
#[derive(Debug)]
struct Failing {
    stores: EmbeddedStores,
    fault: Arc<Fault>,
}

#[derive(Debug)]
struct FailingStore {
    store: Arc<dyn VectorStore>,
    fault: Arc<Fault>,
}

#[async_trait]
impl Stores for Failing {
    async fn open(&self, repository: &Repository) -> Result<Arc<dyn VectorStore>, Error> {
        let store = self.stores.open(repository).await?;
        Ok(Arc::new(FailingStore { store, fault: Arc::clone(&self.fault) }))
    }
}

impl FailingStore {
    fn check(&self) -> Result<(), lisa_vectors::Error> {
        let down = || lisa_vectors::Error {
            store: "the store".to_owned(),
            why: Why::Unreachable,
            message: "a fault".to_owned(),
        };
        if self.fault.hits() { Err(down()) } else { Ok(()) }
    }
}

#[async_trait]
impl VectorStore for FailingStore {
    async fn ensure(&self, collection: &CollectionName, dimension: usize) -> Result<(), lisa_vectors::Error> {
        self.check()?;
        self.store.ensure(collection, dimension).await
    }

    async fn replace(
        &self,
        collection: &CollectionName,
        document: &str,
        entries: Vec<Entry>,
    ) -> Result<(), lisa_vectors::Error> {
        self.check()?;
        self.store.replace(collection, document, entries).await
    }

    async fn delete(&self, collection: &CollectionName, document: &str) -> Result<u64, lisa_vectors::Error> {
        self.check()?;
        self.store.delete(collection, document).await
    }

    async fn search(
        &self,
        collection: &CollectionName,
        query: &Query,
    ) -> Result<Vec<Hit>, lisa_vectors::Error> {
        self.store.search(collection, query).await
    }

    async fn count(&self, collection: &CollectionName) -> Result<Count, lisa_vectors::Error> {
        self.store.count(collection).await
    }

    async fn drop(&self, collection: &CollectionName) -> Result<(), lisa_vectors::Error> {
        self.check()?;
        VectorStore::drop(&*self.store, collection).await
    }
}

/// A world, and what a test turns in it.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) fault: Arc<Fault>,
    pub(super) bucket: Arc<Bucket>,
    pub(super) messages: Arc<Messages>,
    pub(super) letters: Arc<Letters>,
    pub(super) time: Arc<Time>,
}

impl Stage {
    /// A world in a folder, with these repositories of the configuration.
    pub(super) fn open(folder: &Path, repositories: Vec<Repository>) -> Self {
        let database = Database::open(folder).unwrap();
        let table: Arc<dyn Table> = Arc::new(database.table(&tables::RAG).unwrap());
        let fault = Arc::<Fault>::default();
        let bucket = Arc::new(Bucket { fault: Arc::clone(&fault), ..Bucket::default() });
        let messages = Arc::new(Messages { fault: Arc::clone(&fault), ..Messages::default() });
        let letters = Arc::new(Letters { fault: Arc::clone(&fault), ..Letters::default() });
        let time = Arc::<Time>::default();
        let stores =
            Failing { stores: EmbeddedStores::new(folder.join("vectors")), fault: Arc::clone(&fault) };
        let world = World {
            documents: Documents::new(table),
            registered: Arc::new(Fixed(repositories)),
            objects: bucket.clone(),
            queue: messages.clone(),
            embedder: letters.clone(),
            // Nobody listens there.
            models: Arc::new(HttpModels::new("http://127.0.0.1:9").unwrap()),
            stores: Arc::new(stores),
            clock: time.clone(),
            reader: Arc::new(Here),
        };
        Self { world, fault, bucket, messages, letters, time }
    }

    pub(super) fn worker(&self) -> Worker {
        Worker::new(self.world.clone(), Duration::from_mins(10), 512, 51)
    }

    pub(super) fn upload(&self, key: &str, text: &str) {
        self.bucket.objects.lock().unwrap().insert(key.to_owned(), Bytes::from(text.to_owned()));
    }

    pub(super) fn pass(&self, milliseconds: u64) {
        self.time.0.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// The message that waits longest, without handling it.
    pub(super) fn next(&self) -> Option<String> {
        self.messages.waiting.lock().unwrap().pop_front()
    }

    /// Handles messages until none is left, as the queue delivers them: those that are to come again do, and claims end
    /// in the meantime.
    pub(super) async fn settle(&self) -> Vec<Outcome> {
        let worker = self.worker();
        let mut outcomes = Vec::new();
        while let Some(message) = self.next() {
            let outcome = worker.handle(&message).await;
            self.pass(10 * 60_000);
            if matches!(outcome, Outcome::Again(_)) {
                self.messages.waiting.lock().unwrap().push_back(message);
            }
            outcomes.push(outcome);
            assert!(outcomes.len() < 100, "it never ends: {outcomes:?}");
        }
        outcomes
    }

    /// How much a repository's store holds in a collection.
    pub(super) async fn count(&self, repository: &Repository, collection: &str) -> Count {
        let collection = crate::library::default_collection(repository, collection);
        let name = crate::names::stored_name(repository, &collection).unwrap();
        let store = self.world.stores.open(repository).await.unwrap();
        store.count(&name).await.unwrap_or_default()
    }
}

/// A repository of the configuration.
pub(super) fn repository(id: &str, groups: &[&str]) -> Repository {
    Repository {
        repository_id: id.to_owned(),
        kind: "embedded".to_owned(),
        embedding_model_id: Some("letters".to_owned()),
        allowed_groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..Repository::default()
    }
}
