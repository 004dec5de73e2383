//! The workshop of this machine: packages and service images from binaries, others by the engine or from archives.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use lisa_deploy::assets::{
    AssetError, Destination, Fingerprint, MadeImage, MadePackage, Recipe, Tell, Wanted, Workshop,
    fingerprint::sha256,
};
use lisa_deploy::event::AssetStep;
use lisa_deploy::ports::objects::Body;
use lisa_deploy::ports::registry::Login;
use tokio::sync::OnceCell;

use crate::archive;
use crate::context::{self, Context};
use crate::docker::{Build, Engine};
use crate::error::ContainerError;
use crate::mirror::Source;
use crate::oci::Descriptor;
use crate::registry;
use crate::scratch::{self, Service};
use crate::services::Services;
use crate::store::Store;
use crate::zip;

/// The form of images that an engine builds; it changes when the same files are built differently.
const DOCKERFILE_FORM: &str = "dockerfile/1";

/// The form of images from archives.
const ARCHIVE_FORM: &str = "archive/1";

/// The form of images of other registries.
const COPY_FORM: &str = "copy/1";

/// The workshop of this machine.
#[derive(Debug)]
pub struct Local {
    services: Services,
    store: Arc<Store>,
    logins: Vec<Login>,
    /// Found when the first Dockerfile has to be built, and never where none has.
    engine: OnceCell<Engine>,
}

impl Local {
    /// A workshop. The logins are for registries that base images may be in.
    pub fn new(services: Services, store: Arc<Store>, logins: Vec<Login>) -> Self {
        Self { services, store, logins, engine: OnceCell::new() }
    }

    /// Where it keeps what it makes.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// An image of another registry, with credentials where there are some for it.
    fn source(&self, reference: &str) -> Result<Source, ContainerError> {
        Source::new(reference, &self.logins)
    }

    async fn make(
        &self,
        wanted: &Wanted,
        fingerprint: &str,
        tell: Tell<'_>,
    ) -> Result<Descriptor, ContainerError> {
        let layout = self.store.layout();
        let architecture = wanted.architecture;
        match &wanted.recipe {
            Recipe::Package | Recipe::Service => {
                tell(AssetStep::Building("packing the binary".to_owned()));
                let binary = self.services.binary(wanted.name(), architecture)?;
                let certificates = self.services.certificates()?;
                let (layout, name) = (layout.clone(), wanted.name().to_owned());
                blocking(move || {
                    let certificates = certificates.as_deref();
                    let service = Service { name: &name, binary: &binary, certificates, architecture };
                    scratch::image(&service, &layout)
                })
                .await
            }
            Recipe::Archive { file } => {
                tell(AssetStep::Building(format!("reading {}", file.display())));
                let (layout, path) = (layout.clone(), file.clone());
                blocking(move || {
                    let file = File::open(&path).map_err(ContainerError::read(&path))?;
                    archive::load(file, &path, architecture, &layout)
                })
                .await
            }
            Recipe::Copy { reference } => {
                let source = self.source(reference)?;
                let found = source.find(architecture).await?;
                source.fetch(&found, architecture, layout, tell).await
            }
            Recipe::Dockerfile { directory, arguments } => {
                tell(AssetStep::Building("sending the context".to_owned()));
                let engine = self.engine.get_or_try_init(Engine::connect).await?;
                let directory = directory.clone();
                let context = blocking(move || Context::read(&directory)).await?;
                let tag = format!("lisa/{}:{}", wanted.name(), &fingerprint[..12.min(fingerprint.len())]);
                let logins = &self.logins;
                let build = Build { context: &context, tag: &tag, arguments, architecture, logins };
                engine.build(&build, tell).await?;
                tell(AssetStep::Building("taking the image from the engine".to_owned()));
                engine.save(&tag, architecture, layout).await
            }
        }
    }
}

#[async_trait]
impl Workshop for Local {
    async fn fingerprint(&self, wanted: &Wanted) -> Result<String, AssetError> {
        let name = wanted.name().to_owned();
        if let Recipe::Copy { reference } = &wanted.recipe {
            let found = async { self.source(reference)?.find(wanted.architecture).await };
            let found = found.await.map_err(|error| error.of(&name))?;
            let begin = Fingerprint::new(COPY_FORM);
            return Ok(begin.part("image", found.descriptor.digest.as_str().as_bytes()).finish());
        }
        let (services, wanted) = (self.services.clone(), wanted.clone());
        blocking(move || fingerprint(&services, &wanted)).await.map_err(|error| error.of(&name))
    }

