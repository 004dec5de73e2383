//! The models and options that are served: those of the model table and those of `litellmConfig` together, put in place
//! as one snapshot whenever either has changed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use lisa_litellm::{Deployment, Settings, Verdict, judge};
use lisa_service::Environment;
use lisa_signed::Session;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::gateway::Shared;
use crate::litellm::{self, Known, World};
use crate::options::Options;
use crate::proxy::Proxies;
use crate::registry::{Model, Snapshot};

/// The models and options of a process.
pub(crate) struct Models {
    shared: Arc<Shared>,
    session: Option<Session>,
    environment: Environment,
    document: Value,
    settings: Settings,
    /// Models of the table that are reached as those of the document are.
    entries: Vec<Deployment>,
    known: Known,
    proxies: Proxies,
    /// Ids of endpoints that were given away.
    ids: u64,
    /// When model servers were tried last.
    checked: Option<Instant>,
    /// What was told of models that are not served, so that it is told once.
    told: Vec<String>,
}

impl Models {
    /// None, yet.
    pub(crate) fn new(shared: Arc<Shared>, session: Option<Session>, environment: &Environment) -> Self {
        let proxies = Proxies::new(environment.get("LITELLM_COMMAND").map(str::to_owned));
        let (environment, known) = (environment.clone(), Known::default());
        let (document, settings, told) = (Value::Null, Settings::default(), Vec::new());
        // Numbers below belong to fixtures and to models that are asked for on the command line.
        Self {
            shared,
            session,
            environment,
            document,
            settings,
            entries: Vec::new(),
            known,
            proxies,
            ids: 1 << 32,
            checked: None,
            told,
        }
    }

    /// The options as they are now.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A new id of an endpoint.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    /// Takes another `litellmConfig`; whatever of it has no effect is told in the log.
    pub(crate) fn set_document(&mut self, document: Value) {
        if document == self.document {
            return;
        }
        for finding in judge(&document) {
            match finding.verdict {
                Verdict::Honoured | Verdict::Proxy => {}
                Verdict::Warned => {
                    tracing::warn!(option = finding.path, why = finding.why, "an option has no effect");
                }
                Verdict::Refused => {
                    tracing::error!(option = finding.path, why = finding.why, "an option is refused");
                }
            }
        }
        let (settings, problems) = Settings::read(&document);
        for problem in problems {
            tracing::error!(option = problem.path, why = problem.message, "a value cannot be used");
        }
        self.proxies.set(&settings);
        (self.document, self.settings) = (document, settings);
    }

    /// Takes further entries of a `model_list`, those of the model table.
    pub(crate) fn set_entries(&mut self, entries: &[Value]) {
        self.entries = Settings::read(&json!({ "model_list": entries })).0.models;
    }

    /// Puts these models and those of the document in place. Requests under way keep what they have.
    pub(crate) async fn publish(&mut self, rows: Vec<Model>) {
        let environment = self.environment.clone();
        let variable = move |name: &str| environment.get(name).map(str::to_owned);
        let world =
            World { environment: &variable, session: self.session.as_ref(), proxy: self.proxies.ready() };
        let mut settings = self.settings.clone();
        settings.models.extend(self.entries.iter().cloned());
        let (own, unserved) = litellm::models(&settings, &world, &mut self.known, &mut self.ids).await;
        let unusable =
            rows.iter().filter_map(|row| Some(format!("`{}`: {}", row.name, row.unusable.as_ref()?)));
        let unserved = unserved.iter().map(ToString::to_string).chain(unusable).collect();
        let options = litellm::options(&self.settings, &world, &mut self.ids).unwrap_or_else(|reason| {
            tracing::error!(reason, "the options are not honoured");
            Options::default()
        });
        let aliases = self.settings.router.aliases.clone();
        self.shared.registry.replace(Snapshot::with(together(rows, own), aliases, options));
        self.tell(unserved);
    }

    /// Tells what is new of the reasons why models are not served.
    fn tell(&mut self, unserved: Vec<String>) {
        for reason in unserved.iter().filter(|reason| !self.told.contains(reason)) {
            tracing::error!(reason, "a model is not served");
        }
        self.told = unserved;
    }

    /// Tries a connection to every model server where the options ask for it and it is time; one that is gone is left
    /// alone, and tried again by requests when its pause is over.
    pub(crate) async fn check(&mut self) {
        let Some(pause) = self.settings.general.health_checks else { return };
        if self.checked.is_some_and(|at| at.elapsed() < pause) {
            return;
        }
        self.checked = Some(Instant::now());
        let snapshot = self.shared.registry.now();
        for endpoint in snapshot.all().flat_map(|(_, model)| &model.endpoints) {
            let Some(upstream) = endpoint.target.upstream() else { continue };
            let connected = TcpStream::connect((upstream.host.as_str(), upstream.port));
            if !matches!(tokio::time::timeout(endpoint.times.connect, connected).await, Ok(Ok(_))) {
                tracing::warn!(host = upstream.host, port = upstream.port, "a model server is gone");
                endpoint.health.failed_for(Some(1), None);
            }
        }
    }

    /// Whether the proxy has come up, or gone away, since the models were put in place.
    pub(crate) fn has_changed(&self) -> bool {
        self.proxies.has_changed()
    }
}

/// Models of one name are one: the table says who may use it, and endpoints of both answer. One that cannot be asked stays,
/// for who asks it is to know.
fn together(rows: Vec<Model>, own: Vec<Model>) -> Vec<Model> {
    let mut models: BTreeMap<String, Model> =
        rows.into_iter().map(|model| (model.name.clone(), model)).collect();
    for mut model in own {
        if let Some(row) = models.remove(&model.name) {
            let (provider, groups) = (row.provider, row.groups);
            model.endpoints.extend(row.endpoints);
            (model.provider, model.groups, model.is_hidden) = (provider, groups, false);
        }
        models.insert(model.name.clone(), model);
    }
    models.into_values().filter(|model| !model.endpoints.is_empty() || model.unusable.is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use crate::registry::{Endpoint, Target};

    #[test]
    fn a_model_that_cannot_be_asked_stays_unless_the_document_says_where_it_is() {
        let model = |name: &str, why: Option<&str>| Model {
            name: name.to_owned(),
            unusable: why.map(str::to_owned),
            ..Model::default()
        };
        let rows = || vec![model("ill", Some("why")), model("nowhere", None)];
        let names: Vec<String> = together(rows(), Vec::new()).into_iter().map(|model| model.name).collect();
        assert_eq!(names, ["ill"]);
        let endpoint = Arc::new(Endpoint::new(1, Target::Fixture(Fixture::Chat)));
        let own = Model { endpoints: vec![endpoint], ..model("ill", None) };
        assert_eq!(together(rows(), vec![own])[0].unusable, None);
    }
}
