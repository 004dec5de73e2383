//! Who is calling, and whether they may: the same rules for the gateway, the authorizer and every service.
//!
//! A request carries a [`Credential`]. An [`Authenticator`] turns it into a [`Caller`] or a [`Refusal`]: it knows the
//! management key, the API tokens of the deployment's table, and the tokens of one OpenID provider. What a caller may do
//! follows from the caller alone ([`access`]). Nothing here is let in by default: what is not understood is refused.
//!
//! The world is behind [`sources`]: a table, a secret, an HTTP client, a clock.

pub mod access;
pub mod api_token;
mod authenticator;
pub mod aws;
mod caller;
mod claims;
mod credential;
mod jwt;
mod keys;
mod management;
mod policy;
mod refusal;
pub mod sources;
pub mod token_table;

pub use authenticator::Authenticator;
pub use caller::{Caller, Via};
pub use claims::GroupsPath;
pub use credential::{Credential, LONGEST};
pub use policy::{Policy, PolicyError};
pub use refusal::Refusal;

/// SHA-256 of a secret: what caches and tables hold in its place.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests;
