//! Which models are served: those that were named, those that were found running, and fixtures where there are none.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use lisa_serve::gateway::Shared;
use lisa_serve::local;
use lisa_serve::registry::{Endpoint, Kind, Model, Snapshot, Target, Upstream};
use lisa_signed::Wire;

use crate::discover::{self, Place, Server};
use crate::options::Options;

/// Between two looks for servers: one that is started is there for the next question.
const LOOK: Duration = Duration::from_secs(10);

/// Ids of found endpoints begin here; the lower ones are those of models that were named.
const FIRST_ID: u64 = 1 << 16;

/// The models of this process.
pub(crate) struct Models {
    shared: Arc<Shared>,
    named: Vec<String>,
    places: Vec<Place>,
    wire: Wire,
    /// Endpoints that were found before keep their health and their connections.
    known: BTreeMap<(String, String), Arc<Endpoint>>,
    found: Vec<Server>,
}

impl Models {
    pub(crate) fn new(shared: Arc<Shared>, options: &Options, own: SocketAddr, wire: Wire) -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let places = if options.discovery {
            discover::places(own, variable("OPENAI_BASE_URL"), variable("OPENAI_API_KEY"))
        } else {
            Vec::new()
        };
        let (known, found) = (BTreeMap::new(), Vec::new());
        Self { shared, named: options.models.clone(), places, wire, known, found }
    }

    /// Looks for servers once, and puts what there is in place.
    pub(crate) async fn look(&mut self) -> Result<(), local::LocalError> {
        self.found = discover::look(&self.wire, self.places.clone()).await;
        self.publish()
    }

    /// Looks again and again, for as long as the process runs.
    pub(crate) async fn follow(mut self) {
        if self.places.is_empty() {
            return;
        }
        loop {
            tokio::time::sleep(LOOK).await;
            if let Err(error) = self.look().await {
                tracing::warn!(reason = error.to_string(), "the models that were found cannot be used");
            }
        }
    }

    /// What was found, for people: `llama3 (Ollama)`.
    pub(crate) fn told(&self) -> Vec<String> {
        let found = self.found.iter().flat_map(|server| {
            server.models.iter().map(move |model| format!("{model} ({})", server.place.what))
        });
        let named =
            self.named.iter().filter_map(|text| text.split_once('=')).map(|(name, _)| name.to_owned());
        named.chain(found).collect()
    }

    /// The model that documents are embedded with: the first that embeds, or the fixture.
    pub(crate) fn embedding(&self) -> String {
        let registry = self.shared.registry.now();
        let embeds = registry.all().find(|(_, model)| model.kind == Kind::Embedding);
        embeds.map_or_else(|| local::EMBED.to_owned(), |(name, _)| name.to_owned())
    }

    fn publish(&mut self) -> Result<(), local::LocalError> {
        let mut models = local::models(&self.named)?;
        let mut next = FIRST_ID + self.known.len() as u64;
        for server in &self.found {
            for name in &server.models {
                if models.iter().any(|model| model.name == *name) {
                    continue;
                }
                let key = (server.place.base.clone(), name.clone());
                let endpoint = if let Some(endpoint) = self.known.get(&key) {
                    Arc::clone(endpoint)
                } else {
                    next += 1;
                    let endpoint = Arc::new(Endpoint::new(next, Target::Http(upstream(&server.place)?)));
                    self.known.insert(key, Arc::clone(&endpoint));
                    endpoint
                };
                models.push(found(name, endpoint));
            }
        }
        self.shared.registry.replace(Snapshot::new(models));
        Ok(())
    }
}

fn upstream(place: &Place) -> Result<Upstream, local::LocalError> {
    let upstream = Upstream::parse(&place.base)?;
    Ok(match &place.key {
        Some(key) => upstream.with_key(key)?,
        None => upstream,
    })
}

fn found(name: &str, endpoint: Arc<Endpoint>) -> Model {
    // Servers do not say what their models are for; their names mostly do.
    let lower = name.to_ascii_lowercase();
    let embeds = ["embed", "minilm", "bge-", "e5-", "gte-"].iter().any(|part| lower.contains(part));
    let (kind, provider) =
        if embeds { (Kind::Embedding, "local.embedding") } else { (Kind::Textgen, "local.textgen") };
    Model {
        name: name.to_owned(),
        kind,
        provider: provider.to_owned(),
        endpoints: vec![endpoint],
        ..Model::default()
    }
}
