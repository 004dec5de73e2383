//! Finding the engine: where `DOCKER_HOST` says, or where Docker and Podman listen by default.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};

use super::Engine;
use crate::error::ContainerError;

/// An engine that is there answers a ping within this time.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time for the first byte of an answer: a build's or a save's may take long to begin.
const ANSWER: Duration = Duration::from_hours(1);

/// Where an engine may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `unix:`, `tcp:`, `http:` or `https:`, and where.
    pub host: String,
    /// The directory of `ca.pem`, `cert.pem` and `key.pem`, where TLS is spoken; `https:` always does.
    pub certificates: Option<PathBuf>,
}

impl Address {
    /// What the environment says, as Docker's own client reads it: `DOCKER_HOST`, with TLS where `DOCKER_TLS_VERIFY`
    /// is not empty, by the certificates in `DOCKER_CERT_PATH` or in `~/.docker`. `None` where it says nothing.
    fn told(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let host = set("DOCKER_HOST")?.to_string_lossy().into_owned();
        let speaks_tls = host.starts_with("https://") || set("DOCKER_TLS_VERIFY").is_some();
        let folder = set("DOCKER_CERT_PATH").or_else(|| set("DOCKER_CONFIG")).map(PathBuf::from);
        let folder = folder.or_else(|| env::home_dir().map(|home| home.join(".docker")));
        Some(Self { host, certificates: folder.filter(|_| speaks_tls) })
    }

    /// The sockets that engines make by default.
    fn usual() -> Vec<Self> {
        let of = |socket: PathBuf| Self { host: format!("unix://{}", socket.display()), certificates: None };
        sockets().into_iter().map(of).collect()
    }

    fn client(&self) -> Result<Docker, bollard::errors::Error> {
        const SECONDS: u64 = 120;
        match &self.certificates {
            Some(folder) if !self.host.starts_with("unix://") => {
                let [key, certificate, authority] =
                    ["key.pem", "cert.pem", "ca.pem"].map(|name| folder.join(name));
                Docker::connect_with_ssl(
                    &self.host,
                    &key,
                    &certificate,
                    &authority,
                    SECONDS,
                    API_DEFAULT_VERSION,
                )
            }
            _ => Docker::connect_with_host(&self.host),
        }
    }
}

impl Engine {
    /// Connects to the first engine that answers: where `DOCKER_HOST` says, if it is set; else where Docker, Docker
    /// Desktop and Podman listen by default.
    pub async fn connect() -> Result<Self, ContainerError> {
        let addresses =
            Address::told(|name| env::var_os(name)).map_or_else(Address::usual, |address| vec![address]);
        let mut fault = "there is no such socket".to_owned();
        for address in &addresses {
            match Self::connect_to(address).await {
                Ok(engine) => return Ok(engine),
                Err(said) => fault = said,
            }
        }
        let hosts: Vec<String> = addresses.into_iter().map(|address| address.host).collect();
        Err(ContainerError::NoEngine { address: hosts.join(", "), fault })
    }

    pub(crate) async fn connect_to(address: &Address) -> Result<Self, String> {
        let docker = address.client().map_err(|error| error.to_string())?;
        let greeting = async {
            docker.ping().await?;
            // An older engine is spoken to in its own version.
            docker.negotiate_version().await
        };
        let docker = match tokio::time::timeout(PATIENCE, greeting).await {
            Ok(answer) => answer.map_err(|error| words(&error))?,
            Err(_) => return Err(format!("it said nothing for {} s", PATIENCE.as_secs())),
        };
        Ok(Self { docker: docker.with_timeout(ANSWER), address: address.host.clone() })
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
    lisa_signed::error_chain(error)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::Address;

    fn told(variables: &[(&str, &str)]) -> Option<Address> {
        Address::told(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_environment_is_read_as_dockers_own_client_reads_it() {
        assert_eq!(told(&[("DOCKER_HOST", "")]), None);
        let plain = told(&[("DOCKER_HOST", "tcp://10.0.0.1:2375"), ("DOCKER_TLS_VERIFY", "")]).unwrap();
        assert_eq!((plain.host.as_str(), plain.certificates), ("tcp://10.0.0.1:2375", None));
        let sure =
            [("DOCKER_HOST", "tcp://b:2376"), ("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", "/certs")];
        assert_eq!(told(&sure).unwrap().certificates.as_deref(), Some(Path::new("/certs")));
        let by_scheme = told(&[("DOCKER_HOST", "https://b:2376")]).unwrap();
        assert!(by_scheme.certificates.is_some_and(|folder| folder.ends_with(".docker")));
    }
}
