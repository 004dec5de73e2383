//! What the tests share: a workshop in a directory of its own, and a registry behind the port.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use lisa_deploy::assets::{Architecture, Recipe, Shelves, Wanted};
use lisa_deploy::event::{AssetStep, Event, Observer};
use lisa_deploy::ports::objects::{NewObject, Object, Objects};
use lisa_deploy::ports::registry::{Login, Registry, Repository, StoredImage};
use lisa_deploy::ports::{Call, CallError, CallErrorKind, Clock};
use lisa_stacks::Asset;
use lisa_testkit::{docker, registry};
use tempfile::TempDir;

use crate::{Local, Remote, Services, Store};

/// What everything here is for.
pub(super) const ARCHITECTURE: Architecture = Architecture::X86_64;

/// Says nothing.
pub(super) fn quiet(_: AssetStep) {}

/// A directory with a workshop in it, whose services, `lisa-chat` and `lisa-serve`, are the probe.
pub(super) struct Scene {
    pub(super) directory: TempDir,
}

impl Scene {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let services = directory.path().join("services/x86_64");
        std::fs::create_dir_all(&services).unwrap();
        for service in ["lisa-chat", "lisa-serve"] {
            std::fs::copy(docker::probe().unwrap(), services.join(service)).unwrap();
        }
        std::fs::write(directory.path().join("services/ca-certificates.crt"), "certificates\n").unwrap();
        Self { directory }
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    /// Writes a file, with the directories above it.
    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(super) fn services(&self) -> Services {
        Services::find(Some(&self.path("services")))
    }

    /// A workshop with a store of this name.
    pub(super) fn workshop(&self, store: &str) -> Local {
        Local::new(self.services(), Arc::new(Store::open(&self.path(store)).unwrap()), Vec::new())
    }
}

pub(super) fn image(name: &str, recipe: Recipe) -> Wanted {
    let asset =
        Asset::Image { name: name.to_owned(), repository: format!("lisa/{name}"), digest: String::new() };
    Wanted { asset, recipe, architecture: ARCHITECTURE }
}

pub(super) fn package(name: &str) -> Wanted {
    let asset = Asset::Package { name: name.to_owned(), bucket: "bucket".to_owned(), key: String::new() };
    Wanted { asset, recipe: Recipe::Package, architecture: ARCHITECTURE }
}

pub(super) fn dockerfile(name: &str, directory: &Path, arguments: &[(&str, &str)]) -> Wanted {
    let arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    image(name, Recipe::Dockerfile { directory: directory.to_owned(), arguments })
}

/// An account whose registry is a real one, and whose bucket is a list.
pub(super) struct Account {
    pub(super) registry: registry::Registry,
    remote: Remote,
    pub(super) bucket: Mutex<Vec<Object>>,
    /// Calls that answer "later" before the next one is answered.
    pub(super) busy: Mutex<usize>,
}

impl Account {
    pub(super) fn new() -> Self {
        let registry = registry::Registry::with_password().unwrap();
        let remote = Remote::with_login(&credentials(&registry));
        Self { registry, remote, bucket: Mutex::default(), busy: Mutex::default() }
    }

    pub(super) fn shelves(&self) -> Shelves<'_> {
        Shelves { objects: self, registry: self, clock: self }
    }

    fn patience(&self) -> Call<()> {
        let mut busy = self.busy.lock().unwrap();
        match busy.checked_sub(1) {
            Some(less) => {
                *busy = less;
                let (code, message) = ("SlowDown".to_owned(), "later".to_owned());
                Err(CallError { action: "s3:PutObject", kind: CallErrorKind::Throttled, code, message })
            }
            None => Ok(()),
        }
    }
}

/// What ECR's login call would answer.
pub(super) fn credentials(registry: &registry::Registry) -> Login {
    Login {
        host: registry.host(),
        plain: true,
        user: registry::USER.to_owned(),
        password: registry::PASSWORD.to_owned(),
        expires: None,
    }
}

#[async_trait]
impl Registry for Account {
    async fn repository(&self, name: &str) -> Call<Option<Repository>> {
        let (arn, uri) = (String::new(), format!("{}/{name}", self.registry.host()));
        Ok((name != "lisa/nowhere").then(|| Repository { name: name.to_owned(), arn, uri }))
    }

    async fn image(&self, repository: &str, reference: &str) -> Call<Option<StoredImage>> {
        let reference = format!("{}/{repository}:{reference}", self.registry.host()).parse().unwrap();
        let found = self.remote.find(&reference, ARCHITECTURE).await.unwrap();
        let stored = |found: crate::registry::Found| StoredImage {
            digest: found.descriptor.digest.to_string(),
            tags: Vec::new(),
            size: found.descriptor.size,
        };
        Ok(found.map(stored))
    }

    async fn images(&self, _: &str) -> Call<Vec<StoredImage>> {
        Ok(Vec::new())
    }

    async fn delete_images(&self, _: &str, _: &[String]) -> Call<()> {
        Ok(())
    }

    async fn login(&self, _: Option<&str>) -> Call<Login> {
        Ok(credentials(&self.registry))
    }
}

#[async_trait]
impl Objects for Account {
    async fn bucket_exists(&self, _: &str) -> Call<bool> {
        Ok(true)
    }

    async fn head(&self, _: &str, key: &str) -> Call<Option<Object>> {
        Ok(self.bucket.lock().unwrap().iter().find(|object| object.key == key).cloned())
    }

    async fn get(&self, _: &str, _: &str) -> Call<Bytes> {
        Ok(Bytes::new())
    }

    async fn put(&self, object: &NewObject, sent: &(dyn Fn(u64) + Send + Sync)) -> Call<()> {
        self.patience()?;
        sent(1);
        let (key, metadata) = (object.key.clone(), object.metadata.clone());
        self.bucket.lock().unwrap().push(Object { key, metadata, ..Object::default() });
        Ok(())
    }

    async fn list(&self, _: &str, _: &str) -> Call<Vec<Object>> {
        Ok(Vec::new())
    }

    async fn delete(&self, _: &str, _: &[String]) -> Call<()> {
        Ok(())
    }

    async fn empty(&self, _: &str) -> Call<u64> {
        Ok(0)
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        format!("https://{bucket}/{key}")
    }
}

#[async_trait]
impl Clock for Account {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    async fn sleep(&self, _: Duration) {}
}

/// Remembers what it was told.
#[derive(Default)]
pub(super) struct Told(Mutex<Vec<Event>>);

impl Observer for Told {
    fn on(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

impl Told {
    /// The last step of each asset, by name.
    pub(super) fn ends(&self) -> std::collections::BTreeMap<String, AssetStep> {
        let events = self.0.lock().unwrap();
        let steps = events.iter().filter_map(|event| match event {
            Event::Asset { name, step } => Some((name.clone(), step.clone())),
            _ => None,
        });
        steps.collect()
    }
}
