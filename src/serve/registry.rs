//! The models that the gateway serves, and where each is answered: an immutable snapshot that is replaced as a whole, so
//! that a request sees one state of affairs from its beginning to its end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{HeaderName, HeaderValue};
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
#[derive(Debug)]
pub struct Model {
    /// The name.
    pub name: String,
    /// What it answers.
    pub kind: Kind,
    /// The groups whose members may use it; everybody where empty.
    pub groups: Vec<String>,
    /// Where it is answered; any of them will do.
    pub endpoints: Vec<Arc<Endpoint>>,
}

/// What a model answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text.
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
    /// For how long a connection may be made.
    pub connect: Duration,
    /// For how long an answer may not begin.
    pub first_byte: Duration,
}

/// How an endpoint is reached.
#[derive(Debug)]
pub enum Target {
    /// A server that speaks OpenAI's protocol.
    Http(Upstream),
    /// A model built into the gateway, for trying it out.
    Fixture(Fixture),
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
        Ok(Self { tls, host: authority.host().to_owned(), port, prefix, headers: Vec::new() })
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
