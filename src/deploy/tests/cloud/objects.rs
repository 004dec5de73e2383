//! S3 in the fake cloud. A bucket is there once something is in it, or once a test has made it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use lisa_deploy::ports::objects::{Body, NewObject, Object, Objects};
use lisa_deploy::ports::{Call, CallError, CallErrorKind};

use super::Cloud;

/// An object that is stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// What was said of it.
    pub(crate) object: NewObject,
}

impl Stored {
    fn object(&self, metadata: bool) -> Object {
        Object {
            key: self.object.key.clone(),
            size: self.bytes.len() as u64,
            metadata: if metadata { self.object.metadata.clone() } else { BTreeMap::new() },
            etag: format!("{:x}", self.bytes.len()),
        }
    }
}

fn missing(action: &'static str, code: &str) -> CallError {
    CallError {
        action,
        kind: CallErrorKind::NotFound,
        code: code.to_owned(),
        message: "it is not there".to_owned(),
    }
}

#[async_trait]
impl Objects for Cloud {
    async fn bucket_exists(&self, bucket: &str) -> Call<bool> {
        self.call("s3:ListBucket", |state| Ok(state.objects.contains_key(bucket))).await
    }

    async fn head(&self, bucket: &str, key: &str) -> Call<Option<Object>> {
        self.call("s3:GetObject", |state| {
            Ok(state
                .objects
                .get(bucket)
                .and_then(|objects| objects.get(key))
                .map(|stored| stored.object(true)))
        })
        .await
    }

    async fn get(&self, bucket: &str, key: &str) -> Call<Bytes> {
        self.call("s3:GetObject", |state| {
            let stored = state.objects.get(bucket).and_then(|objects| objects.get(key));
            stored.map(|stored| stored.bytes.clone()).ok_or_else(|| missing("s3:GetObject", "NoSuchKey"))
        })
        .await
    }

    async fn put(&self, object: &NewObject, sent: &(dyn Fn(u64) + Send + Sync)) -> Call<()> {
        let bytes = match &object.body {
            Body::Bytes(bytes) => bytes.clone(),
            Body::File(path) => Bytes::from(std::fs::read(path).expect("a file to upload")),
        };
        let size = bytes.len() as u64;
        self.call("s3:PutObject", |state| {
            let bucket = state
                .objects
                .get_mut(&object.bucket)
                .ok_or_else(|| missing("s3:PutObject", "NoSuchBucket"))?;
            bucket.insert(object.key.clone(), Stored { bytes, object: object.clone() });
            Ok(())
        })
        .await?;
        sent(size);
        Ok(())
    }

    async fn list(&self, bucket: &str, prefix: &str) -> Call<Vec<Object>> {
        self.call("s3:ListBucket", |state| {
            let objects =
                state.objects.get(bucket).ok_or_else(|| missing("s3:ListBucket", "NoSuchBucket"))?;
            let found = objects.values().filter(|stored| stored.object.key.starts_with(prefix));
            Ok(found.map(|stored| stored.object(false)).collect())
        })
        .await
    }

    async fn delete(&self, bucket: &str, keys: &[String]) -> Call<()> {
        self.call("s3:DeleteObject", |state| {
            if let Some(objects) = state.objects.get_mut(bucket) {
                objects.retain(|key, _| !keys.contains(key));
            }
            Ok(())
        })
        .await
    }

    async fn empty(&self, bucket: &str) -> Call<u64> {
        self.call("s3:DeleteObject", |state| {
            let objects = state.objects.get_mut(bucket).map(std::mem::take).unwrap_or_default();
            Ok(objects.len() as u64)
        })
        .await
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        format!("fake://{bucket}/{key}")
    }
}
