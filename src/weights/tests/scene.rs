//! A server with a folder of weights, a directory to bring them to, and what is to be said of it afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use lisa_signed::{Session, Wire};
use lisa_weights::{Bucket, Config, Copied, CopyError, HIDDEN, Tuning, copy};
use tempfile::TempDir;

use crate::random::Random;
use lisa_testkit::s3::{Content, Server};

/// The folder of the model.
pub(crate) const FOLDER: &str = "org/model/";

/// Small enough that every object but the smallest has several.
pub(crate) const PART: u64 = 4096;

/// Names and sizes of a small model's files.
const FILES: [(&str, usize); 8] = [
    ("config.json", 300),
    ("empty", 0),
    ("merges with a space.txt", 4096),
    ("model-00001-of-00002.safetensors", 40_000),
    ("model-00002-of-00002.safetensors", 20_481),
    ("model.safetensors.index.json", 5000),
    ("onnx/deep/model.onnx", 12_288),
    ("tokenizer.json", 8191),
];

pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) directory: TempDir,
    pub(crate) tuning: Tuning,
    /// Path to content.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Scene {
    /// A scene with a model's files on the server.
    pub(crate) fn new(seed: u64) -> Self {
        let tuning = Tuning {
            part: PART,
            reads: 4,
            attempts: 5,
            pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(4),
            rounds: 3,
            report: Duration::from_secs(10),
        };
        let directory = tempfile::tempdir().expect("a directory");
        let mut scene =
            Self { server: Server::start().expect("a server"), directory, tuning, files: BTreeMap::new() };
        scene.fill(&mut Random(seed));
        scene.server.shop().put(FOLDER, Content::Zeros(0));
        scene.server.shop().put("org/model-of-others/config.json", Content::Zeros(7));
        scene
    }

    /// Gives every file a new content.
    pub(crate) fn fill(&mut self, random: &mut Random) {
        for (name, size) in FILES {
            self.put(name, random.bytes(size));
        }
    }

    pub(crate) fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.server.shop().put(&format!("{FOLDER}{name}"), Content::Bytes(Arc::new(bytes.clone())));
        self.files.insert(name.to_owned(), bytes);
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            bucket: "weights".to_owned(),
            prefix: FOLDER.to_owned(),
            directory: self.directory.path().to_owned(),
            tuning: self.tuning,
        }
    }

    pub(crate) fn bucket(&self) -> Bucket {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(aws_sdk_s3::config::BehaviorVersion::v2026_01_12())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(format!("http://{}", self.server.address))
            .region(Region::new("us-east-1"))
            .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
            .build();
        Bucket::new(&Session::from_parts(&config, Wire::new(None).expect("a client")), &self.config())
    }

    pub(crate) async fn copy(&self) -> Result<Copied, CopyError> {
        copy(&self.config(), &self.bucket()).await
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.values().map(|bytes| bytes.len() as u64).sum()
    }

    /// The record.
    pub(crate) fn state(&self) -> serde_json::Value {
        state(self.directory.path())
    }

    /// Everything is there, byte by byte, and nothing else.
    pub(crate) fn is_whole(&self) {
        let there = tree(self.directory.path());
        assert_eq!(there.keys().collect::<Vec<_>>(), self.files.keys().collect::<Vec<_>>());
        assert!(there == self.files, "contents differ");
        assert_eq!(self.state()["complete"], true);
        let parts = fs::read_dir(self.directory.path().join(HIDDEN).join("parts")).expect("a folder");
        assert_eq!(parts.count(), 0);
    }
}

/// The record of a directory.
pub(crate) fn state(root: &Path) -> serde_json::Value {
    let text = fs::read(root.join(HIDDEN).join("state.json"));
    text.map_or_else(|_| serde_json::json!({}), |text| serde_json::from_slice(&text).expect("JSON"))
}

/// Every file outside the hidden folder.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() && !entry.ends_with(HIDDEN) {
                folders.push(entry);
            } else if entry.is_file() {
                let name = entry.strip_prefix(root).expect("below").to_str().expect("UTF-8").to_owned();
                files.insert(name, fs::read(&entry).expect("a file"));
            }
        }
    }
    files
}
