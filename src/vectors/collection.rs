//! The name of a collection in a store, and the physical name that is made of it.

use std::fmt;

use crate::error::Error;

/// Characters that a name may have at most.
const LONGEST: usize = 200;

/// Letters of a physical name that are taken from the collection's own, for people who look into the store.
#[cfg(any(feature = "postgres", feature = "opensearch", test))]
const READABLE: usize = 32;

/// What a store keeps chunks under: all embedded by one model, searched together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectionName(String);

impl CollectionName {
    /// A name of 1 to 200 letters, digits, `.`, `_`, `-`, `/` and `:`.
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-/:".contains(c);
        if name.is_empty() || name.len() > LONGEST || !name.chars().all(fits) {
            return Err(Error::bad_name(&name, LONGEST));
        }
        Ok(Self(name))
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that every store takes for a table or an index: lower-case letters, digits and `_`, at most 56 characters,
    /// another one for another name.
    #[cfg(any(feature = "postgres", feature = "opensearch", test))]
    pub(crate) fn physical(&self) -> String {
        let kept = self.0.chars().take(READABLE);
        let kept: String =
            kept.map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
        format!("lisa_{kept}_{:016x}", fnv1a(self.0.as_bytes()))
    }
}

impl fmt::Display for CollectionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The 64-bit FNV-1a hash: the same on every machine and in every version, which the standard library's is not.
#[cfg(any(feature = "postgres", feature = "opensearch", test))]
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Thirty-two digits that another text has not: two hashes, of the text and of what it is reversed.
#[cfg(feature = "opensearch")]
pub(crate) fn fingerprint(text: &str) -> String {
    let reversed: Vec<u8> = text.bytes().rev().chain([0xff]).collect();
    format!("{:016x}{:016x}", fnv1a(text.as_bytes()), fnv1a(&reversed))
}

#[cfg(test)]
mod tests {
    use super::{CollectionName, fnv1a};

    #[test]
    fn a_physical_name_is_short_plain_and_of_its_own() {
        let name = |text: &str| CollectionName::new(text).unwrap().physical();
        assert_eq!(name("Handbook/e5"), format!("lisa_handbook_e5_{:016x}", fnv1a(b"Handbook/e5")));
        assert_ne!(name("a/b"), name("a_b"));
        assert!(name(&"x".repeat(200)).len() <= 56);
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_rule() {
        for wrong in ["", "a b", "ü", &"x".repeat(201)] {
            let error = CollectionName::new(wrong).unwrap_err().to_string();
            assert!(error.contains("1 to 200"), "{error}");
        }
    }
}
