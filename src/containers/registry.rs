//! One registry, over HTTP: what is there, and images from and to a layout, blob by blob.
//!
//! A blob that the other side has is not sent, so what was interrupted goes on where it stopped. Loopback registries
//! are spoken to without TLS.

mod attempt;
mod pull;
mod push;

use std::time::Duration;

use lisa_deploy::ports::registry::Login;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};

pub use pull::Found;
pub(crate) use push::send;

/// Silence after which a connection counts as lost.
const SILENCE: Duration = Duration::from_secs(90);

/// A registry, and how to get in.
#[derive(Clone)]
pub struct Remote {
    client: Client,
    auth: RegistryAuth,
    host: String,
    waits: &'static [Duration],
}

impl Remote {
    /// A registry with credentials.
    pub fn with_login(login: &Login) -> Self {
        let auth = RegistryAuth::Basic(login.user.clone(), login.password.clone());
        Self::new(&login.host, login.plain, auth)
    }

    /// A registry that anybody may read.
    pub fn anonymous(host: &str) -> Self {
        Self::new(host, false, RegistryAuth::Anonymous)
    }

    fn new(host: &str, plain: bool, auth: RegistryAuth) -> Self {
        let protocol = if plain || is_loopback(host) { ClientProtocol::Http } else { ClientProtocol::Https };
        let config = ClientConfig {
            protocol,
            // The whole blob in one request, which every registry takes, and no copy of it in memory.
            use_monolithic_push: true,
            platform_resolver: None,
            read_timeout: Some(SILENCE),
            connect_timeout: Some(Duration::from_secs(15)),
            user_agent: concat!("lisa/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        };
        Self { client: Client::new(config), auth, host: host.to_owned(), waits: &attempt::WAITS }
    }

    /// The same registry, whose first answer counts.
    pub(crate) fn asked_once(&self) -> Self {
        Self { waits: &[], ..self.clone() }
    }

    /// Its host, with its port where it has one.
    pub fn host(&self) -> &str {
        &self.host
    }

    fn tagged(&self, repository: &str, tag: &str) -> Reference {
        Reference::with_tag(self.host.clone(), repository.to_owned(), tag.to_owned())
    }
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("host", &self.host).finish_non_exhaustive()
    }
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
    let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    name == "localhost" || name.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}
