//! API tokens: rows of the deployment's token table, in the forms that it may hold.
//!
//! A row that `lisa token create` or the API wrote is found by the SHA-256 of the token, so that the table holds no
//! secret. One that an account's owner wrote with the documented `put-item` command is found by the token itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::caller::{Caller, Via};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::sources::{Tokens, Unavailable};

/// What every token that LISA makes begins with, so that scanners of secrets and people know it.
pub const PREFIX: &str = "sk-lisa-";

/// Random bytes of a token.
const BYTES: usize = 32;

/// A row of the token table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// `tokenExpiration`: seconds since 1970; for ever without.
    pub expires: Option<i64>,
    /// `tokenUUID`: which token it is, and no secret. Rows of account owners have none.
    pub id: Option<String>,
    /// `username`: whose token it is.
    pub user: Option<String>,
    /// `groups`: what the token's owner was in.
    pub groups: BTreeSet<String>,
}

/// A new token. It is shown once; the table gets [`key_of`] of it.
pub fn generate() -> Result<String, Unavailable> {
    let mut bytes = [0; BYTES];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Unavailable("the system has no random bytes".to_owned()))?;
    Ok(format!("{PREFIX}{}", hexadecimal(&bytes)))
}

/// A new id of a token: which one it is, and no secret.
pub fn new_id() -> Result<String, Unavailable> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Unavailable("the system has no random bytes".to_owned()))?;
    // The bits that tell a random UUID (RFC 9562, 5.4).
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hexadecimal(&bytes);
    Ok([&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-"))
}

/// The id of a row that has none, by its key's hash.
pub(crate) fn short_id(key: &str) -> String {
    key.chars().take(16).collect()
}

/// The user of a row that names none.
pub(crate) fn user_of(id: &str) -> String {
    format!("api-token-{id}")
}

/// The key of a token's row: its SHA-256, in lower-case hexadecimal.
pub fn key_of(token: &str) -> String {
    hexadecimal(&crate::digest(token))
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a text is the key of a row and no token: whoever reads the table must not be able to call with what is there.
pub(crate) fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The caller who holds `token`, if there is a row for it that has not ended, and that end.
pub(crate) async fn find(
    tokens: &Arc<dyn Tokens>,
    policy: &Policy,
    token: &str,
    now: i64,
) -> Result<Option<(Caller, Option<i64>)>, Refusal> {
    let unavailable = |error: Unavailable| Refusal::Unavailable(error.to_string());
    let key = key_of(token);
    let mut row = tokens.get(&key).await.map_err(unavailable)?;
    if row.is_none() && !token.starts_with(PREFIX) && !is_key(token) {
        row = tokens.get(token).await.map_err(unavailable)?;
    }
    let Some(row) = row else { return Ok(None) };
    if row.expires.is_some_and(|end| end <= now) {
        return Err(Refusal::Expired);
    }
    let id = row.id.unwrap_or_else(|| short_id(&key));
    let user = row.user.unwrap_or_else(|| user_of(&id));
    let caller = policy.admit(user.clone(), user, row.groups, Via::ApiToken(id))?;
    Ok(Some((caller, row.expires)))
}
