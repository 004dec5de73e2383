//! Why an asset could not be made or put in place.

use std::fmt;

use crate::ports::CallError;

/// An asset that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {message}")]
pub struct AssetError {
    /// The asset, such as `lisa-serve`.
    pub name: String,
    /// What went wrong, as a fragment.
    pub message: String,
    /// What to do about it, as a sentence.
    pub help: Option<String>,
    /// The last lines that the builder said.
    pub log: Vec<String>,
}

impl AssetError {
    /// An error without a log.
    pub fn new(name: &str, message: impl Into<String>, help: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            message: message.into(),
            help: help.map(str::to_owned),
            log: Vec::new(),
        }
    }

    /// A call that failed while an asset was put in place.
    pub fn call(name: &str, error: &CallError) -> Self {
        Self::new(name, error.to_string(), None)
    }
}

/// Every asset that failed; at least one. The others are in place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct AssetErrors(pub Vec<AssetError>);

impl fmt::Display for AssetErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut errors = self.0.iter();
        if let Some(first) = errors.next() {
            write!(f, "{first}")?;
        }
        errors.try_for_each(|error| write!(f, "\n{error}"))
    }
}

/// Everything that came out well, or everything that did not.
pub(super) fn all<T>(results: Vec<Result<T, AssetError>>) -> Result<Vec<T>, AssetErrors> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => done.push(value),
            Err(error) => failed.push(error),
        }
    }
    if failed.is_empty() { Ok(done) } else { Err(AssetErrors(failed)) }
}
