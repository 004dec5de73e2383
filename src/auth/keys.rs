//! The OpenID provider's public keys: found by discovery, kept, and asked for again when a token names an unknown one.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{Mutex, RwLock};

use crate::refusal::Refusal;
use crate::sources::{Clock, Documents, Unavailable};

/// Keys of this age are asked for again before they are used.
const FRESH: Duration = Duration::from_hours(1);

/// Keys of this age are not used any more, though the provider does not answer.
const STALE: Duration = Duration::from_hours(24);

/// The provider is not asked again sooner than this, whatever tokens name.
const PAUSE: Duration = Duration::from_secs(30);

/// The least size of an RSA key (NIST SP 800-131A).
const RSA_BYTES: usize = 256;

/// A public key, and what it may verify.
pub(crate) struct Key {
    id: Option<String>,
    /// The only algorithm, where the provider says one.
    algorithm: Option<Algorithm>,
    family: AlgorithmFamily,
    curve: Option<Algorithm>,
    pub(crate) decoding: DecodingKey,
}

impl Key {
    /// The key in a JWK; `None` for one that signs no tokens, or is of a kind that is not known.
    fn read(value: &Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
        if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
            return None;
        }
        let (family, curve) = match &jwk.algorithm {
            AlgorithmParameters::RSA(rsa) if rsa.n.len() * 3 / 4 >= RSA_BYTES => (AlgorithmFamily::Rsa, None),
            AlgorithmParameters::EllipticCurve(ec) => match ec.curve {
                EllipticCurve::P256 => (AlgorithmFamily::Ec, Some(Algorithm::ES256)),
                EllipticCurve::P384 => (AlgorithmFamily::Ec, Some(Algorithm::ES384)),
                _ => return None,
            },
            _ => return None,
        };
        let algorithm = match value.get("alg").and_then(Value::as_str) {
            Some(name) => Some(name.parse().ok()?),
            None => None,
        };
        let decoding = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self { id: jwk.common.key_id, algorithm, family, curve, decoding })
    }

    /// Whether the key may verify this algorithm.
    pub(crate) fn takes(&self, algorithm: Algorithm) -> bool {
        self.family.algorithms().contains(&algorithm)
            && self.algorithm.is_none_or(|own| own == algorithm)
            && self.curve.is_none_or(|own| own == algorithm)
    }
}

/// The keys of one answer.
struct Set {
    keys: Vec<Arc<Key>>,
    at: SystemTime,
}

/// The keys of one issuer.
pub(crate) struct Keys {
    issuer: String,
    documents: Arc<dyn Documents>,
    clock: Arc<dyn Clock>,
    set: RwLock<Option<Arc<Set>>>,
    /// When the provider was last asked. Held while it is: others wait for the one answer.
    asked: Mutex<Option<SystemTime>>,
}

/// The part of the discovery document that is needed.
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct JwkList {
    keys: Vec<Value>,
}

impl Keys {
    pub(crate) fn new(issuer: &str, documents: Arc<dyn Documents>, clock: Arc<dyn Clock>) -> Self {
        let (set, asked) = (RwLock::new(None), Mutex::new(None));
        Self { issuer: issuer.to_owned(), documents, clock, set, asked }
    }

    /// The key that a token names, or the only one that could have signed it where it names none.
    pub(crate) async fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<Key>, Refusal> {
        let known = self.set.read().await.clone();
        let now = self.clock.now();
        let age = known.as_ref().map(|set| age(set.at, now));
        if let (Some(set), Some(age)) = (&known, age)
            && age < FRESH
            && let Some(key) = pick(set, id, algorithm)
        {
            return Ok(key);
        }
        let renewed = self.renew(known.as_ref().map(|set| set.at)).await;
        let current = self.set.read().await.clone();
        let usable = current.filter(|set| age_of(set, now) < STALE);
        match (usable, renewed) {
            (Some(set), _) => {
                pick(&set, id, algorithm).ok_or(Refusal::Invalid("a key that the issuer does not have"))
            }
            (None, Err(error)) => Err(Refusal::Unavailable(error.to_string())),
            (None, Ok(())) => {
                Err(Refusal::Unavailable("the issuer was asked for its keys just now".to_owned()))
            }
        }
    }

    /// Asks the provider, unless it was asked just now or another caller got a newer answer than `seen`.
    async fn renew(&self, seen: Option<SystemTime>) -> Result<(), Unavailable> {
        let mut asked = self.asked.lock().await;
        let newer = self.set.read().await.as_ref().map(|set| set.at) != seen;
        let now = self.clock.now();
        if newer || asked.is_some_and(|last| age(last, now) < PAUSE) {
            return Ok(());
        }
        *asked = Some(now);
        let keys = self.fetch().await?;
        *self.set.write().await = Some(Arc::new(Set { keys, at: now }));
        Ok(())
    }

    async fn fetch(&self) -> Result<Vec<Arc<Key>>, Unavailable> {
        let base = self.issuer.trim_end_matches('/');
        let text = self.documents.get(&format!("{base}/.well-known/openid-configuration")).await?;
        let discovery: Discovery = serde_json::from_str(&text).map_err(|error| {
            Unavailable(format!("the issuer's discovery document is not understood: {error}"))
        })?;
        if discovery.issuer != self.issuer {
            let other = &discovery.issuer;
            return Err(Unavailable(format!(
                "`{}` calls itself `{other}`: the two have to be equal",
                self.issuer
            )));
        }
        let text = self.documents.get(&discovery.jwks_uri).await?;
        let list: JwkList = serde_json::from_str(&text)
            .map_err(|error| Unavailable(format!("the issuer's keys are not understood: {error}")))?;
        let keys: Vec<Arc<Key>> = list.keys.iter().filter_map(Key::read).map(Arc::new).collect();
        if keys.is_empty() {
            return Err(Unavailable("the issuer has no key that may sign tokens".to_owned()));
        }
        Ok(keys)
    }
}

fn pick(set: &Set, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<Key>> {
    let mut fitting = set.keys.iter().filter(|key| match id {
        Some(id) => key.id.as_deref() == Some(id),
        None => key.takes(algorithm),
    });
    let first = fitting.next()?;
    // A token that names no key is believed only where there is no choice.
    fitting.next().is_none().then(|| Arc::clone(first))
}

fn age(at: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(at).unwrap_or_default()
}

fn age_of(set: &Set, now: SystemTime) -> Duration {
    age(set.at, now)
}
