//! The packages and images that stacks name: what each is made of, whether it is in place, and what puts it there.
//!
//! An asset is addressed by a hash of everything that goes into it, so whether there is something to do is known
//! before anything is built: a package's key holds the hash, an image carries it as the tag `in-<hash>`. The account
//! itself is the only memory; another machine with the same inputs builds and sends nothing either.

mod carry;
pub mod error;
pub mod fingerprint;
mod logins;
pub mod make;
mod patience;
pub mod place;
pub mod plan;
pub mod recipe;

use async_trait::async_trait;
use lisa_stacks::Assets;

pub use carry::carry_images;
pub use error::{AssetError, AssetErrors};
pub use fingerprint::Fingerprint;
pub use logins::logins;
pub use make::{Made, make, names};
pub use place::{Placed, place};
pub use plan::{AssetPlan, Planned, plan};
pub use recipe::{Architecture, Recipe, Wanted, wanted};

use crate::event::AssetStep;
use crate::ports::objects::{Body, Objects};
use crate::ports::registry::{Login, Registry};
use crate::ports::{Clock, World};

#[cfg(test)]
mod tests;

/// Assets that are worked on at a time.
const AT_A_TIME: usize = 4;

/// Where assets are put: the part of the world that they need.
#[derive(Clone, Copy)]
pub struct Shelves<'a> {
    /// Packages.
    pub objects: &'a dyn Objects,
    /// Images.
    pub registry: &'a dyn Registry,
    /// Time between attempts.
    pub clock: &'a dyn Clock,
}

impl<'a> From<&'a World> for Shelves<'a> {
    fn from(world: &'a World) -> Self {
        Self { objects: &*world.objects, registry: &*world.registry, clock: &*world.clock }
    }
}

/// Where work on an asset tells how far it is.
pub type Tell<'a> = &'a (dyn Fn(AssetStep) + Send + Sync);

/// Where assets are made: the port of this module. The local one builds; the one of a bundle only takes them out.
#[async_trait]
pub trait Workshop: Send + Sync {
    /// The hash of everything that goes into an asset: 64 lower-case hexadecimal digits.
    async fn fingerprint(&self, wanted: &Wanted) -> Result<String, AssetError>;

    /// Makes a package, unless the workshop has it already.
    async fn package(&self, wanted: &Wanted, fingerprint: &str) -> Result<MadePackage, AssetError>;

    /// Makes an image, unless the workshop has it already.
    async fn image(
        &self,
        wanted: &Wanted,
        fingerprint: &str,
        tell: Tell<'_>,
    ) -> Result<MadeImage, AssetError>;

    /// Sends an image that the workshop has, but for the parts that are there. Returns the bytes that were sent.
    async fn push(
        &self,
        wanted: &Wanted,
        image: &MadeImage,
        destination: &Destination<'_>,
        tell: Tell<'_>,
    ) -> Result<u64, AssetError>;
}

/// A package that the workshop has.
#[derive(Clone, Debug)]
pub struct MadePackage {
    /// Its bytes.
    pub body: Body,
    /// How many.
    pub size: u64,
    /// Whether it was made just now.
    pub built: bool,
}

/// An image that the workshop has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeImage {
    /// `sha256:…` of its manifest.
    pub digest: String,
    /// Whether it was made just now.
    pub built: bool,
}

/// Where an image is pushed to.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// The registry, and how to get in.
    pub login: &'a Login,
    /// The repository's name.
    pub repository: &'a str,
    /// The tag that the image gets.
    pub tag: &'a str,
}

/// The tag of the image that was made of inputs with this hash.
pub fn input_tag(fingerprint: &str) -> String {
    format!("in-{fingerprint}")
}

/// The key of a package in the asset bucket.
fn package_key(name: &str, fingerprint: &str) -> String {
    Assets::not_built().with(name, fingerprint).package_key(name)
}

/// The hexadecimal digits of a digest.
fn hash_of(digest: &str) -> String {
    digest.trim_start_matches("sha256:").to_owned()
}
