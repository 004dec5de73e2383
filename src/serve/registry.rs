//! The models that the gateway serves, and where each is answered: an immutable snapshot that is replaced as a whole, so
//! that a request sees one state of affairs from its beginning to its end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{HeaderName, HeaderValue};
use lisa_signed::{Service, Signer};
use serde::Serialize;

use crate::balance::Health;
use crate::fixture::Fixture;

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

    /// Puts other models in their place. Requests under way keep theirs.
    pub fn replace(&self, models: Vec<Model>) {
        self.0.store(Arc::new(Snapshot::new(models)));
    }
}

/// The models at one moment, by name.
#[derive(Debug, Default)]
pub struct Snapshot {
    models: BTreeMap<String, Arc<Model>>,
}

impl Snapshot {
    fn new(models: Vec<Model>) -> Self {
        Self { models: models.into_iter().map(|model| (model.name.clone(), Arc::new(model))).collect() }
    }

    /// The model of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Model>> {
        self.models.get(name)
    }

    /// Every model, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.models.values()
    }
}

/// A model, by the name that callers use.
#[derive(Debug, Default)]
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

/// What is done where an endpoint does not answer. Nothing is asked again once an answer has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How often is asked beyond the first time.
    pub retries: usize,
    /// After which pause an endpoint is asked again that has been asked already; never where `None`.
    pub again_after: Option<Duration>,
    /// Models that answer instead, in this order, where no endpoint of this one does.
    pub fallbacks: Vec<String>,
    /// Those that answer what is too long for this one.
    pub context_window_fallbacks: Vec<String>,
    /// Those that answer what this one refuses for its content.
    pub content_policy_fallbacks: Vec<String>,
}

impl Default for Attempts {
    fn default() -> Self {
        let (fallbacks, context_window_fallbacks, content_policy_fallbacks) = Default::default();
        Self { retries: 2, again_after: None, fallbacks, context_window_fallbacks, content_policy_fallbacks }
    }
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
}

impl Endpoint {
    /// An endpoint that knows the model by the caller's name.
    pub fn new(id: u64, target: Target) -> Self {
        Self { id, target, model: None, health: Health::default(), times: Times::default() }
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

/// A server that speaks OpenAI's protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Whether it is spoken to with TLS.
    pub tls: bool,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What stands before the route, without a slash at the end: `/v1`.
    pub prefix: String,
    /// Headers that every request carries, such as the provider's key.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether it speaks Anthropic's Messages too; they are translated for it otherwise.
    pub speaks_messages: bool,
}

/// A base URL that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{url}` is no base URL of a model server: {why}")]
pub struct BadUrl {
    url: String,
    why: &'static str,
}

impl Upstream {
    /// The server at a base URL, such as `http://host:8000/v1`.
    pub fn parse(url: &str) -> Result<Self, BadUrl> {
        let bad = |why| BadUrl { url: url.to_owned(), why };
        let uri: http::Uri = url.parse().map_err(|_| bad("it is no URL"))?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(bad("it begins with neither `http://` nor `https://`")),
        };
        let authority = uri.authority().ok_or_else(|| bad("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(bad("it holds a user; a key belongs in `api_key`"));
        }
        if uri.query().is_some() {
            return Err(bad("it has a query"));
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let prefix = uri.path().trim_end_matches('/').to_owned();
        let headers = Vec::new();
        Ok(Self { tls, host: authority.host().to_owned(), port, prefix, headers, speaks_messages: false })
    }

    /// With a key, as OpenAI's servers take it.
    pub fn with_key(mut self, key: &str) -> Result<Self, BadUrl> {
        let bad = |_| BadUrl { url: self.host.clone(), why: "its key has characters that no header takes" };
        let mut value = HeaderValue::from_str(&format!("Bearer {key}")).map_err(bad)?;
        value.set_sensitive(true);
        self.headers.push((http::header::AUTHORIZATION, value));
        Ok(self)
    }

    /// The value of `Host`.
    pub fn authority(&self) -> String {
        let standard = if self.tls { 443 } else { 80 };
        if self.port == standard { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }
}

#[cfg(test)]
mod tests {
    use super::Upstream;

    #[test]
    fn base_urls() {
        let upstream = Upstream::parse("http://10.0.0.1:8000/v1/").unwrap();
        assert_eq!((upstream.tls, upstream.port, upstream.prefix.as_str()), (false, 8000, "/v1"));
        assert_eq!(upstream.authority(), "10.0.0.1:8000");
        assert_eq!(Upstream::parse("https://models.example.com").unwrap().authority(), "models.example.com");
        for bad in ["", "host", "ftp://host", "http://", "http://user:key@host/v1", "http://host/v1?x=1"] {
            assert!(Upstream::parse(bad).is_err(), "{bad}");
        }
    }
}
