//! The packages and images that stacks refer to, addressed by their content.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// What `lisa build` has made, by name: the SHA-256 of each package's bytes, the digest of each image.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    hashes: BTreeMap<String, String>,
}

/// A package or image that a stack needs in place before it is deployed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Asset {
    /// A Lambda package in the asset bucket.
    Package {
        /// The service, such as `lisa-chat`.
        name: String,
        /// The bucket.
        bucket: String,
        /// The object's key; it holds the content's hash, or `not-built`.
        key: String,
    },
    /// A container image in a repository of the account.
    Image {
        /// The service, such as `lisa-serve`.
        name: String,
        /// The repository's name.
        repository: String,
        /// `sha256:…`, or `not-built`.
        digest: String,
    },
}

impl Assets {
    /// Nothing is built: every asset gets the stated placeholder `not-built`.
    pub fn not_built() -> Self {
        Self::default()
    }

    /// With a built asset: `hash` is the lower-case hexadecimal SHA-256 of its bytes.
    #[must_use]
    pub fn with(mut self, name: &str, hash: &str) -> Self {
        self.hashes.insert(name.to_owned(), hash.to_owned());
        self
    }

    /// The object key of a service's package.
    pub fn package_key(&self, name: &str) -> String {
        let hash = self.hashes.get(name).map_or("not-built", String::as_str);
        format!("packages/{name}/{hash}.zip")
    }

    /// The digest of a service's image, `sha256:…`. The placeholder is a digest of the right form that no image has,
    /// so that a template with it is valid and a deployment of it fails at once.
    pub fn image_digest(&self, name: &str) -> String {
        let hash = self.hashes.get(name).map_or_else(|| "0".repeat(64), Clone::clone);
        format!("sha256:{hash}")
    }
}

/// The lower-case hexadecimal SHA-256 of `bytes`.
pub fn hex_digest(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| [byte >> 4, byte & 0xf].map(|half| char::from(DIGITS[usize::from(half)]));
    Sha256::digest(bytes).iter().flat_map(digits).collect()
}
