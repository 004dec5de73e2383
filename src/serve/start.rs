//! How the gateway starts: in AWS with what its environment names, or on loopback with nothing.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use lisa_service::{Environment, Given, Running, StartError, Threads, Work};

use crate::config::Config;
use crate::gateway::Shared;
use crate::models::Models;
use crate::server::{Server, Settings};
use crate::trace::Tracer;
use crate::{cloud, local};

/// Where `--local` listens if nothing else is said.
const LOCAL: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 8080);

/// Bytes of requests' bodies that all threads together may hold.
const BODIES: usize = 512 * 1024 * 1024;

/// The gateway, ready to serve.
struct Prepared {
    shared: Arc<Shared>,
    threads: usize,
    /// The address in place of the usual one.
    address: Option<SocketAddr>,
    /// A key that is to be shown once.
    key: Option<String>,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("threads", &self.threads).finish_non_exhaustive()
    }
}

/// Makes the gateway for an environment and the arguments that were given.
pub async fn start(environment: Environment, given: Given) -> Result<Work, StartError> {
    let prepared = if given.has("--local") {
        Box::pin(on_loopback(&environment, &given)).await?
    } else {
        let config = Config::read(&environment)?;
        let threads = config.threads;
        Prepared { shared: cloud::share(&config, &environment).await?, threads, address: None, key: None }
    };
    Ok(Work::Threads(Box::new(prepared)))
}

async fn on_loopback(environment: &Environment, given: &Given) -> Result<Prepared, StartError> {
    let refused = |error: local::LocalError| StartError::Refused(error.to_string());
    let (authenticator, key) =
        local::authenticator(given.all("--data").last().map(Path::new)).map_err(refused)?;
    let asked: Vec<String> = given.all("--model").map(str::to_owned).collect();
    let fixed = local::models(&asked).map_err(refused)?;
    let document = given.all("--litellm").last().map(|path| local::document(Path::new(path)));
    let mut shared = Shared::new(authenticator);
    shared.tracer = Tracer::from_environment(environment, &shared.metrics)
        .map_err(|error| StartError::Refused(error.to_string()))?;
    let shared = Arc::new(shared);
    let mut models = Models::new(Arc::clone(&shared), None, environment);
    if let Some(document) = document {
        models.set_document(document.map_err(refused)?);
    }
    let wanted = asked.clone();
    models.publish(fixed).await;
    tokio::spawn(local::follow(models, wanted));
    let address = given.listen.unwrap_or(LOCAL.into());
    let threads = processors();
    Ok(Prepared { shared, threads, address: Some(address), key })
}

/// Threads where nothing else is said: one for each processor.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Threads for Prepared {
    fn start(self: Box<Self>, address: SocketAddr) -> io::Result<Running> {
        let address = self.address.unwrap_or(address);
        let settings = Settings { address, threads: self.threads, bodies: BODIES };
        let server = Server::start(settings, &self.shared)?;
        let address = server.address();
        let bills = self.shared.bills.clone();
        if self.address.is_some() {
            local::greet(address, self.key.as_deref())?;
        }
        let stop = move || {
            server.stop();
            bills.end();
        };
        Ok(Running { address, stop: Box::new(stop) })
    }
}
