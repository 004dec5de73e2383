//! Hashes of what an asset is made of.

use sha2::{Digest as _, Sha256};

/// A hash over named parts. Each part's length goes in with it, so no two lists of parts have the same bytes.
#[derive(Clone, Debug)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// Begins with the form of the asset and its version, such as `package/1`: what is made differently from the same
    /// inputs has another hash.
    pub fn new(form: &str) -> Self {
        Self(Sha256::new()).part("form", form.as_bytes())
    }

    /// With a part: what it is, and its bytes or their hash.
    #[must_use]
    pub fn part(mut self, name: &str, value: &[u8]) -> Self {
        for bytes in [name.as_bytes(), value] {
            self.0.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
            self.0.update(bytes);
        }
        self
    }

    /// 64 lower-case hexadecimal digits.
    pub fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| [byte >> 4, byte & 0xf].map(|half| char::from(DIGITS[usize::from(half)]));
    bytes.iter().flat_map(digits).collect()
}

/// The SHA-256 of bytes: 64 lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}
