//! An OpenID provider in memory: keys of its own, documents, and tokens signed as a test asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lisa_api::settings::AuthSettings;
use serde_json::{Value, json};

use crate::api_token::Row;
use crate::sources::{Clock, Documents, ManagementKeys, Tokens, Unavailable};
use crate::{Authenticator, Caller, Credential, Policy, Refusal};

pub(super) const ISSUER: &str = "https://id.example.com/pool";
pub(super) const CLIENT: &str = "lisa";
/// Seconds since 1970 at which the tests begin.
pub(super) const START: i64 = 1_900_000_000;

/// A key that signs.
pub(super) enum Signer {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair, &'static str),
    /// What an attacker has: a shared secret.
    Hmac(Vec<u8>),
}

impl Signer {
    pub(super) fn rsa() -> Self {
        Self::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")))
    }

    pub(super) fn p256() -> Self {
        Self::ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256")
    }

    pub(super) fn p384() -> Self {
        Self::ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384")
    }

    fn ec(algorithm: &'static EcdsaSigningAlgorithm, curve: &'static str) -> Self {
        Self::Ec(EcdsaKeyPair::generate(algorithm).expect("a key"), curve)
    }

    /// The public key as a JWK.
    pub(super) fn jwk(&self, id: &str) -> Value {
        match self {
            Self::Rsa(pair) => {
                let public = pair.public_key();
                let number = |bytes: &[u8]| text(bytes);
                let (n, e) = (public.modulus(), public.exponent());
                json!({ "kty": "RSA", "use": "sig", "kid": id,
                    "n": number(n.big_endian_without_leading_zero()),
                    "e": number(e.big_endian_without_leading_zero()) })
            }
            Self::Ec(pair, curve) => {
                let point = pair.public_key().as_ref();
                let half = (point.len() - 1) / 2;
                json!({ "kty": "EC", "use": "sig", "kid": id, "crv": curve,
                    "x": text(&point[1..=half]), "y": text(&point[1 + half..]) })
            }
            Self::Hmac(secret) => json!({ "kty": "oct", "kid": id, "k": text(secret) }),
        }
    }

    /// The public key as its DER, which is what a confused verifier takes for a secret.
    pub(super) fn public_der(&self) -> Vec<u8> {
        match self {
            Self::Rsa(pair) => pair.public_key().as_der().expect("a key").as_ref().to_vec(),
            Self::Ec(pair, _) => pair.public_key().as_ref().to_vec(),
            Self::Hmac(secret) => secret.clone(),
        }
    }

    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let encoding: &'static dyn signature::RsaEncoding = match algorithm {
                    "RS384" => &signature::RSA_PKCS1_SHA384,
                    "RS512" => &signature::RSA_PKCS1_SHA512,
                    "PS256" => &signature::RSA_PSS_SHA256,
                    "PS384" => &signature::RSA_PSS_SHA384,
                    "PS512" => &signature::RSA_PSS_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut signed = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signed).expect("a signature");
                signed
            }
            Self::Ec(pair, _) => pair.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Self::Hmac(secret) => {
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
                aws_lc_rs::hmac::sign(&key, message).as_ref().to_vec()
            }
        }
    }

    /// A token with this header and these claims.
    pub(super) fn token(&self, header: &Value, claims: &Value) -> String {
        let signed =
            format!("{}.{}", text(header.to_string().as_bytes()), text(claims.to_string().as_bytes()));
        let algorithm = header["alg"].as_str().unwrap_or_default();
        format!("{signed}.{}", text(&self.sign(algorithm, signed.as_bytes())))
    }
}

pub(super) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Claims of an ID token that passes.
pub(super) fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": CLIENT, "sub": "user-1", "exp": START + 3600, "iat": START, "nbf": START,
        "preferred_username": "ada", "groups": ["users"] })
}

