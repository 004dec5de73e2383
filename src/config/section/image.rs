//! `image`: where a container image comes from.

use crate::words::{EcrRepositoryArn, ImageReference, ImageTag};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a container image comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Image {
    /// A directory with a Dockerfile, built by `lisa deploy`.
    Asset {
        /// The image that the Dockerfile builds upon, given to it as the build argument `BASE_IMAGE`.
        base_image: ImageReference,
        /// The directory, relative to the config file. Not given, or one of upstream's own container directories:
        /// the base image is used as it is and nothing is built.
        path: Option<String>,
    },
    /// An image in the Elastic Container Registry.
    Ecr {
        /// ARN of the repository.
        repository_arn: EcrRepositoryArn,
        /// Tag of the image.
        #[serde(default = "latest")]
        tag: ImageTag,
    },
    /// An image in any other registry that the hosts can reach.
    Registry {
        /// Reference of the image, such as `vllm/vllm-openai:v0.6.3`.
        registry: ImageReference,
    },
    /// An image archive, loaded and pushed by `lisa deploy`.
    Tarball {
        /// The archive, relative to the config file.
        #[schemars(length(min = 1))]
        path: String,
    },
    /// An image made by other means, referred to as it is.
    External {
        /// Reference of the image.
        code: ImageReference,
    },
}

/// What may stand where an image is wanted: the reference alone, or an object with a `type`. An object without
/// `type` that names a `baseImage` is an asset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ImageFile {
    Reference(ImageReference),
    Typed(Image),
    Untyped(UntypedImage),
}

/// An asset image that leaves `type` out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UntypedImage {
    /// The image that the Dockerfile builds upon.
    base_image: ImageReference,
    /// The directory of the Dockerfile, relative to the config file.
    path: Option<String>,
}

fn latest() -> ImageTag {
    ImageTag::latest()
}

/// The container directories of upstream's source tree. LISA runs the engines' own images instead of building these.
const UPSTREAM_DIRECTORIES: &[&str] =
    &["lib/serve/", "vllm", "textgen/tgi", "embedding/tei", "embedding/instructor"];

impl Image {
    /// Whether an asset's path is a directory of upstream's source tree, which has no counterpart here.
    pub(crate) fn is_upstream_directory(path: &str) -> bool {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        UPSTREAM_DIRECTORIES
            .iter()
            .any(|known| if known.ends_with('/') { path.starts_with(known) } else { path == *known })
    }
}

impl ImageFile {
    /// Whether this is an asset without a directory of the user's own.
    pub(crate) fn is_upstream_build(&self) -> bool {
        let path = match self {
            Self::Typed(Image::Asset { path, .. }) | Self::Untyped(UntypedImage { path, .. }) => path,
            Self::Typed(_) | Self::Reference(_) => return false,
        };
        path.as_deref().is_none_or(Image::is_upstream_directory)
    }

    /// The image as it will be used: an asset that needs no build becomes a plain reference.
    pub(crate) fn resolve(self) -> Image {
        let image = match self {
            Self::Reference(registry) => Image::Registry { registry },
            Self::Typed(image) => image,
            Self::Untyped(UntypedImage { base_image, path }) => Image::Asset { base_image, path },
        };
        match image {
            Image::Asset { base_image, path } if path.as_deref().is_none_or(Image::is_upstream_directory) => {
                Image::Registry { registry: base_image }
            }
            image => image,
        }
    }
}
