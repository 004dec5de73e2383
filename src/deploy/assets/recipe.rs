//! What each asset is made of, as the configuration has it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lisa_config::Config;
use lisa_config::section::image::Image;
use lisa_stacks::model::ModelSpec;
use lisa_stacks::{Asset, Stack};

use super::carry::carried;
use super::error::AssetError;

/// The processor that a program or an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Architecture {
    /// Intel's and AMD's 64 bits.
    X86_64,
    /// Arm's 64 bits.
    Arm64,
}

impl Architecture {
    /// As Lambda and the directories of service binaries name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }

    /// As image registries name it.
    pub const fn of_images(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }
}

/// The processor of every function and host: the machine images and instance types that stacks name are of this one.
pub const HOSTS: Architecture = Architecture::X86_64;

/// An asset, and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Where it belongs. Its hash is a placeholder.
    pub asset: Asset,
    /// What it is made of.
    pub recipe: Recipe,
    /// What it runs on.
    pub architecture: Architecture,
}

impl Wanted {
    /// The asset's name, such as `lisa-serve`.
    pub fn name(&self) -> &str {
        match &self.asset {
            Asset::Package { name, .. } | Asset::Image { name, .. } => name,
        }
    }
}

/// What an asset is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipe {
    /// A Lambda package, of the service's binary.
    Package,
    /// An image of nothing but the service's binary.
    Service,
    /// An image built by a container engine.
    Dockerfile {
        /// The directory of the Dockerfile, and all that it may copy.
        directory: PathBuf,
        /// Arguments of the build.
        arguments: BTreeMap<String, String>,
    },
    /// An image that somebody saved.
    Archive {
        /// The archive.
        file: PathBuf,
    },
    /// An image of another registry.
    Copy {
        /// Its reference.
        reference: String,
    },
}

/// The assets of these stacks, each once, by name. Paths of the configuration are relative to `base`, the directory of
/// its file.
pub fn wanted(config: &Config, stacks: &[Stack], base: &Path) -> Result<Vec<Wanted>, AssetError> {
    let mut assets: Vec<&Asset> = stacks.iter().flat_map(|stack| &stack.assets).collect();
    assets.sort();
    assets.dedup();
    let images = configured(config);
    let recipe = |asset: &Asset| match asset {
        Asset::Package { .. } => Ok(Recipe::Package),
        Asset::Image { name, .. } => match images.get(name) {
            Some(image) => of_image(config, name, image, base),
            None => Ok(Recipe::Service),
        },
    };
    let wanted =
        |asset: &Asset| Ok(Wanted { asset: asset.clone(), recipe: recipe(asset)?, architecture: HOSTS });
    assets.into_iter().map(wanted).collect()
}

/// Images of the configuration, by the names that stacks have for them.
fn configured(config: &Config) -> BTreeMap<String, &Image> {
    let gateway = config.rest_api_config.container_config.image.as_ref();
    let gateway = gateway.map(|image| ("serve-custom".to_owned(), image));
    let hosted = config.ecs_models.iter().enumerate();
    let models = hosted.filter_map(|(index, model)| {
        let model = model.hosting.as_ref()?;
        Some((ModelSpec::from_config(index, model).stack_name(), &model.image))
    });
    gateway.into_iter().chain(models).collect()
}

fn of_image(config: &Config, name: &str, image: &Image, base: &Path) -> Result<Recipe, AssetError> {
    match image {
        Image::Asset { base_image, path: Some(path) } => Ok(Recipe::Dockerfile {
            directory: base.join(path),
            arguments: arguments(config, base_image.as_str()),
        }),
        Image::Tarball { path } => Ok(match carried(path) {
            Some(reference) => Recipe::Copy { reference: reference.to_owned() },
            None => Recipe::Archive { file: base.join(path) },
        }),
        Image::Asset { path: None, .. }
        | Image::Ecr { .. }
        | Image::Registry { .. }
        | Image::External { .. } => {
            Err(AssetError::new(name, "its image is taken from a registry, not built", None))
        }
    }
}

/// Arguments of every image build. The first three are those of upstream's Dockerfiles; one that a Dockerfile does not
/// declare is ignored by the engine.
fn arguments(config: &Config, base_image: &str) -> BTreeMap<String, String> {
    let python = &config.pypi_config;
    let given = [
        ("BASE_IMAGE", Some(base_image.to_owned())),
        ("PYPI_INDEX_URL", python.index_url.as_ref().map(ToString::to_string)),
        ("PYPI_TRUSTED_HOST", python.trusted_host.clone()),
        ("CONDA_URL", config.conda_url.as_ref().map(ToString::to_string)),
        ("SSL_CERT_FILE", config.certificate_authority_bundle.clone()),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    given.filter(|(_, value)| !value.is_empty()).collect()
}
