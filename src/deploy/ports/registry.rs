//! Repositories of container images in the account: the calls of ECR. Layers and manifests are moved by `containers`.

use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;

use super::Call;

/// The account's registry.
#[async_trait]
pub trait Registry: Send + Sync {
    /// A repository by name; `None` where there is none.
    async fn repository(&self, name: &str) -> Call<Option<Repository>>;

    /// An image by `sha256:…` or tag; `None` where the image or its repository is not there.
    async fn image(&self, repository: &str, reference: &str) -> Call<Option<StoredImage>>;

    /// Every image of a repository; none where the repository is not there.
    async fn images(&self, repository: &str) -> Call<Vec<StoredImage>>;

    /// Deletes images by digest.
    async fn delete_images(&self, repository: &str, digests: &[String]) -> Call<()>;

    /// Credentials for the registry of an account, the caller's own where `None`.
    async fn login(&self, account: Option<&str>) -> Call<Login>;
}

/// A repository of images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Where images are pushed to: `<registry host>/<name>`.
    pub uri: String,
}

/// An image in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImage {
    /// `sha256:…`
    pub digest: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Bytes, compressed.
    pub size: u64,
}

/// Credentials for a registry.
#[derive(Clone)]
pub struct Login {
    /// The registry's host, with its port where it has one, and no scheme.
    pub host: String,
    /// Whether the registry speaks plain HTTP, as an emulator on loopback does.
    pub plain: bool,
    /// The user, `AWS`.
    pub user: String,
    /// The password.
    pub password: String,
    /// Until when it is valid.
    pub expires: Option<SystemTime>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("host", &self.host).field("user", &self.user).finish_non_exhaustive()
    }
}
