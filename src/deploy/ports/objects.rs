//! Buckets and their objects: the calls of S3.

use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use bytes::Bytes;

use super::Call;

/// The account's buckets.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Whether the bucket is there and the caller may use it. A bucket of another account is [`Denied`].
    ///
    /// [`Denied`]: super::CallErrorKind::Denied
    async fn bucket_exists(&self, bucket: &str) -> Call<bool>;

    /// An object's facts; `None` where it is not there.
    async fn head(&self, bucket: &str, key: &str) -> Call<Option<Object>>;

    /// An object's bytes.
    async fn get(&self, bucket: &str, key: &str) -> Call<Bytes>;

    /// Stores an object whole, in parts where it is large. `sent` is told of each part's bytes as they are taken.
    async fn put(&self, object: &NewObject, sent: &(dyn Fn(u64) + Send + Sync)) -> Call<()>;

    /// Every object under a prefix, without its older versions.
    async fn list(&self, bucket: &str, prefix: &str) -> Call<Vec<Object>>;

    /// Deletes objects by key; their versions stay where the bucket keeps them.
    async fn delete(&self, bucket: &str, keys: &[String]) -> Call<()>;

    /// Deletes every object, every version and every unfinished upload. Returns how many there were.
    async fn empty(&self, bucket: &str) -> Call<u64>;

    /// The address of an object, as CloudFormation takes a template's.
    fn url(&self, bucket: &str, key: &str) -> String;
}

/// An object in a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its bytes.
    pub size: u64,
    /// The user metadata, by its name in lower case without `x-amz-meta-`; empty where it was only listed.
    pub metadata: BTreeMap<String, String>,
    /// The entity tag, without quotes.
    pub etag: String,
}

/// An object to store.
#[derive(Clone, Debug)]
pub struct NewObject {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// What it holds.
    pub body: Body,
    /// `Content-Type`.
    pub content_type: String,
    /// `Content-Encoding`, where it is compressed.
    pub content_encoding: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// User metadata, by its name in lower case without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
}

/// What an object holds.
#[derive(Clone, Debug)]
pub enum Body {
    /// These bytes.
    Bytes(Bytes),
    /// A file's.
    File(PathBuf),
}
