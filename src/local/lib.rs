//! All of LISA in one process on loopback: the gateway, the services of the REST API and the page, over embedded stores.
//!
//! The routers, the rules of who may call and the gateway are those of a deployment; what differs is the world behind
//! their ports. One folder holds everything, and nothing leaves the machine but requests to the models that were asked for.
//!
//! * [`options`]: what it is started with; [`folder`]: where it keeps things;
//! * `front`: what every request meets first; `sign_in`, `origin`, `keys`: whose it is;
//! * `services`: what is served, `rest`: side by side; `page`: the page;
//! * `models` and [`discover`]: which models are served;
//! * `doctor`: what is missing.

pub mod discover;
mod doctor;
pub mod folder;
mod front;
mod greet;
mod keys;
mod models;
pub mod options;
mod origin;
mod page;
mod rest;
mod services;
mod sign_in;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use http::HeaderValue;
use lisa_api::tables;
use lisa_auth::api_token;
use lisa_serve::beside::Beside;
use lisa_serve::gateway::Shared;
use lisa_serve::log::Log;
use lisa_serve::server::{Server, Settings};
use lisa_service::{Environment, Given, Job, Running, StartError, Threads, Work};
use lisa_signed::Wire;
use lisa_store::Database;
use serde_json::{Map, json};

pub use options::{FLAGS, Options};

use crate::folder::Folder;
use crate::front::{Front, User};
use crate::greet::Greeting;
use crate::models::Models;
use crate::origin::Names;
use crate::page::Page;
use crate::sign_in::SignIn;

/// Threads of the gateway: one user does not keep more busy.
const THREADS: usize = 2;

/// Bytes of requests' bodies that may be held at once.
const BODIES: usize = 256 * 1024 * 1024;

/// Why it does not start.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Makes everything, ready to be asked.
pub async fn start(_: Environment, given: Given) -> Result<Work, StartError> {
    let refused = |error: Failure| StartError::Refused(error.to_string());
    let options = Options::read(&given).map_err(|error| refused(error.into()))?;
    if given.has(options::DOCTOR) {
        return Ok(Work::Job(Job::new(doctor::examine(options))));
    }
    Ok(Work::Threads(Box::new(prepare(options).await.map_err(refused)?)))
}

/// Everything but the listener.
struct Prepared {
    address: SocketAddr,
    shared: Arc<Shared>,
    front: Front,
    link: Option<String>,
    key: Option<String>,
    told: Vec<String>,
    folder: Folder,
    documents: Option<std::path::PathBuf>,
}

async fn prepare(options: Options) -> Result<Prepared, Failure> {
    let address = settle(options.listen)?;
    let folder = Folder::open(&options.data)?;
    let database = Database::open(folder.path())?;
    let tokens = database.table(&tables::TOKENS)?;
    let wire = Wire::new(None)?;
    let own = api_token::generate()?;
    let key = keys::first_key(&tokens).await?;
    let provider = options.provider.as_ref();
    let authenticator = || keys::authenticator(tokens.clone(), &own, provider, &wire);
    let shared = Arc::new(Shared { log: Log::none(), ..Shared::new(authenticator()?) });
    let mut models =
        Models::new(Arc::clone(&shared), &options, address, wire.clone(), database.table(&tables::MODELS)?)?;
    models.look().await?;
    let (told, embedding_model) = (models.told(), models.embedding());
    tokio::spawn(models.follow());
    let (user, link) = if provider.is_some() {
        (None, None)
    } else {
        let (sign_in, link) = SignIn::open(database.table(&sign_in::TABLE)?, address.port()).await?;
        let authorization = HeaderValue::try_from(format!("Bearer {own}"))?;
        (Some(User { sign_in, caller: keys::user(), authorization }), Some(link))
    };
    let page = Page::new(&settings(&options));
    let rest = services::make(services::Parts {
        database: &database,
        folder: folder.path(),
        address,
        authenticator: authenticator()?,
        wire: wire.clone(),
        own: own.clone(),
        embedding_model,
        documents: options.documents.as_deref(),
    });
    let rest = rest.await?;
    let front = Front::new(Names::of(address), user, rest, page);
    Ok(Prepared { address, shared, front, link, key, told, folder, documents: options.documents })
}

/// An address whose port is known before it is listened on: names and cookies have it in them. The threads' own listeners
/// share a port, with those of another process, too, which this one does not.
fn settle(address: SocketAddr) -> Result<SocketAddr, String> {
    let listener = TcpListener::bind(address).and_then(|listener| listener.local_addr());
    listener.map_err(|error| {
        format!("cannot listen on {address}: {error}; `--listen 127.0.0.1:8081` is another one")
    })
}

/// What the page is told.
fn settings(options: &Options) -> Map<String, serde_json::Value> {
    let mut settings = Map::new();
    let mut set = |name: &str, value: serde_json::Value| drop(settings.insert(name.to_owned(), value));
    set("API_BASE_URL", json!("/"));
    set("RESTAPI_URI", json!("/"));
    set("RESTAPI_VERSION", json!("v2"));
    set("RAG_ENABLED", json!(true));
    match &options.provider {
        None => {
            set("AUTH_MODE", json!("cookie"));
            set("USER_NAME", json!(keys::user_name().unwrap_or_default()));
            set("IS_ADMIN", json!(true));
        }
        Some(provider) => {
            set("AUTHORITY", json!(provider.authority));
            set("CLIENT_ID", json!(provider.client_id));
            set("ADMIN_GROUP", json!(provider.admin_group.as_deref().unwrap_or_default()));
            set("JWT_GROUPS_PROP", json!(provider.groups_property.as_deref().unwrap_or("groups")));
        }
    }
    settings
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Threads for Prepared {
    fn start(self: Box<Self>, _: SocketAddr) -> io::Result<Running> {
        let Self { address, shared, front, link, key, told, folder, documents } = *self;
        let settings = Settings { address, threads: THREADS, bodies: BODIES };
        let front: Arc<dyn Beside> = Arc::new(front);
        let server = Server::start_beside(settings, &shared, Some(&front))?;
        let greeting = Greeting {
            address,
            link: link.as_deref(),
            key: key.as_deref(),
            models: &told,
            data: folder.path(),
            documents: documents.as_deref(),
            has_page: Page::is_built(),
        };
        greeting.show()?;
        let stop = move || {
            server.stop();
            drop(folder);
        };
        Ok(Running { address, stop: Box::new(stop) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_not_shared() {
        let free = settle(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        assert_ne!(free.port(), 0);
        let _taken = TcpListener::bind(free).unwrap();
        assert!(settle(free).unwrap_err().contains("--listen"));
    }
}
