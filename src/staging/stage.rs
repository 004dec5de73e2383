//! A model's way from a hub or a folder to the bucket.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lisa_api::weights::{Manifest, ManifestFile};
use lisa_deploy::ports::Objects;
use serde::Serialize;

use crate::choice::{self, Choice};
use crate::convert;
use crate::error::{StageError, file};
use crate::folder::{Folder, sha256};
use crate::hub::Hub;
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

/// How failures are borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// How often a call may fail in a row without a byte of progress.
    pub attempts: u32,
    /// The pause after the first failure; it doubles.
    pub pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { attempts: 6, pause: Duration::from_millis(500), longest_pause: Duration::from_secs(20) }
    }
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
        let source = self.gathered(model, revision, &folder).await?;
        let (choice, converted) = self.converted(model, &folder).await?;
        let files = self.checked(&choice, &folder).await?;
        let manifest = Manifest { source, files };
        let stored = self.upload(model, &manifest, &folder).await?;
        let bytes = manifest.files.values().map(|file| file.size).sum();
        Ok(Staged { files: manifest.files.len(), bytes, stored, converted })
    }

    /// Makes sure that the folder holds the model; returns where it is from.
    async fn gathered(&self, model: &str, revision: &str, folder: &Folder) -> Result<String, StageError> {
        let (record, files) = (folder.record(), folder.files()?);
        match record {
            None if !files.is_empty() => {
                self.progress.note(&format!("`{}` is taken as it is", folder.root().display()));
                return Ok(model.to_owned());
            }
            None if self.hub.is_none() => return Err(StageError::Offline(folder.root().to_owned())),
            Some(record) if record.complete && self.hub.is_none() => {}
            _ => self.download(model, revision, folder).await?,
        }
        let commit = folder.record().map(|record| record.commit).unwrap_or_default();
        Ok(format!("{model}@{commit}"))
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

fn chosen(model: &str, folder: &Folder) -> Result<Choice, StageError> {
    let files = folder.files()?;
    choice::choose(model, files.keys().map(String::as_str))
}
