//! Why a package or an image could not be made, read or moved.

use std::io;
use std::path::{Path, PathBuf};

use lisa_deploy::assets::AssetError;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// A file or directory that cannot be read or written.
    #[error("could not {action} `{path}`: {error}")]
    File {
        /// `read` or `write`.
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// A service that has no binary.
    #[error("there is no binary of `{service}` for {architecture}: {looked}")]
    NoBinary {
        /// Such as `lisa-serve`.
        service: String,
        /// Such as `x86_64`.
        architecture: &'static str,
        /// Where it was looked for.
        looked: String,
    },
    /// A binary that cannot run where it is to run.
    #[error("`{path}` {fault}")]
    Binary {
        /// Which.
        path: PathBuf,
        /// What is wrong with it, as the rest of the sentence.
        fault: &'static str,
    },
    /// A line of `.dockerignore` that means nothing.
    #[error("`{path}`: line {line}: {fault}")]
    Ignore {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// An archive, a layout or a bundle that is not what it should be.
    #[error("`{path}` is not {expected}: {fault}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What it should be, such as `an image archive`.
        expected: &'static str,
        /// What is wrong with it.
        fault: String,
    },
    /// An image that is not for the processor it is to run on.
    #[error("`{image}` is for {found}, not for {wanted}")]
    Platform {
        /// The image.
        image: String,
        /// Such as `arm64`.
        found: String,
        /// Such as `amd64`.
        wanted: &'static str,
    },
    /// A registry that does not have an image.
    #[error("the registry {host} could not show the image {image}: it has none of this name")]
    Absent {
        /// Its host.
        host: String,
        /// The image.
        image: String,
    },
    /// A container engine that does not answer.
    #[error("no container engine answers at {address}: {fault}")]
    NoEngine {
        /// Every address that was tried.
        address: String,
        /// What the last one said.
        fault: String,
    },
    /// A call that the container engine refused.
    #[error("the container engine could not {action}: {fault}")]
    Engine {
        /// What it was asked, such as `build the image`.
        action: &'static str,
        /// What it said.
        fault: String,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// A registry that refused a call or did not answer.
    #[error("the registry {host} could not {action}: {fault}")]
    Registry {
        /// Its host.
        host: String,
        /// What it was asked, such as `take the blob sha256:…`.
        action: String,
        /// What it said.
        fault: String,
        /// Whether the same may succeed later.
        transient: bool,
    },
}

impl ContainerError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { action: "read", path, error }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { action: "write", path, error }
    }

    /// What to do about it, as a sentence.
    pub const fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoBinary { .. } => {
                "Name the directory of the service binaries with `--services` or `LISA_SERVICES`; it holds `x86_64/lisa-serve` and so on."
            }
            Self::Binary { .. } => "Take the binaries of a release, or make them with `cargo xtask dist`.",
            Self::Platform { .. } => {
                "Give an image of that platform: hosts run linux/amd64, whatever this machine is."
            }
            Self::NoEngine { .. } => {
                "Start Docker or Podman, or say with `DOCKER_HOST` where it is; only images with a Dockerfile need it."
            }
            Self::Registry { transient: true, .. } => {
                "Run the same command again: what was sent stays, and only the rest is sent."
            }
            _ => return None,
        })
    }

    /// The error of an asset.
    pub fn of(self, asset: &str) -> AssetError {
        let log = match &self {
            Self::Engine { log, .. } => log.clone(),
            _ => Vec::new(),
        };
        AssetError { log, ..AssetError::new(asset, self.to_string(), self.help()) }
    }
}
