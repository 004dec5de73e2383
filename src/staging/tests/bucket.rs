//! A bucket in memory whose calls fail when they are told to; the ways that it goes well are tested on the emulator.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use lisa_deploy::ports::objects::{Body, NewObject, Object};
use lisa_deploy::ports::{Call, CallError, CallErrorKind, Objects};

/// An object's bytes and what it says of itself.
type Kept = (Bytes, BTreeMap<String, String>);

#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) objects: Mutex<BTreeMap<String, Kept>>,
    /// Calls so far.
    pub(crate) calls: Mutex<Vec<String>>,
    /// The calls of these numbers fail, with this kind.
    pub(crate) failing: Mutex<Option<(Vec<usize>, CallErrorKind)>>,
    /// Objects made of files lose their last byte.
    pub(crate) shortens: bool,
}

impl Memory {
    fn call(&self, what: &str, key: &str) -> Call<()> {
        let mut calls = self.calls.lock().unwrap();
        calls.push(format!("{what} {key}"));
        match &*self.failing.lock().unwrap() {
            Some((numbers, kind)) if numbers.contains(&calls.len()) => {
                let (code, message) = ("Test".to_owned(), "it was told to fail".to_owned());
                Err(CallError { action: "s3:Test", kind: *kind, code, message })
            }
            _ => Ok(()),
        }
    }

    /// How many calls there were.
    pub(crate) fn count(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }

    pub(crate) fn bytes(&self, key: &str) -> Bytes {
        self.objects.lock().unwrap()[key].0.clone()
    }
}

#[async_trait]
impl Objects for Memory {
    async fn bucket_exists(&self, _: &str) -> Call<bool> {
        Ok(true)
    }

    async fn head(&self, _: &str, key: &str) -> Call<Option<Object>> {
        self.call("head", key)?;
        let objects = self.objects.lock().unwrap();
        Ok(objects.get(key).map(|(bytes, metadata)| Object {
            key: key.to_owned(),
            size: bytes.len() as u64,
            metadata: metadata.clone(),
            etag: String::new(),
        }))
    }

    async fn get(&self, _: &str, key: &str) -> Call<Bytes> {
        self.call("get", key)?;
        Ok(self.bytes(key))
    }

    async fn put(&self, object: &NewObject, sent: &(dyn Fn(u64) + Send + Sync)) -> Call<()> {
        self.call("put", &object.key)?;
        let bytes = match &object.body {
            Body::Bytes(bytes) => bytes.clone(),
            Body::File(path) => {
                let bytes = Bytes::from(std::fs::read(path).unwrap());
                let end = bytes.len().saturating_sub(usize::from(self.shortens));
                bytes.slice(..end)
            }
        };
        sent(bytes.len() as u64);
        self.objects.lock().unwrap().insert(object.key.clone(), (bytes, object.metadata.clone()));
        Ok(())
    }

    async fn list(&self, _: &str, prefix: &str) -> Call<Vec<Object>> {
        self.call("list", prefix)?;
        let objects = self.objects.lock().unwrap();
        let found = objects.iter().filter(|(key, _)| key.starts_with(prefix));
        let object = |(key, (bytes, _)): (&String, &Kept)| Object {
            key: key.clone(),
            size: bytes.len() as u64,
            ..Object::default()
        };
        Ok(found.map(object).collect())
    }

    async fn delete(&self, _: &str, keys: &[String]) -> Call<()> {
        self.call("delete", &keys.join(" "))?;
        self.objects.lock().unwrap().retain(|key, _| !keys.contains(key));
        Ok(())
    }

    async fn empty(&self, _: &str) -> Call<u64> {
        Ok(0)
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        format!("s3://{bucket}/{key}")
    }
}
