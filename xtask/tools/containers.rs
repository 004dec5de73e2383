//! What the tests of images need of the machine: container engines and certificates for one, a registry, and a shell to
//! put into base images.

use anyhow::Result;

use super::system;

/// Makes sure of them. The engine need not run: the tests start it.
pub(super) fn install() -> Result<()> {
    let engine = ["sh", "-c", "docker info >/dev/null 2>&1 || command -v dockerd"];
    system::require("a container engine", &engine, &["docker.io"])?;
    system::require("Podman", &["podman", "--version"], &["podman"])?;
    system::require("OpenSSL's command", &["openssl", "version"], &["openssl"])?;
    system::require("a registry of images", &["docker-registry", "--version"], &["docker-registry"])?;
    system::require("a static shell", &["busybox", "true"], &["busybox-static"])
}
