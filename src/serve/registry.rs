//! The models that the gateway serves, and where each is answered: an immutable snapshot that is replaced as a whole, so
//! that a request sees one state of affairs from its beginning to its end.

mod upstream;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use lisa_signed::{Service, Signer};
use serde::Serialize;

use crate::attempts::Attempts;
use crate::balance::Health;
use crate::choose::Choice;
use crate::fixture::Fixture;
use crate::options::Options;
use crate::terms::{Meter, Terms};

pub use upstream::{BadKey, BadUrl, Upstream};

/// The models as they are now.
#[derive(Debug, Default)]
pub struct Registry(ArcSwap<Snapshot>);

impl Registry {
    /// A registry with these models.
    pub fn new(models: Vec<Model>) -> Self {
        Self(ArcSwap::from_pointee(Snapshot::new(models)))
    }

    /// The models as they are now.
    pub fn now(&self) -> Arc<Snapshot> {
        self.0.load_full()
    }

    /// Puts others in their place. Requests under way keep theirs.
    pub fn replace(&self, snapshot: Snapshot) {
        self.0.store(Arc::new(snapshot));
    }
}

/// The models at one moment, by name, and what holds for all of them.
#[derive(Debug, Default)]
pub struct Snapshot {
    models: BTreeMap<String, Arc<Model>>,
    /// Other names of models, and whether they are listed.
    aliases: BTreeMap<String, (String, bool)>,
    /// What holds for every request.
    pub options: Options,
}

impl Snapshot {
    /// These models, without options.
    pub fn new(models: Vec<Model>) -> Self {
        Self::with(models, BTreeMap::new(), Options::default())
    }

    /// These models under further names, with options.
    pub fn with(models: Vec<Model>, aliases: BTreeMap<String, (String, bool)>, options: Options) -> Self {
        let models = models.into_iter().map(|model| (model.name.clone(), Arc::new(model))).collect();
        Self { models, aliases, options }
    }

    /// The model of this name: by that very name, by another one of it, or by the longest pattern that it matches.
    pub fn get(&self, name: &str) -> Option<&Arc<Model>> {
        if let Some(model) = self.models.get(name) {
            return Some(model);
        }
        if let Some((other, _)) = self.aliases.get(name) {
            return self.models.get(other);
        }
        let patterns = self.models.values().filter(|model| wild(&model.name, name).is_some());
        patterns.max_by_key(|model| model.name.len())
    }

    /// Every model that is listed, by name; one with another name stands there under each.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Arc<Model>)> {
        let own = self.models.iter().map(|(name, model)| (name.as_str(), model));
        let aliases = self.aliases.iter().filter(|(_, (_, is_listed))| *is_listed);
        let others = aliases.filter_map(|(alias, (name, _))| Some((alias.as_str(), self.models.get(name)?)));
        own.chain(others).filter(|(_, model)| !model.is_hidden)
    }
}

/// What the `*` of a pattern stands for in a name.
fn wild<'a>(pattern: &str, name: &'a str) -> Option<&'a str> {
    let (start, end) = pattern.split_once('*')?;
    name.strip_prefix(start)?.strip_suffix(end)
}

/// A model, by the name that callers use.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The name.
    pub name: String,
    /// What it answers.
    pub kind: Kind,
    /// Where it comes from, as upstream's first routes name it: `ecs.textgen.tgi`; empty where they do not list it.
    pub provider: String,
    /// The groups whose members may use it; everybody where empty.
    pub groups: Vec<String>,
    /// Where it is answered; any of them will do.
    pub endpoints: Vec<Arc<Endpoint>>,
    /// What is done where an endpoint does not answer.
    pub attempts: Attempts,
    /// Which of them answers.
    pub choice: Choice,
    /// Whether it is left out of lists.
    pub is_hidden: bool,
    /// Facts about it, as `model_info` of `litellmConfig` has them.
    pub info: serde_json::Map<String, serde_json::Value>,
    /// Why it cannot be asked though it is in service. It is for the log: callers are told that it is so.
    pub unusable: Option<String>,
}

/// What a model answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text.
    #[default]
    Textgen,
    /// Vectors.
    Embedding,
}

/// One place that answers for a model.
#[derive(Debug)]
pub struct Endpoint {
    /// Tells endpoints apart in pools of connections, for as long as the process runs.
    pub id: u64,
    /// How it is reached.
    pub target: Target,
    /// The model's name there; the caller's own where `None`.
    pub model: Option<String>,
    /// How it fares.
    pub health: Health,
    /// How long it may take.
    pub times: Times,
    /// On which terms it is asked.
    pub terms: Terms,
    /// What it has been asked of late.
    pub meter: Meter,
}

impl Endpoint {
    /// An endpoint that knows the model by the caller's name.
    pub fn new(id: u64, target: Target) -> Self {
        let (health, times, terms, meter) = Default::default();
        Self { id, target, model: None, health, times, terms, meter }
    }

    /// The model's name there, where it is another than the caller's: a `*` in it stands for what `pattern`, the model's
    /// name here, has one for in what was `asked`.
    pub fn name_there<'a>(&'a self, pattern: &str, asked: &str) -> Option<Cow<'a, str>> {
        let name = self.model.as_deref()?;
        let there = match wild(pattern, asked) {
            Some(part) if name.contains('*') => Cow::Owned(name.replacen('*', part, 1)),
            _ => Cow::Borrowed(name),
        };
        (there != asked).then_some(there)
    }
}

