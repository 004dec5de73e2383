//! Manifests, configurations and indexes of images, in Docker's form (version 2, schema 2) and that of the Open
//! Container Initiative, as far as they are read or written here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// Docker's manifest of one image.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker's list of one image's manifests, by platform.
pub const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Docker's configuration of an image.
pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// Docker's layer: a compressed tar.
pub const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
/// The initiative's manifest of one image.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The initiative's list of manifests.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The initiative's layer that is not compressed.
pub const OCI_PLAIN_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// A manifest is small; what is larger than this is not one.
pub const MANIFEST_LIMIT: u64 = 4 * 1024 * 1024;

/// What a blob is, and which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// Its media type.
    #[serde(default)]
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Its digest.
    pub digest: Digest,
    /// Remarks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// What it runs on, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
}

/// What an image runs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// `amd64`, `arm64`, or `unknown` for a statement about another image.
    pub architecture: String,
    /// `linux`.
    pub os: String,
}

/// The manifest of one image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// 2.
    pub schema_version: u8,
    /// Which of the two forms; the initiative's may leave it out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    /// The configuration.
    pub config: Descriptor,
    /// The layers, lowest first.
    pub layers: Vec<Descriptor>,
}

/// A list of manifests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// 2.
    pub schema_version: u8,
    /// Which of the two forms.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    /// The manifests.
    pub manifests: Vec<Descriptor>,
}

/// The part of an image's configuration that is read.
#[derive(Clone, Debug, Deserialize)]
pub struct ConfigFacts {
    /// What it runs on; images made by hand may not say.
    #[serde(default)]
    pub architecture: String,
}

impl Manifest {
    /// Docker's manifest of these parts.
    pub fn docker(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        Self { schema_version: 2, media_type: DOCKER_MANIFEST.to_owned(), config, layers }
    }

    /// Every blob, the layers first: a registry takes the manifest last.
    pub fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        self.layers.iter().chain([&self.config])
    }
}

impl Descriptor {
    /// A blob.
    pub fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        Self { media_type: media_type.to_owned(), size, digest, annotations: BTreeMap::new(), platform: None }
    }

    /// Whether this is an index rather than one image's manifest.
    pub fn is_index(&self) -> bool {
        [DOCKER_INDEX, OCI_INDEX].contains(&self.media_type.as_str())
    }

    /// Whether an index says that this is for linux on the architecture, or does not say.
    pub fn runs_on(&self, architecture: &str) -> bool {
        self.platform.as_ref().is_none_or(|it| it.os == "linux" && it.architecture == architecture)
    }
}
