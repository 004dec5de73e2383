//! Names of requests: what a service knows a repeated request by.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// A name of 32 characters that no other request has, for a `ClientRequestToken`. It protects nothing, so the seeds of
/// Rust's hash maps are random enough.
pub fn token() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}
