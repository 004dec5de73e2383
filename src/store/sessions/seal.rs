//! Encrypted sessions: one data key for each, which KMS has wrapped, and AES-256-GCM for every text.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A session's data key at work. Texts are bound to the session and to their place in it.
pub struct Sealer {
    key: LessSafeKey,
    ids: hmac::Key,
    session: String,
}

/// A sealer and the wrapped form of its key, which a new head keeps.
#[derive(Debug)]
pub struct Seal {
    /// What seals.
    pub sealer: Sealer,
    /// The data key as KMS has encrypted it, in base64.
    pub wrapped_key: String,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(..)")
    }
}

impl Sealer {
    /// A sealer with a key of 32 bytes, for one session of one user; none of another key.
    pub fn new(key: &[u8], user: &str, session: &str) -> Option<Self> {
        let ids = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"lisa: ids of messages");
        let ids = hmac::Key::new(hmac::HMAC_SHA256, ids.as_ref());
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
        Some(Self { key, ids, session: format!("{user}\n{session}") })
    }

    /// What ids of messages are made with.
    pub(super) fn ids(&self) -> &hmac::Key {
        &self.ids
    }

    /// Seals a text for its place.
    pub(super) fn seal(&self, place: &str, text: &str) -> Result<String, String> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| "the system has no random bytes")?;
        let mut sealed = text.as_bytes().to_vec();
        let aad = Aad::from(format!("{}\n{place}", self.session));
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| "the text cannot be encrypted")?;
        Ok(STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens a text that was sealed for this place.
    pub(super) fn open(&self, place: &str, sealed: &str) -> Result<String, String> {
        let wrong = || format!("`{place}` was encrypted with another key, or for another place");
        let bytes = STANDARD.decode(sealed).map_err(|_| wrong())?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE_LEN>().ok_or_else(wrong)?;
        let mut text = text.to_vec();
        let aad = Aad::from(format!("{}\n{place}", self.session));
        let opened = self.key.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut text);
        let opened = opened.map_err(|_| wrong())?.to_vec();
        String::from_utf8(opened).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::Sealer;

    #[test]
    fn what_was_sealed_opens_in_its_place_alone() {
        let with = |key: u8, session| Sealer::new(&[key; 32], "ada", session).unwrap();
        let sealed = with(1, "s").seal("m", "words").unwrap();
        assert_eq!(with(1, "s").open("m", &sealed).unwrap(), "words");
        assert_ne!(with(1, "s").seal("m", "words").unwrap(), sealed, "no two are alike");
        for (opener, place) in [(with(2, "s"), "m"), (with(1, "t"), "m"), (with(1, "s"), "n")] {
            assert!(opener.open(place, &sealed).unwrap_err().contains("another"));
        }
        assert!(with(1, "s").open("m", "AAAA").is_err());
        assert!(Sealer::new(&[1; 16], "ada", "s").is_none());
    }
}
