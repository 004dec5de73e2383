//! A model's way from a hub or a folder to the bucket.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use lisa_api::weights::{Manifest, ManifestFile};
use lisa_deploy::ports::Objects;
use serde::Serialize;

use crate::bucket::Standing;
use crate::choice::{self, Choice};
use crate::convert;
use crate::error::{StageError, file};
use crate::folder::{Folder, Record, sha256};
use crate::hub::{Hub, HubError, Listing};
use crate::patience::Tuning;
use crate::progress::{Phase, Progress};

/// What all models go through.
pub struct Stage<'a> {
    /// The hub; none where it is not to be asked.
    pub hub: Option<&'a Hub>,
    /// The folder that has a folder for each model.
    pub models: &'a Path,
    /// The account's buckets.
    pub objects: &'a dyn Objects,
    /// The bucket of weights.
    pub bucket: &'a str,
    /// Who is told.
    pub progress: Arc<dyn Progress>,
    /// How failures are borne.
    pub tuning: Tuning,
}

/// A model that is in the bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Staged {
    /// Its files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes that this run has stored.
    pub stored: u64,
    /// Files that were converted.
    pub converted: usize,
}

impl Stage<'_> {
    /// Brings a model to the bucket, and does only what is left to do.
    pub async fn model(&self, model: &str, revision: &str) -> Result<Staged, StageError> {
        let folder = Folder::of(self.models, model)?;
        let _own = self.taken(&folder)?;
        let source = self.gathered(model, revision, &folder).await?;
        let (choice, converted) = self.converted(model, &folder).await?;
        let files = self.checked(&choice, &folder).await?;
        let manifest = Manifest { source, complete: true, files };
        let stored = self.upload(model, &manifest, &folder).await?;
        let bytes = manifest.files.values().map(|file| file.size).sum();
        Ok(Staged { files: manifest.files.len(), bytes, stored, converted })
    }

    /// Whether what is in the bucket is a revision of the hub, as far as both say.
    pub async fn is_at(&self, model: &str, revision: &str, standing: &Standing) -> Result<bool, StageError> {
        let (Standing::Complete { source }, Some(hub)) = (standing, self.hub) else { return Ok(false) };
        let listing = self.listing(hub, model, revision).await?;
        Ok(*source == origin(model, &listing.commit))
    }

    pub(crate) async fn listing(
        &self,
        hub: &Hub,
        model: &str,
        revision: &str,
    ) -> Result<Listing, StageError> {
        Ok(self.tuning.again(HubError::passes, async || hub.list(model, revision).await).await?)
    }

    /// Keeps other runs out of the folder, which is made where a hub may fill it.
    fn taken(&self, folder: &Folder) -> Result<Option<File>, StageError> {
        if self.hub.is_some() {
            folder.make()?;
        } else if !folder.root().is_dir() {
            return Err(StageError::Offline(folder.root().to_owned()));
        }
        let own = folder.take()?;
        if own.is_none() {
            let root = folder.root().display();
            self.progress.note(&format!("the disk of `{root}` knows no locks: let no other run work there"));
        }
        Ok(own)
    }

    /// Makes sure that the folder holds the model; returns where it is from.
    async fn gathered(&self, model: &str, revision: &str, folder: &Folder) -> Result<String, StageError> {
        match (folder.record(), self.hub) {
            (None, _) if !folder.files()?.is_empty() => {
                self.progress.note(&format!("`{}` is taken as it is", folder.root().display()));
                return Ok(model.to_owned());
            }
            (None, None) => return Err(StageError::Offline(folder.root().to_owned())),
            (Some(record), None) => holds(&record, revision, folder)?,
            (_, Some(hub)) => self.download(hub, model, revision, folder).await?,
        }
        let commit = folder.record().map(|record| record.commit).unwrap_or_default();
        Ok(origin(model, &commit))
    }

    /// The model's files once nothing has to be converted any more, and how many were.
    async fn converted(&self, model: &str, folder: &Folder) -> Result<(Choice, usize), StageError> {
        let choice = chosen(model, folder)?;
        let count = choice.torch.len();
        if count == 0 {
            return Ok((choice, 0));
        }
        let (own, progress, root) = (folder.clone(), Arc::clone(&self.progress), folder.root().to_owned());
        let work = tokio::task::spawn_blocking(move || convert::all(&choice, &own, &*progress)).await;
        work.map_err(std::io::Error::other).map_err(file("convert", &root))??;
        Ok((chosen(model, folder)?, count))
    }

    /// Sizes and checksums of the files that go to the bucket.
    async fn checked(
        &self,
        choice: &Choice,
        folder: &Folder,
    ) -> Result<BTreeMap<String, ManifestFile>, StageError> {
        let sizes = folder.files()?;
        let names: Vec<String> = choice.files.clone();
        let size = |name: &String| sizes.get(name).copied().unwrap_or(0);
        self.progress.begin(Phase::Check, names.iter().map(size).sum());
        let mut files = BTreeMap::new();
        for name in names {
            let (path, progress) = (folder.place(&name), Arc::clone(&self.progress));
            let own = path.clone();
            let hashed =
                tokio::task::spawn_blocking(move || sha256(&own, &|bytes| progress.add(bytes))).await;
            let sha256 = hashed.map_err(std::io::Error::other).map_err(file("read", &path))??;
            let size = size(&name);
            files.insert(name, ManifestFile { size, sha256 });
        }
        Ok(files)
    }
}

/// Where files are from that a hub has given.
fn origin(model: &str, commit: &str) -> String {
    format!("{model}@{commit}")
}

/// Refuses a folder that is not all of a revision, where no hub can make it so.
fn holds(record: &Record, revision: &str, folder: &Folder) -> Result<(), StageError> {
    let folder = folder.root().to_owned();
    if !record.complete {
        return Err(StageError::Unfinished(folder));
    }
    if [&record.revision, &record.commit].iter().any(|known| *known == revision) {
        return Ok(());
    }
    Err(StageError::Revision { folder, there: record.revision.clone(), asked: revision.to_owned() })
}

fn chosen(model: &str, folder: &Folder) -> Result<Choice, StageError> {
    let files = folder.files()?;
    choice::choose(model, files.keys().map(String::as_str))
}
