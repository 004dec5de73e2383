//! The id of a request: the caller's `x-request-id` where it sent a plain one, else a new one; every answer carries it.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};

/// The header that carries it, both ways.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a caller.
const LONGEST: usize = 128;

/// The id of a request, as an extension of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes a caller's id if it is short and plain, so that it can stand in log lines.
    fn accept(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=+/".contains(&byte);
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain);
        fits.then(|| Self(text.to_owned()))
    }

    /// Makes an id in the form of a random UUID. It tells requests apart and protects nothing, so the seeds of Rust's
    /// hash maps are random enough.
    fn make() -> Self {
        let half = || RandomState::new().build_hasher().finish();
        let (high, low) = (half() & !0xf000 | 0x4000, half() >> 2 | 1 << 63);
        Self(format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        ))
    }
}

/// Gives the request its id, and the answer the same.
pub(crate) async fn assign(mut request: Request, next: Next) -> Response {
    let sent = request.headers().get(HEADER).and_then(|value| value.to_str().ok());
    let id = sent.and_then(RequestId::accept).unwrap_or_else(RequestId::make);
    let header = HeaderValue::from_str(id.as_str());
    request.extensions_mut().insert(id);
    let mut response = next.run(request).await;
    if let Ok(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn made_ids_differ_and_are_accepted_again() {
        let ids: BTreeSet<_> = (0..1000).map(|_| RequestId::make().0).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            assert!(RequestId::accept(&id).is_some(), "{id}");
            assert_eq!((id.len(), &id[14..15]), (36, "4"), "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
        }
    }

    #[test]
    fn only_plain_ids_are_accepted() {
        assert!(RequestId::accept("Root=1-67891233-abcdef012345678912345678").is_some());
        for id in ["", "a b", "a\"b", "a\\n", &"x".repeat(129)] {
            assert_eq!(RequestId::accept(id), None, "{id}");
        }
    }
}
