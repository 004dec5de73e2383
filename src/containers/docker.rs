//! The container engine: Docker, or Podman by its Docker-like socket. It is needed for Dockerfiles alone.

mod build;
mod connect;

use bollard::Docker;

pub use build::Build;
pub use connect::Address;

/// A container engine that answers.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: Docker,
    address: String,
}

impl Engine {
    /// Where it answers, such as `unix:///var/run/docker.sock`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The client itself, for what only tests do.
    pub fn client(&self) -> &Docker {
        &self.docker
    }
}