    async fn package(&self, wanted: &Wanted, fingerprint: &str) -> Result<MadePackage, AssetError> {
        let (services, store) = (self.services.clone(), Arc::clone(&self.store));
        let (name, architecture) = (wanted.name().to_owned(), wanted.architecture);
        let fingerprint = fingerprint.to_owned();
        let made = blocking(move || {
            let kept = store.package(&name, &fingerprint);
            let built = !kept.is_file();
            if built {
                let zipped = zip::package(&services.binary(&name, architecture)?);
                let zipped = zipped.map_err(|error| ContainerError::write(&kept)(error.into()))?;
                store.keep_package(&name, &fingerprint, &zipped)?;
            }
            let size = std::fs::metadata(&kept).map_err(ContainerError::read(&kept))?.len();
            Ok(MadePackage { body: Body::File(kept), size, built })
        });
        made.await.map_err(|error: ContainerError| error.of(wanted.name()))
    }

    async fn image(
        &self,
        wanted: &Wanted,
        fingerprint: &str,
        tell: Tell<'_>,
    ) -> Result<MadeImage, AssetError> {
        let layout = self.store.layout();
        if let Some(kept) = layout.find(wanted.name(), fingerprint) {
            return Ok(MadeImage { digest: kept.digest.to_string(), built: false });
        }
        let made = self.make(wanted, fingerprint, tell).await;
        let made = made.map_err(|error| error.of(wanted.name()))?;
        let digest = made.digest.to_string();
        layout.name(wanted.name(), fingerprint, made).map_err(|error| error.of(wanted.name()))?;
        Ok(MadeImage { digest, built: true })
    }

    async fn push(
        &self,
        wanted: &Wanted,
        image: &MadeImage,
        destination: &Destination<'_>,
        tell: Tell<'_>,
    ) -> Result<u64, AssetError> {
        registry::send(self.store.layout(), wanted.name(), image, destination, tell).await
    }
}

/// The hash of everything that goes into an asset.
fn fingerprint(services: &Services, wanted: &Wanted) -> Result<String, ContainerError> {
    let architecture = wanted.architecture;
    let begin = |form| Fingerprint::new(form).part("architecture", architecture.name().as_bytes());
    Ok(match &wanted.recipe {
        Recipe::Package => {
            let binary = services.binary(wanted.name(), architecture)?;
            begin(zip::FORM).part("binary", sha256(&binary).as_bytes()).finish()
        }
        Recipe::Service => {
            let binary = services.binary(wanted.name(), architecture)?;
            let certificates = services.certificates()?.unwrap_or_default();
            begin(scratch::FORM)
                .part("name", wanted.name().as_bytes())
                .part("binary", sha256(&binary).as_bytes())
                .part("certificates", sha256(&certificates).as_bytes())
                .finish()
        }
        // Its digest is asked of its registry.
        Recipe::Copy { reference } => begin(COPY_FORM).part("reference", reference.as_bytes()).finish(),
        Recipe::Archive { file } => {
            begin(ARCHIVE_FORM).part("archive", context::hash_of_file(file)?.as_bytes()).finish()
        }
        Recipe::Dockerfile { directory, arguments } => {
            let context = Context::read(directory)?;
            context.fingerprint(with_arguments(begin(DOCKERFILE_FORM), arguments))?.finish()
        }
    })
}

fn with_arguments(fingerprint: Fingerprint, arguments: &BTreeMap<String, String>) -> Fingerprint {
    arguments.iter().fold(fingerprint, |fingerprint, (name, value)| {
        fingerprint.part("argument", name.as_bytes()).part("value", value.as_bytes())
    })
}

/// Runs what reads and computes where it keeps nobody waiting.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ContainerError> + Send + 'static,
) -> Result<T, ContainerError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        let error = std::io::Error::other(error.to_string());
        Err(ContainerError::read(Path::new("assets"))(error))
    })
}
