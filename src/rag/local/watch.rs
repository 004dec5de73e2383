//! Keeps a repository as a folder of this machine is: files that come, change and go.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use lisa_store::documents::{Chunking, Repository};

use crate::error::Error;
use crate::jobs::Order;
use crate::ports::World;
use crate::{library, names};

/// Between two looks at the folder.
const PAUSE: Duration = Duration::from_secs(2);

/// Bytes of the largest file that is taken, as of an upload.
const LARGEST: u64 = 50 << 20;

/// Folders below one another, at most: what is deeper is no place for documents, or leads in a circle.
const DEEPEST: usize = 16;

/// What a file looked like when it was last read: a file that looks the same is not read again.
type Look = (SystemTime, u64);

/// A folder that is watched.
#[derive(Debug)]
pub struct Watch {
    /// The world that its documents live in.
    pub world: World,
    /// The folder.
    pub folder: PathBuf,
    /// The repository that is kept like it.
    pub repository: Repository,
    /// Who its documents belong to.
    pub user: String,
}

impl Watch {
    /// Watches for as long as the process runs.
    pub async fn run(self) {
        let mut known: BTreeMap<PathBuf, Look> = BTreeMap::new();
        loop {
            let folder = self.folder.clone();
            let found = tokio::task::spawn_blocking(move || files(&folder)).await.unwrap_or_default();
            for (path, look) in &found {
                if known.get(path) != Some(look) {
                    told(path, self.put_in(path).await);
                }
            }
            let gone: BTreeSet<_> = known.keys().filter(|path| !found.contains_key(*path)).cloned().collect();
            for path in gone {
                told(&path, self.take_out(&path).await);
            }
            known = found;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn put_in(&self, path: &Path) -> Result<(), Error> {
        let bytes = tokio::fs::read(path).await;
        let bytes = bytes.map_err(|error| Error::Invalid(format!("it cannot be read: {error}")))?;
        let key = self.key(path)?;
        self.world.objects.put(&key, Bytes::from(bytes)).await?;
        let chunking = Chunking { kind: "structure".to_owned(), size: None, overlap: None, unit: None };
        let order = Order {
            repository: &self.repository,
            collection: &self.collection(),
            key: &key,
            chunking,
            metadata: BTreeMap::new(),
            username: &self.user,
        };
        self.world.order_ingest(order).await.map(drop)
    }

    async fn take_out(&self, path: &Path) -> Result<(), Error> {
        let (repository, collection) = (&self.repository.repository_id, self.collection().collection_id);
        let id = names::document_id(repository, &collection, &self.key(path)?);
        match self.world.documents.document(repository, &collection, &id).await? {
            Some(document) => self.world.order_delete(&document, &self.user).await.map(drop),
            None => Ok(()),
        }
    }

    fn collection(&self) -> lisa_store::documents::Collection {
        library::default_collection(
            &self.repository,
            self.repository.embedding_model_id.as_deref().unwrap_or_default(),
        )
    }

    /// The key of a file's object: its path below the folder.
    fn key(&self, path: &Path) -> Result<String, Error> {
        let below = path.strip_prefix(&self.folder).ok().and_then(Path::to_str);
        let below = below.ok_or_else(|| Error::Invalid("its name is no text".to_owned()))?;
        Ok(format!("{}/{below}", self.repository.repository_id))
    }
}

/// A file that cannot be taken is told, and looked at again once it has changed.
fn told(path: &Path, outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        tracing::warn!(file = %path.display(), reason = error.to_string(), "a document is not kept up");
    }
}

/// The files of a folder that could be documents. What begins with a dot is somebody else's business.
fn files(folder: &Path) -> BTreeMap<PathBuf, Look> {
    let mut found = BTreeMap::new();
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.filter_map(Result::ok) {
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let Ok(about) = entry.metadata() else { continue };
            if is_hidden {
                continue;
            }
            if about.is_dir() && depth < DEEPEST {
                open.push((entry.path(), depth + 1));
            } else if about.is_file() && about.len() <= LARGEST && is_document(&entry.path()) {
                let modified = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.insert(entry.path(), (modified, about.len()));
            }
        }
    }
    found
}

/// Whether files of this name's kind are read.
fn is_document(path: &Path) -> bool {
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_ascii_lowercase();
    lisa_extract::Format::extensions().contains(&kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_found_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.md", "below/b.PDF", ".git/c.md", "program.exe", ".hidden.md"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
        let found: Vec<_> = files(folder.path()).into_keys().collect();
        assert_eq!(found, [folder.path().join("a.md"), folder.path().join("below/b.PDF")]);
    }
}