/// How long an endpoint may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until an answer begins.
    pub first_byte: Duration,
    /// Until a stream begins; as any answer where `None`.
    pub first_byte_of_stream: Option<Duration>,
    /// Between two parts of an answer.
    pub silence: Duration,
    /// Until an answer has ended; as long as it likes where `None`.
    pub total: Option<Duration>,
}

impl Default for Times {
    /// Upstream's `request_timeout` of ten minutes until an answer begins and between its parts.
    fn default() -> Self {
        let long = Duration::from_mins(10);
        Self {
            connect: Duration::from_secs(5),
            first_byte: long,
            first_byte_of_stream: None,
            silence: long,
            total: None,
        }
    }
}

/// How an endpoint is reached.
#[derive(Debug)]
pub enum Target {
    /// A server that speaks OpenAI's protocol.
    Http(Upstream),
    /// A model of Amazon Bedrock, whose id is the endpoint's `model`.
    Bedrock(Aws),
    /// An endpoint of Amazon SageMaker, whose name is the endpoint's `model`.
    SageMaker(Aws, Container),
    /// A model built into the gateway, for trying it out.
    Fixture(Fixture),
}

impl Target {
    /// The server behind it, where there is one.
    pub fn upstream(&self) -> Option<&Upstream> {
        match self {
            Self::Http(upstream) => Some(upstream),
            Self::Bedrock(aws) | Self::SageMaker(aws, _) => Some(&aws.upstream),
            Self::Fixture(_) => None,
        }
    }
}

/// What the container of a SageMaker endpoint understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// OpenAI's bodies: LiteLLM's `sagemaker_chat/`.
    Chat,
    /// `inputs` and `parameters`, as Text Generation Inference and its kin: LiteLLM's `sagemaker/`.
    Inputs,
}

/// A service of AWS that answers for models.
#[derive(Clone, Debug)]
pub struct Aws {
    /// Where it is.
    pub upstream: Upstream,
    /// The region that requests are signed for.
    pub region: String,
    /// What signs requests; `None` where a header of `upstream` says who is asking, as Bedrock's API keys do.
    pub signer: Option<Signer>,
    /// A guardrail that every request of a conversation takes with it, as Bedrock's `guardrailConfig`.
    pub guardrail: Option<serde_json::Value>,
    /// Whether parameters that the model does not know are left out; they are an error otherwise.
    pub drop_parameters: bool,
}

impl Aws {
    /// A service in a region, at its own endpoint or another one.
    pub fn new(
        service: &Service,
        region: &str,
        fips: bool,
        endpoint: Option<&str>,
        signer: Signer,
    ) -> Result<Self, BadUrl> {
        let url = match (endpoint, lisa_signed::public_endpoint(service, region, fips)) {
            (Some(url), _) => url.to_owned(),
            (None, Some(public)) => public.url,
            (None, None) => {
                return Err(BadUrl { url: region.to_owned(), why: "it is a region of no partition" });
            }
        };
        let upstream = Upstream::parse(&url)?;
        let (region, signer) = (region.to_owned(), Some(signer));
        Ok(Self { upstream, region, signer, guardrail: None, drop_parameters: true })
    }
}

impl PartialEq for Aws {
    /// Signers are as equal as what they sign for.
    fn eq(&self, other: &Self) -> bool {
        let key = |aws: &Self| (aws.upstream.clone(), aws.region.clone(), aws.guardrail.clone());
        key(self) == key(other) && self.drop_parameters == other.drop_parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_found_by_other_names_and_patterns() {
        let model = |name: &str| Model { name: name.to_owned(), ..Model::default() };
        let aliases = [("gpt-4", "big", true), ("secret", "big", false)];
        let aliases = aliases.map(|(alias, name, listed)| (alias.to_owned(), (name.to_owned(), listed)));
        let models = vec![model("big"), model("openai/*"), model("openai/gpt-*")];
        let snapshot = Snapshot::with(models, aliases.into(), Options::default());
        let found = |name: &str| snapshot.get(name).map(|model| model.name.as_str());
        assert_eq!(found("gpt-4"), Some("big"));
        assert_eq!(found("secret"), Some("big"));
        assert_eq!(found("openai/gpt-9"), Some("openai/gpt-*"));
        assert_eq!(found("openai/o1"), Some("openai/*"));
        assert_eq!(found("other"), None);
        let listed: Vec<&str> = snapshot.all().map(|(name, _)| name).collect();
        assert_eq!(listed, ["big", "openai/*", "openai/gpt-*", "gpt-4"]);
    }

    #[test]
    fn a_pattern_names_the_model_there() {
        let target = || Target::Fixture(Fixture::Chat);
        let endpoint = |model: &str| Endpoint { model: Some(model.to_owned()), ..Endpoint::new(0, target()) };
        let there = |model: &str, pattern: &str, asked: &str| {
            endpoint(model).name_there(pattern, asked).map(Cow::into_owned)
        };
        assert_eq!(there("*", "openai/*", "openai/o1").as_deref(), Some("o1"));
        assert_eq!(there("org/*-it", "x-*", "x-7b").as_deref(), Some("org/7b-it"));
        assert_eq!(there("real", "m", "m").as_deref(), Some("real"));
        assert_eq!(there("m", "m", "m"), None);
        assert_eq!(Endpoint::new(0, target()).name_there("m", "m"), None);
    }
}
