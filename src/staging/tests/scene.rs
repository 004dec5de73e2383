//! A hub with a model, a folder, a bucket, and a stage between them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lisa_api::weights::{MANIFEST, Manifest};
use lisa_staging::{Phase, Progress, Stage, StageError, Staged, Standing, Tuning};
use lisa_testkit::Hub;
use tempfile::TempDir;

use crate::bucket::Memory;

pub(crate) const MODEL: &str = "org/model";

#[derive(Default)]
pub(crate) struct Told {
    pub(crate) downloaded: AtomicU64,
    phase: AtomicU64,
}

impl Progress for Told {
    fn begin(&self, phase: Phase, _: u64) {
        self.phase.store(u64::from(phase == Phase::Download), Ordering::SeqCst);
    }

    fn add(&self, bytes: u64) {
        self.downloaded.fetch_add(bytes * self.phase.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    fn note(&self, _: &str) {}
}

pub(crate) struct Scene {
    pub(crate) hub: Hub,
    pub(crate) models: TempDir,
    pub(crate) bucket: Memory,
    pub(crate) told: Arc<Told>,
}

/// Bytes that differ from place to place.
pub(crate) fn bytes(length: usize, seed: u8) -> Vec<u8> {
    let byte = |index: usize| u8::try_from(index % 251).unwrap().wrapping_mul(7).wrapping_add(seed);
    (0..length).map(byte).collect()
}

impl Scene {
    pub(crate) fn new() -> Self {
        let hub = Hub::start().unwrap();
        hub.put("config.json", "{\"model_type\":\"llama\"}");
        hub.put("model-00001-of-00002.safetensors", bytes(300_000, 1));
        hub.put("model-00002-of-00002.safetensors", bytes(200_001, 2));
        hub.put("model.safetensors.index.json", "{}");
        hub.put("tokenizer with a space.json", bytes(5_000, 3));
        hub.put("pytorch_model.bin", "not wanted");
        let models = tempfile::tempdir().unwrap();
        Self { hub, models, bucket: Memory::default(), told: Arc::default() }
    }

    pub(crate) async fn stage(&self) -> Result<Staged, StageError> {
        self.stage_of(true).await
    }

    pub(crate) async fn stage_of(&self, online: bool) -> Result<Staged, StageError> {
        self.on_stage(online, async |stage| stage.model(MODEL, "main").await).await
    }

    /// Does something with a stage, which has a hub or has none.
    pub(crate) async fn on_stage<T>(&self, online: bool, act: impl AsyncFnOnce(Stage<'_>) -> T) -> T {
        let url = self.hub.url();
        let hub = online.then_some(url.as_str());
        on_stage(hub, self.models.path(), &self.bucket, self.told.clone(), act).await
    }

    /// What the bucket has.
    pub(crate) async fn stands(&self) -> Standing {
        self.on_stage(false, async |stage| stage.standing(MODEL).await.unwrap()).await
    }

    /// Where a file is on this machine.
    pub(crate) fn local(&self, name: &str) -> PathBuf {
        self.models.path().join(MODEL).join(name)
    }

    pub(crate) fn manifest(&self) -> Manifest {
        serde_json::from_slice(&self.bucket.bytes(&format!("{MODEL}/{MANIFEST}"))).unwrap()
    }

    /// The bucket holds exactly these files of the hub, byte by byte, and a manifest of them.
    pub(crate) fn is_whole(&self, names: &[&str]) {
        let mut expected: Vec<String> = names.iter().map(|name| format!("{MODEL}/{name}")).collect();
        expected.push(format!("{MODEL}/{MANIFEST}"));
        expected.sort();
        assert_eq!(self.bucket.keys(), expected);
        let shelves = self.hub.shelves();
        for name in names {
            assert!(self.bucket.bytes(&format!("{MODEL}/{name}"))[..] == shelves.files[*name], "{name}");
        }
        let manifest = self.manifest();
        assert_eq!(manifest.files.keys().collect::<Vec<_>>(), names);
    }
}

/// Does something with a stage between the hub at an address, a folder and a bucket.
pub(crate) async fn on_stage<T>(
    url: Option<&str>,
    models: &Path,
    bucket: &Memory,
    progress: Arc<Told>,
    act: impl AsyncFnOnce(Stage<'_>) -> T,
) -> T {
    let hub = url.map(|url| lisa_staging::Hub::new(url, Some("hf_token"), None).unwrap());
    let tuning =
        Tuning { attempts: 4, pause: Duration::from_millis(1), longest_pause: Duration::from_millis(4) };
    act(Stage { hub: hub.as_ref(), models, objects: bucket, bucket: "weights", progress, tuning }).await
}

/// The files of [`Scene::new`] that engines load.
pub(crate) const FILES: [&str; 5] = [
    "config.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
    "tokenizer with a space.json",
];
