//! Finding the engine: where `DOCKER_HOST` says, or where Docker and Podman listen by default.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::Docker;

use super::Engine;
use crate::error::ContainerError;

/// An engine that is there answers a ping within this time.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time for the first byte of an answer: a build's or a save's may take long to begin.
const ANSWER: Duration = Duration::from_hours(1);

impl Engine {
    /// Connects to the first engine that answers.
    ///
    /// `DOCKER_HOST` (`unix:`, `tcp:`, `http:`, `https:`) is the only address if it is set, with TLS by
    /// `DOCKER_TLS_VERIFY` and the certificates of `DOCKER_CERT_PATH`; else the sockets of Docker, of Docker Desktop,
    /// and of Podman are tried.
    pub async fn connect() -> Result<Self, ContainerError> {
        let addresses = match env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty()) {
            Some(host) => vec![host],
            None => sockets().iter().map(|socket| format!("unix://{}", socket.display())).collect(),
        };
        let mut fault = "there is no such socket".to_owned();
        for address in &addresses {
            match Self::connect_to(address).await {
                Ok(engine) => return Ok(engine),
                Err(said) => fault = said,
            }
        }
        Err(ContainerError::NoEngine { address: addresses.join(", "), fault })
    }

    async fn connect_to(address: &str) -> Result<Self, String> {
        let docker = Docker::connect_with_host(address).map_err(|error| error.to_string())?;
        let greeting = async {
            docker.ping().await?;
            // An older engine is spoken to in its own version.
            docker.negotiate_version().await
        };
        let docker = match tokio::time::timeout(PATIENCE, greeting).await {
            Ok(answer) => answer.map_err(|error| words(&error))?,
            Err(_) => return Err(format!("it said nothing for {} s", PATIENCE.as_secs())),
        };
        Ok(Self { docker: docker.with_timeout(ANSWER), address: address.to_owned() })
    }
}

/// The sockets that engines make by default and that are there; Docker's own if none is.
fn sockets() -> Vec<PathBuf> {
    const DOCKER: &str = "/var/run/docker.sock";
    let home = env::home_dir();
    let below = |path: &str| home.as_ref().map(|home| home.join(path));
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let known = [
        Some(PathBuf::from(DOCKER)),
        runtime.as_ref().map(|runtime| runtime.join("docker.sock")),
        below(".docker/run/docker.sock"),
        below(".docker/desktop/docker.sock"),
        runtime.as_ref().map(|runtime| runtime.join("podman/podman.sock")),
        Some(PathBuf::from("/run/podman/podman.sock")),
    ];
    let there: Vec<PathBuf> = known.into_iter().flatten().filter(|path| Path::exists(path)).collect();
    if there.is_empty() { vec![PathBuf::from(DOCKER)] } else { there }
}

/// The engine's or the network's words, with every cause.
pub(super) fn words(error: &bollard::errors::Error) -> String {
    use bollard::errors::Error::{DockerResponseServerError, DockerStreamError};
    if let DockerResponseServerError { message: said, .. } | DockerStreamError { error: said } = error {
        return said.trim().to_owned();
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        let said = deeper.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = deeper.source();
    }
    text
}
