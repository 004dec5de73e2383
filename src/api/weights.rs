//! What a model's folder in the bucket of weights says of itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The manifest's name in the folder of its model. It is written before anything else changes, as one that is not
/// complete, and again when all is there; it is no file of the model.
pub const MANIFEST: &str = ".lisa-manifest.json";

/// The files of a model, as they are when all are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Where they are from: a repository and its commit, or a folder.
    pub source: String,
    /// Whether they are all there. While they are not, files of an earlier content are named too.
    #[serde(default = "whole")]
    pub complete: bool,
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

/// What a manifest is that says nothing of it.
const fn whole() -> bool {
    true
}

impl Manifest {
    /// The first file that is not there in its size, where `size` says what is there.
    pub fn lacks(&self, size: impl Fn(&str) -> Option<u64>) -> Option<&str> {
        let mut files = self.files.iter();
        files.find(|(name, file)| size(name) != Some(file.size)).map(|(name, _)| name.as_str())
    }
}
