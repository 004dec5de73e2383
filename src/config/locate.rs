//! From a config path to its place in the file, for messages about what a value led to.

use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// A place in the config file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The file's name as shown to people.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The key as bytes of the file; the value for an item of a list.
    pub span: Range<usize>,
}

/// Where every key of the file stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places(Arc<BTreeMap<String, Location>>);

impl Places {
    pub(crate) fn new(places: BTreeMap<String, Location>) -> Self {
        Self(Arc::new(places))
    }

    /// The place of a path, or of its nearest parent that has one.
    pub(crate) fn locate(&self, path: &str) -> Option<Location> {
        let mut path = path;
        loop {
            if let Some(location) = self.0.get(path) {
                return Some(location.clone());
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }
}
