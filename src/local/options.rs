//! What `lisa-local` is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use lisa_service::{Flag, Given};

use crate::folder::{Folder, FolderError};

/// Asks what is missing instead of serving.
pub(crate) const DOCTOR: &str = "--doctor";

/// The arguments beside those of every service.
pub const FLAGS: &[Flag] = &[
    Flag { name: "--data", value: "DIR", about: "Keep everything there [default: ~/.local/share/lisa]" },
    Flag { name: "--documents", value: "DIR", about: "Search the documents of this folder, and watch it" },
    Flag {
        name: "--model",
        value: "NAME=URL",
        about: "A server that speaks OpenAI's protocol; may be repeated",
    },
    Flag { name: "--no-discovery", value: "", about: "Look for no servers of models on this machine" },
    Flag { name: DOCTOR, value: "", about: "Say what is missing, and end" },
    Flag { name: "--authority", value: "URL", about: "Sign in by this OpenID provider instead of by a link" },
    Flag { name: "--client-id", value: "ID", about: "With --authority: the client's id there" },
    Flag {
        name: "--admin-group",
        value: "NAME",
        about: "With --authority: who may change models and settings",
    },
    Flag { name: "--groups-property", value: "NAME", about: "With --authority: where a token names groups" },
];

/// Where it listens if nothing else is said.
const USUAL: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 8080);

/// What was asked for, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where to listen: an address of loopback.
    pub listen: SocketAddr,
    /// The folder that everything is kept in.
    pub data: PathBuf,
    /// A folder of documents to search.
    pub documents: Option<PathBuf>,
    /// Models that were named, as `NAME=URL`.
    pub models: Vec<String>,
    /// Whether servers of models on this machine are looked for.
    pub discovery: bool,
    /// Who signs people in, if not this process.
    pub provider: Option<Provider>,
}

/// An OpenID provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The issuer.
    pub authority: String,
    /// The client's id.
    pub client_id: String,
    /// The group of administrators.
    pub admin_group: Option<String>,
    /// Where a token names its groups.
    pub groups_property: Option<String>,
}

/// Why the arguments cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// Others could reach it.
    #[error(
        "`--listen {0}` can be reached from other machines; `lisa local` is for this one, as 127.0.0.1:8080; \
         `lisa deploy` is for others"
    )]
    NotLoopback(SocketAddr),
    /// Half of a provider.
    #[error("`--authority` and `--client-id` go together")]
    HalfProvider,
    /// No folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

impl Options {
    /// Reads the arguments.
    pub fn read(given: &Given) -> Result<Self, OptionsError> {
        let listen = given.listen.unwrap_or(USUAL.into());
        if !listen.ip().is_loopback() {
            return Err(OptionsError::NotLoopback(listen));
        }
        let last = |name| given.all(name).last().map(str::to_owned);
        let provider = match (last("--authority"), last("--client-id")) {
            (None, None) => None,
            (Some(authority), Some(client_id)) => Some(Provider {
                authority,
                client_id,
                admin_group: last("--admin-group"),
                groups_property: last("--groups-property"),
            }),
            _ => return Err(OptionsError::HalfProvider),
        };
        Ok(Self {
            listen,
            data: last("--data").map_or_else(Folder::usual, |folder| Ok(folder.into()))?,
            documents: last("--documents").map(PathBuf::from),
            models: given.all("--model").map(str::to_owned).collect(),
            discovery: !given.has("--no-discovery"),
            provider,
        })
    }
}
