//! Which models are served: those that were named, those that were found running, and fixtures where there are none.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use lisa_serve::gateway::Shared;
use lisa_serve::registry::{Endpoint, Kind, Model, Snapshot, Target, Upstream};
use lisa_serve::{local, table};
use lisa_signed::Wire;
use lisa_store::{EmbeddedTable, Table as _};
use serde_json::Value;

use crate::Failure;
use crate::discover::{self, Place, Server};
use crate::options::Options;

/// Between two looks at the table: a model that has come into service can be asked at once.
const LOOK: Duration = Duration::from_secs(1);

/// Looks at the table for one look for servers, which costs them a request.
const LOOKS: u32 = 10;

/// Ids of found endpoints begin here; the lower ones are those of models that were named.
const FIRST_ID: u64 = 1 << 16;

/// The models of this process.
pub(crate) struct Models {
    shared: Arc<Shared>,
    named: Vec<Model>,
    /// Models that were added by the API.
    table: EmbeddedTable,
    places: Vec<Place>,
    wire: Wire,
    /// The last id of an endpoint.
    next: u64,
    /// Endpoints that were found before keep their health and their connections.
    known: BTreeMap<(String, String), Arc<Endpoint>>,
    found: Vec<Server>,
}

impl Models {
    pub(crate) fn new(
        shared: Arc<Shared>,
        options: &Options,
        own: SocketAddr,
        wire: Wire,
        table: EmbeddedTable,
    ) -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok();
        let places = if options.discovery {
            discover::places(own, variable("OPENAI_BASE_URL"), variable("OPENAI_API_KEY"))
        } else {
            Vec::new()
        };
        let (known, found) = (BTreeMap::new(), Vec::new());
        let named = local::named(&options.models)?;
        Ok(Self { shared, named, table, places, wire, next: FIRST_ID, known, found })
    }

    /// Looks for servers once, and puts what there is in place.
    pub(crate) async fn look(&mut self) -> Result<(), Failure> {
        self.found = discover::look(&self.wire, self.places.clone()).await;
        self.publish().await
    }

    /// Looks again and again, for as long as the process runs.
    pub(crate) async fn follow(mut self) {
        for count in 1_u32.. {
            tokio::time::sleep(LOOK).await;
            let looks = count % LOOKS == 0 && !self.places.is_empty();
            let outcome = if looks { self.look().await } else { self.publish().await };
            if let Err(error) = outcome {
                tracing::warn!(reason = error.to_string(), "the models cannot be renewed");
            }
        }
    }

    /// What was found, for people: `llama3 (Ollama)`.
    pub(crate) fn told(&self) -> Vec<String> {
        let found = self.found.iter().flat_map(|server| {
            server.models.iter().map(move |model| format!("{model} ({})", server.place.what))
        });
        let named = self.named.iter().map(|model| model.name.clone());
        named.chain(found).collect()
    }

    /// The model that documents are embedded with: the first that embeds, or the fixture.
    pub(crate) fn embedding(&self) -> String {
        let registry = self.shared.registry.now();
        let embeds = registry.all().find(|(_, model)| model.kind == Kind::Embedding);
        embeds.map_or_else(|| local::EMBED.to_owned(), |(name, _)| name.to_owned())
    }

    async fn publish(&mut self) -> Result<(), Failure> {
        let mut models = self.named.clone();
        for server in &self.found {
            for name in &server.models {
                if models.iter().any(|model| model.name == *name) {
                    continue;
                }
                let key = (server.place.base.clone(), name.clone());
                let endpoint = if let Some(endpoint) = self.known.get(&key) {
                    Arc::clone(endpoint)
                } else {
                    self.next += 1;
                    let endpoint = Arc::new(Endpoint::new(self.next, Target::Http(upstream(&server.place)?)));
                    self.known.insert(key, Arc::clone(&endpoint));
                    endpoint
                };
                models.push(found(name, endpoint));
            }
        }
        models.extend(self.added().await?);
        // A fixture stands in for what there is none of, and says so in its answers.
        for fixture in local::fixtures() {
            if !models.iter().any(|model| model.kind == fixture.kind) {
                models.push(fixture);
            }
        }
        self.shared.registry.replace(Snapshot::new(models));
        Ok(())
    }

    /// The models that were added by the API and are in service.
    async fn added(&mut self) -> Result<Vec<Model>, Failure> {
        let rows = self.table.scan(None, None).await?.items;
        let known = self.shared.registry.now();
        let model = |row| {
            let row = Value::Object(row);
            let name = row["model_id"].as_str().unwrap_or_default();
            table::model(&row, Ok(None), known.get(name).map(AsRef::as_ref), || {
                self.next += 1;
                self.next
            })
        };
        Ok(rows.into_iter().filter_map(model).collect())
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
