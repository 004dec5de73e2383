//! The name of a collection in a store.

use std::fmt;

use crate::error::Error;

/// Characters that a name may have at most.
const LONGEST: usize = 200;

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
}

impl fmt::Display for CollectionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::CollectionName;

    #[test]
    fn what_is_no_name_is_refused_with_the_rule() {
        for wrong in ["", "a b", "ü", &"x".repeat(201)] {
            let error = CollectionName::new(wrong).unwrap_err().to_string();
            assert!(error.contains("1 to 200"), "{error}");
        }
    }
}
