//! Packages and container images: made, kept, read and moved between registries; the only home of the Docker client.
//!
//! What is made lies in a [`Store`]: Lambda packages, and images in the layout of the Open Container Initiative, each
//! under the hash of what went into it. A service's image needs no container engine; a Dockerfile does. Images travel
//! by digest through one client for registries, which sends nothing that is there already.

pub mod archive;
pub mod bundle;
pub mod context;
pub mod digest;
pub mod docker;
pub mod dockerignore;
pub mod error;
mod gallery;
pub mod layout;
pub mod mirror;
pub mod oci;
mod pipe;
pub mod registry;
pub mod scratch;
pub mod services;
pub mod store;
pub mod workshop;
pub mod zip;

pub use bundle::Bundle;
pub use digest::Digest;
pub use docker::Engine;
pub use error::ContainerError;
pub use gallery::Registries;
pub use layout::Layout;
pub use registry::Remote;
pub use services::Services;
pub use store::Store;
pub use workshop::Local;

#[cfg(test)]
mod tests;
