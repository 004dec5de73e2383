//! A JSON Web Token: what its header may say, whether its signature holds, and whether its claims are meant for here.
//!
//! The rules are RFC 8725's: the algorithm is chosen by the key and not by the token, only signatures of asymmetric keys
//! count, and nothing in a header leads to a key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, crypto};
use serde_json::{Map, Value};

use crate::claims::Claims;
use crate::keys::Key;
use crate::refusal::Refusal;

/// Seconds that the provider's clock and this one may differ by.
const LEEWAY: i64 = 60;

/// A token, taken apart and not yet believed.
pub(crate) struct Token<'a> {
    /// What is signed: header and claims as they were sent.
    signed: &'a str,
    signature: &'a str,
    claims: &'a str,
    /// The algorithm that the header names.
    pub(crate) algorithm: Algorithm,
    /// The key that the header names.
    pub(crate) key_id: Option<String>,
}

/// Algorithms that may sign, by the name in a header.
fn algorithm(name: &str) -> Option<Algorithm> {
    Some(match name {
        "RS256" => Algorithm::RS256,
        "RS384" => Algorithm::RS384,
        "RS512" => Algorithm::RS512,
        "PS256" => Algorithm::PS256,
        "PS384" => Algorithm::PS384,
        "PS512" => Algorithm::PS512,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        _ => return None,
    })
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    pub(crate) fn parse(token: &'a str) -> Result<Self, Refusal> {
        let (signed, signature) =
            token.rsplit_once('.').ok_or(Refusal::Invalid("no token of three parts"))?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Invalid("no token of three parts"))?;
        if claims.contains('.') {
            return Err(Refusal::Invalid("no token of three parts"));
        }
        let header = object(header)?;
        if header.contains_key("crit") {
            return Err(Refusal::Invalid("a header that must be understood, and is not"));
        }
        if header.contains_key("enc") || header.get("b64") == Some(&Value::Bool(false)) {
            return Err(Refusal::Invalid("a token that is not signed alone"));
        }
        let name = header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let algorithm = algorithm(name).ok_or(Refusal::Invalid("an algorithm that is not allowed"))?;
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(Refusal::Invalid("a `kid` that is no text")),
        };
        Ok(Self { signed, signature, claims, algorithm, key_id })
    }

    /// The claims, if `key` has signed them.
    pub(crate) fn verify(&self, key: &Key) -> Result<Claims, Refusal> {
        if !key.takes(self.algorithm) {
            return Err(Refusal::Invalid("an algorithm that its key is not for"));
        }
        let holds = crypto::verify(self.signature, self.signed.as_bytes(), &key.decoding, self.algorithm);
        if !holds.unwrap_or(false) {
            return Err(Refusal::Invalid("a signature that does not hold"));
        }
        object(self.claims).map(Claims)
    }
}

/// The JSON object in one part of a token.
fn object(part: &str) -> Result<Map<String, Value>, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Invalid("a part that is not base64url"))?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Invalid("a part that is no JSON object"))
}

/// Checks that verified claims are meant for this deployment, and for now (seconds since 1970). Returns their end.
pub(crate) fn check(claims: &Claims, issuer: &str, client: &str, now: i64) -> Result<i64, Refusal> {
    if claims.text("iss") != Some(issuer) {
        return Err(Refusal::Invalid("another issuer"));
    }
    check_audience(claims, client)?;
    let end = claims.time("exp")?.ok_or(Refusal::Invalid("no `exp`"))?;
    if end.saturating_add(LEEWAY) <= now {
        return Err(Refusal::Expired);
    }
    let limit = now.saturating_add(LEEWAY);
    for name in ["nbf", "iat"] {
        if claims.time(name)?.is_some_and(|start| start > limit) {
            return Err(Refusal::Invalid("a token of the future"));
        }
    }
    claims.subject()?;
    Ok(end)
}

/// An ID token is for the client in `aud`. Cognito's access tokens have no `aud`, and `client_id` in its place; those of
/// others have the client in `azp`, or `client_id` (RFC 9068), and the API in `aud`.
fn check_audience(claims: &Claims, client: &str) -> Result<(), Refusal> {
    let is_for = match claims.text("token_use") {
        Some("access") => claims.has("client_id", client),
        Some("id") | None if claims.has("aud", client) => {
            claims.text("azp").is_none_or(|party| party == client)
        }
        Some("id") => false,
        None => ["azp", "client_id"].iter().any(|name| claims.text(name) == Some(client)),
        Some(_) => return Err(Refusal::Invalid("a token of another use")),
    };
    if is_for { Ok(()) } else { Err(Refusal::Invalid("issued for another client")) }
}
