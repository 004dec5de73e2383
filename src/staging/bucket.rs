//! A model's folder in the bucket: what is there, what has to go there, and the manifest that says it is all.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lisa_api::weights::{MANIFEST, Manifest, ManifestFile};
use lisa_deploy::ports::objects::{Body, NewObject};
use lisa_deploy::ports::{Call, CallError, Objects};
use serde::Serialize;

use crate::error::StageError;
use crate::folder::Folder;
use crate::progress::Phase;
use crate::stage::Stage;

/// Files that go at once, each in parts side by side.
const FILES: usize = 2;

/// Where an object says which content it has.
const SHA256: &str = "sha256";

/// What a bucket has of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "camelCase")]
pub enum Standing {
    /// Everything that its manifest names.
    Complete {
        /// Where that is from: a repository and its commit, or a folder.
        source: String,
    },
    /// Weights without a manifest: somebody else has brought them.
    Unlisted,
    /// Less than its manifest names, an upload that was not finished, or files without weights.
    Partial {
        /// A file that is missing or of another size; none where every file is there that is known of.
        lacks: Option<String>,
    },
    /// Nothing.
    Absent,
}

impl Standing {
    /// Whether hosts can load it.
    pub const fn is_there(&self) -> bool {
        matches!(self, Self::Complete { .. } | Self::Unlisted)
    }
}

/// A model's folder in the bucket.
pub(crate) struct Shelf {
    /// Path to bytes, the manifest left out.
    sizes: BTreeMap<String, u64>,
    manifest: Option<Manifest>,
}

impl Shelf {
    async fn read(objects: &dyn Objects, bucket: &str, model: &str) -> Call<Self> {
        let prefix = format!("{model}/");
        let listed = objects.list(bucket, &prefix).await?;
        let name = |key: &str| key.strip_prefix(&prefix).filter(|name| !name.is_empty()).map(str::to_owned);
        let mut sizes: BTreeMap<String, u64> =
            listed.iter().filter_map(|object| Some((name(&object.key)?, object.size))).collect();
        let manifest = match sizes.remove(MANIFEST) {
            // One that is not understood names nothing that could be relied on.
            Some(_) => {
                serde_json::from_slice(&objects.get(bucket, &format!("{prefix}{MANIFEST}")).await?).ok()
            }
            None => None,
        };
        Ok(Self { sizes, manifest })
    }

    /// Upstream's criterion holds where there is no manifest: any safetensors.
    fn standing(&self) -> Standing {
        match &self.manifest {
            Some(manifest) => match manifest.lacks(|name| self.sizes.get(name).copied()) {
                None if manifest.complete => Standing::Complete { source: manifest.source.clone() },
                lacks => Standing::Partial { lacks: lacks.map(str::to_owned) },
            },
            None if self.sizes.keys().any(|name| name.contains("safetensor")) => Standing::Unlisted,
            None if self.sizes.is_empty() => Standing::Absent,
            None => Standing::Partial { lacks: None },
        }
    }

    /// Whether a file is there by the word of the manifest. One that is not complete names what was to come.
    fn has(&self, name: &str, file: &ManifestFile) -> bool {
        let complete = self.manifest.as_ref().filter(|manifest| manifest.complete);
        let named = complete.and_then(|manifest| manifest.files.get(name));
        named == Some(file) && self.sizes.get(name) == Some(&file.size)
    }
}