/// The world of a test: a clock that moves when told, a provider, a table and a secret.
pub(super) struct World {
    now: Mutex<i64>,
    pub(super) keys: Mutex<Vec<Value>>,
    pub(super) is_down: Mutex<bool>,
    pub(super) issuer: Mutex<String>,
    pub(super) fetched: AtomicUsize,
    pub(super) rows: Mutex<BTreeMap<String, Row>>,
    pub(super) looked_up: AtomicUsize,
    pub(super) management: Mutex<Vec<String>>,
}

impl World {
    pub(super) fn new(keys: Vec<Value>) -> Arc<Self> {
        Arc::new(Self {
            now: Mutex::new(START),
            keys: Mutex::new(keys),
            is_down: Mutex::new(false),
            issuer: Mutex::new(ISSUER.to_owned()),
            fetched: AtomicUsize::new(0),
            rows: Mutex::default(),
            looked_up: AtomicUsize::new(0),
            management: Mutex::new(vec!["management-now".to_owned(), "management-before".to_owned()]),
        })
    }

    pub(super) fn pass(&self, seconds: i64) {
        *self.now.lock().unwrap() += seconds;
    }

    pub(super) fn put(&self, key: &str, expires: Option<i64>, groups: &[&str]) {
        let groups: BTreeSet<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        self.rows.lock().unwrap().insert(key.to_owned(), Row { expires, groups, ..Row::default() });
    }

    /// An authenticator with every source.
    pub(super) fn authenticator(self: &Arc<Self>) -> Authenticator {
        self.authenticator_of(&settings())
    }

    pub(super) fn authenticator_of(self: &Arc<Self>, settings: &AuthSettings) -> Authenticator {
        let policy = Policy::new(settings).expect("the policy");
        Authenticator::new(policy, Arc::<Self>::clone(self))
            .with_provider(Arc::<Self>::clone(self))
            .with_tokens(Arc::<Self>::clone(self))
            .with_management(Arc::<Self>::clone(self))
    }
}

/// Settings with every group named.
pub(super) fn settings() -> AuthSettings {
    let some = |text: &str| Some(text.to_owned());
    AuthSettings {
        use_auth: "true".to_owned(),
        authority: some(ISSUER),
        client_id: some(CLIENT),
        admin_group: some("admins"),
        user_group: some("users"),
        api_group: some("api"),
        rag_admin_group: some("librarians"),
        groups_property: some("groups"),
        token_table: some("tokens"),
        management_secret: some("secret"),
    }
}

/// Asks with a credential in `Authorization`.
pub(super) async fn ask(authenticator: &Authenticator, credential: &str) -> Result<Arc<Caller>, Refusal> {
    let header = format!("Bearer {credential}");
    authenticator.authenticate(Credential::from_headers([header.as_bytes()], [])).await
}

impl Clock for World {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(*self.now.lock().unwrap()).unwrap())
    }
}

#[async_trait]
impl Documents for World {
    async fn get(&self, url: &str) -> Result<String, Unavailable> {
        self.fetched.fetch_add(1, Ordering::SeqCst);
        if *self.is_down.lock().unwrap() {
            return Err(Unavailable("connection refused".to_owned()));
        }
        let issuer = self.issuer.lock().unwrap().clone();
        if url == format!("{ISSUER}/.well-known/openid-configuration") {
            return Ok(json!({ "issuer": issuer, "jwks_uri": format!("{ISSUER}/jwks") }).to_string());
        }
        assert_eq!(url, format!("{ISSUER}/jwks"));
        Ok(json!({ "keys": *self.keys.lock().unwrap() }).to_string())
    }
}

#[async_trait]
impl Tokens for World {
    async fn get(&self, key: &str) -> Result<Option<Row>, Unavailable> {
        self.looked_up.fetch_add(1, Ordering::SeqCst);
        if *self.is_down.lock().unwrap() {
            return Err(Unavailable("the table does not answer".to_owned()));
        }
        Ok(self.rows.lock().unwrap().get(key).cloned())
    }
}

#[async_trait]
impl ManagementKeys for World {
    async fn get(&self) -> Result<Vec<String>, Unavailable> {
        Ok(self.management.lock().unwrap().clone())
    }
}
