//! The world on one machine: a folder of objects, tables and vectors in files, a queue in this process. The same API and
//! the same worker run over it as in AWS.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use lisa_api::tables;
use lisa_store::Database;
use lisa_store::documents::{Documents, Repository};
use lisa_vectors::{Embedded, VectorStore};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};

use crate::error::Error;
use crate::ports::{
    Clock as _, Embedder, Models, Objects, Queue, Registered, Stores, SystemClock, Unavailable, World,
};
use crate::reader::Reader;
use crate::worker::{Outcome, Worker};

mod objects;
mod watch;

pub use objects::routes;
pub use watch::Watch;

/// Jobs that are done at once.
const WORKERS: usize = 2;

/// Where a local deployment keeps what it has, and what it embeds with.
#[derive(Debug)]
pub struct Options {
    /// The folder.
    pub folder: PathBuf,
    /// The URL that clients reach the service by: uploads and downloads go there.
    pub url: String,
    /// Repositories that are there from the start.
    pub repositories: Vec<Repository>,
    /// The embedding models.
    pub embedder: Arc<dyn Embedder>,
    /// The chat models.
    pub models: Arc<dyn Models>,
    /// What reads documents.
    pub reader: Arc<dyn Reader>,
}

/// A world, and the jobs that wait in it.
#[derive(Debug)]
pub struct Local {
    /// The world.
    pub world: World,
    /// The objects, for [`routes`].
    pub objects: Arc<Folder>,
    messages: mpsc::UnboundedReceiver<String>,
}

impl Local {
    /// Opens, or makes, what is in a folder.
    pub fn open(options: Options) -> Result<Self, Error> {
        let Options { folder, url, repositories, embedder, models, reader } = options;
        let database = Database::open(&folder)?;
        let (sender, messages) = mpsc::unbounded_channel();
        let token = format!("{:016x}{:016x}", SystemClock.random(), SystemClock.random());
        let objects = Arc::new(Folder { root: folder.join("documents"), url, token });
        let world = World {
            documents: Documents::new(Arc::new(database.table(&tables::RAG)?)),
            registered: Arc::new(Fixed(repositories)),
            objects: objects.clone(),
            queue: Arc::new(Channel(sender)),
            embedder,
            models,
            stores: Arc::new(EmbeddedStores { root: folder.join("vectors"), open: Mutex::default() }),
            clock: Arc::new(SystemClock),
            reader,
        };
        Ok(Self { world, objects, messages })
    }

    /// Does jobs for as long as the world is there. Those that waited when the last process ended are done first.
    pub async fn work(self, worker: Worker) {
        let Self { world, mut messages, .. } = self;
        resume(&world).await;
        let slots = Arc::new(tokio::sync::Semaphore::new(WORKERS));
        while let Some(message) = messages.recv().await {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            let (worker, queue) = (worker.clone(), Arc::clone(&world.queue));
            tokio::spawn(async move {
                if let Outcome::Again(reason) = worker.handle(&message).await {
                    tracing::warn!(reason, "a job is tried again");
                    // A channel of this process takes it.
                    let _ = queue.send(&message, Duration::from_secs(5)).await;
                }
                drop(slot);
            });
        }
    }
}

/// Sends the jobs that are not over, which a queue of the last process had.
async fn resume(world: &World) {
    let registered = world.registered.all().await.unwrap_or_default();
    let made = world.documents.repositories().await.unwrap_or_default();
    for repository in registered.into_iter().chain(made) {
        let mut start = None;
        while let Ok(page) = world.documents.jobs(&repository.repository_id, 0, 100, start).await {
            for job in page.records.iter().filter(|job| !job.status.is_final()) {
                // Nobody else works in this folder: what was claimed is free.
                let _ = world.retry_anyway(job).await;
            }
            start = page.next;
            if start.is_none() {
                break;
            }
        }
    }
}

/// Repositories that do not change.
#[derive(Debug)]
pub struct Fixed(pub Vec<Repository>);

#[async_trait]
impl Registered for Fixed {
    async fn all(&self) -> Result<Vec<Repository>, Unavailable> {
        Ok(self.0.clone())
    }
}

/// A queue in this process.
#[derive(Debug)]
struct Channel(mpsc::UnboundedSender<String>);

#[async_trait]
impl Queue for Channel {
    async fn send(&self, message: &str, after: Duration) -> Result<(), Unavailable> {
        let (sender, message) = (self.0.clone(), message.to_owned());
        if after.is_zero() {
            return sender.send(message).map_err(|_| Unavailable("the worker has ended".to_owned()));
        }
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            // Whoever waited has ended.
            let _ = sender.send(message);
        });
        Ok(())
    }
}

/// Objects as files in a folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    url: String,
    /// Part of every upload form and link: nobody else knows it.
    token: String,
}

impl Folder {
    fn path(&self, key: &str) -> Result<PathBuf, Unavailable> {
        let is_part = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
        if !key.split('/').all(is_part) {
            return Err(Unavailable(format!("`{key}` is no key")));
        }
        Ok(key.split('/').fold(self.root.clone(), |path, part| path.join(part)))
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Unavailable {
    Unavailable(format!("`{}`: {error}", path.display()))
}

#[async_trait]
impl Objects for Folder {
    fn place(&self) -> String {
        "s3://local".to_owned()
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, Unavailable> {
        let path = self.path(key)?;
        match tokio::fs::read(&path).await {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&path, &error)),
        }
    }

    async fn put(&self, key: &str, body: Bytes) -> Result<(), Unavailable> {
        let path = self.path(key)?;
        let folder = path.parent().unwrap_or(&self.root);
        tokio::fs::create_dir_all(folder).await.map_err(|error| failed(folder, &error))?;
        // A reader sees all of the old or all of the new.
        let fresh = path.with_extension(format!("{:016x}.part", SystemClock.random()));
        tokio::fs::write(&fresh, &body).await.map_err(|error| failed(&fresh, &error))?;
        tokio::fs::rename(&fresh, &path).await.map_err(|error| failed(&path, &error))
    }

    async fn delete(&self, key: &str) -> Result<(), Unavailable> {
        let path = self.path(key)?;
        match tokio::fs::remove_file(&path).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(&path, &error)),
            _ => Ok(()),
        }
    }

    async fn upload_form(&self, key: &str, user: &str, _largest: u64) -> Result<Value, Unavailable> {
        let fields = json!({ "key": key, "x-amz-meta-user": user });
        Ok(json!({ "url": format!("{}/local/objects/{}", self.url, self.token), "fields": fields }))
    }

    async fn link(&self, key: &str) -> Result<String, Unavailable> {
        Ok(format!("{}/local/objects/{}/{}", self.url, self.token, key))
    }
}

/// Embedded stores, a folder for each repository.
#[derive(Debug)]
pub struct EmbeddedStores {
    root: PathBuf,
    open: Mutex<HashMap<String, Arc<dyn VectorStore>>>,
}

impl EmbeddedStores {
    /// Stores below a folder.
    pub fn new(root: PathBuf) -> Self {
        Self { root, open: Mutex::default() }
    }
}

#[async_trait]
impl Stores for EmbeddedStores {
    async fn open(&self, repository: &Repository) -> Result<Arc<dyn VectorStore>, Error> {
        let mut open = self.open.lock().await;
        if let Some(store) = open.get(&repository.repository_id) {
            return Ok(Arc::clone(store));
        }
        let store: Arc<dyn VectorStore> =
            Arc::new(Embedded::open(crate::aws::folder_of(repository, &self.root))?);
        open.insert(repository.repository_id.clone(), Arc::clone(&store));
        Ok(store)
    }
}
