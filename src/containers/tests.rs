//! Packages, images and registries against real parts: Debian's container engine and Debian's registry.

mod archives;
mod bundles;
mod dockerfiles;
mod engines;
mod packages;
mod registries;
mod scenery;
mod templates;
mod unchanged;