impl Stage<'_> {
    /// What the bucket has of a model.
    pub async fn standing(&self, model: &str) -> Result<Standing, StageError> {
        Ok(self.shelf(model).await?.standing())
    }

    /// Stores what the bucket lacks; returns how many bytes that were.
    pub(crate) async fn upload(
        &self,
        model: &str,
        manifest: &Manifest,
        folder: &Folder,
    ) -> Result<u64, StageError> {
        let before = self.shelf(model).await?;
        match &before.manifest {
            Some(known) if known.files == manifest.files && before.standing().is_there() => {
                // The same content may be of another commit.
                let is_told = known.source == manifest.source;
                return if is_told { Ok(0) } else { self.declare(model, manifest).await.map(|()| 0) };
            }
            _ => {}
        }
        let mut missing = Vec::new();
        for (name, file) in &manifest.files {
            if !before.has(name, file) && !self.holds(model, name, file, &before).await? {
                missing.push((name.as_str(), file));
            }
        }
        let bytes = missing.iter().map(|(_, file)| file.size).sum();
        self.announce(model, manifest, &before).await?;
        self.progress.begin(Phase::Upload, bytes);
        let stored = stream::iter(missing).map(|(name, file)| self.store(model, name, file, folder));
        stored.buffer_unordered(FILES).try_collect::<()>().await?;
        self.settle(model, manifest, &before).await?;
        Ok(bytes)
    }

    /// Says in the manifest's place that files change, which ones come, and which were there: should this run be cut, the
    /// next one knows what to bring and what to remove, and no host takes the model for whole.
    async fn announce(&self, model: &str, manifest: &Manifest, before: &Shelf) -> Result<(), StageError> {
        let mut files = before.manifest.as_ref().map(|manifest| manifest.files.clone()).unwrap_or_default();
        files.extend(manifest.files.clone());
        self.declare(model, &Manifest { source: manifest.source.clone(), complete: false, files }).await
    }

    /// Removes what the manifest before named and this one does not, makes sure of all sizes, and writes the manifest.
    async fn settle(&self, model: &str, manifest: &Manifest, before: &Shelf) -> Result<(), StageError> {
        let named: BTreeSet<&String> =
            before.manifest.iter().flat_map(|manifest| manifest.files.keys()).collect();
        let stale = named.into_iter().filter(|name| !manifest.files.contains_key(*name));
        let stale: Vec<String> = stale.map(|name| format!("{model}/{name}")).collect();
        if !stale.is_empty() {
            self.delete(&stale).await?;
        }
        let after = self.shelf(model).await?;
        if let Some(name) = manifest.lacks(|name| after.sizes.get(name).copied()) {
            return Err(StageError::Stored(format!("{model}/{name}")));
        }
        self.declare(model, manifest).await
    }

    async fn declare(&self, model: &str, manifest: &Manifest) -> Result<(), StageError> {
        let text = serde_json::to_vec_pretty(manifest).map_err(|error| StageError::File {
            action: "write",
            path: MANIFEST.into(),
            source: error.into(),
        })?;
        let object = self.object(model, MANIFEST, Body::Bytes(text.into()), BTreeMap::new());
        self.again(async || self.objects.put(&object, &|_| ()).await).await
    }

    async fn shelf(&self, model: &str) -> Result<Shelf, StageError> {
        self.again(async || Shelf::read(self.objects, self.bucket, model).await).await
    }

    /// Whether an object of that size says that it has that content.
    async fn holds(
        &self,
        model: &str,
        name: &str,
        file: &ManifestFile,
        there: &Shelf,
    ) -> Result<bool, StageError> {
        if there.sizes.get(name) != Some(&file.size) {
            return Ok(false);
        }
        let key = format!("{model}/{name}");
        let head = self.again(async || self.objects.head(self.bucket, &key).await).await?;
        Ok(head.is_some_and(|object| object.metadata.get(SHA256) == Some(&file.sha256)))
    }

    async fn store(
        &self,
        model: &str,
        name: &str,
        file: &ManifestFile,
        folder: &Folder,
    ) -> Result<(), StageError> {
        let metadata = BTreeMap::from([(SHA256.to_owned(), file.sha256.clone())]);
        let object = self.object(model, name, Body::File(folder.place(name)), metadata);
        self.again(async || self.objects.put(&object, &|bytes| self.progress.add(bytes)).await).await
    }

    fn object(&self, model: &str, name: &str, body: Body, metadata: BTreeMap<String, String>) -> NewObject {
        let is_json = std::path::Path::new(name).extension().is_some_and(|end| end == "json");
        let content_type = if is_json { "application/json" } else { "application/octet-stream" };
        NewObject {
            bucket: self.bucket.to_owned(),
            key: format!("{model}/{name}"),
            body,
            content_type: content_type.to_owned(),
            content_encoding: None,
            cache_control: None,
            metadata,
        }
    }

    async fn delete(&self, keys: &[String]) -> Result<(), StageError> {
        self.again(async || self.objects.delete(self.bucket, keys).await).await
    }

    /// Makes a call again that may succeed later: the ports themselves do not.
    async fn again<T>(&self, call: impl AsyncFn() -> Call<T>) -> Result<T, StageError> {
        Ok(self.tuning.again(|error: &CallError| error.kind.is_transient(), call).await?)
    }
}
