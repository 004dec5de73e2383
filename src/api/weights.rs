//! What a model's folder in the bucket of weights says of itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The manifest's name in the folder of its model. It is written when all else is there, and is no file of the model.
pub const MANIFEST: &str = ".lisa-manifest.json";

/// The files of a model, as they were when all were stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Where they are from: a repository and its commit, or a folder.
    pub source: String,
    /// Path to content.
    pub files: BTreeMap<String, ManifestFile>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its bytes.
    pub size: u64,
    /// The SHA-256 of its bytes in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// The first file that is not there in its size, where `size` says what is there.
    pub fn lacks(&self, size: impl Fn(&str) -> Option<u64>) -> Option<&str> {
        let mut files = self.files.iter();
        files.find(|(name, file)| size(name) != Some(file.size)).map(|(name, _)| name.as_str())
    }
}
