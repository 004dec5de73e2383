//! Reads values of a document, and notes every one that is not of its key's type.

use std::time::Duration;

use serde_json::{Map, Value};

/// A value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its place below `litellmConfig`.
    pub path: String,
    /// What is wrong: a fragment.
    pub message: String,
    /// What to write instead, as a sentence.
    pub help: String,
}

/// The problems of a document, as they are found.
#[derive(Debug, Default)]
pub(crate) struct Problems(pub(crate) Vec<Problem>);

/// An object of a document, with its place.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    pub(crate) place: String,
    object: Option<&'a Map<String, Value>>,
}

impl Problems {
    pub(crate) fn add(&mut self, path: String, message: impl Into<String>, help: impl Into<String>) {
        self.0.push(Problem { path, message: message.into(), help: help.into() });
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(place: impl Into<String>, value: &'a Value) -> Self {
        Self { place: place.into(), object: value.as_object() }
    }

    /// The place of a key.
    pub(crate) fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.place)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.object.map(Map::iter).into_iter().flatten()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.object?.get(key).filter(|value| !value.is_null())
    }

    fn read<T>(
        &self,
        problems: &mut Problems,
        key: &str,
        what: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(key)?;
        let found = read(value);
        if found.is_none() {
            problems.add(self.at(key), format!("`{key}` is not {what}"), format!("Write {what}."));
        }
        found
    }

    pub(crate) fn flag(&self, problems: &mut Problems, key: &str) -> Option<bool> {
        self.read(problems, key, "`true` or `false`", Value::as_bool)
    }

    pub(crate) fn text(&self, problems: &mut Problems, key: &str) -> Option<&'a str> {
        self.read(problems, key, "a text", Value::as_str)
    }

    /// A number of things; a text of digits counts, as environment variables are texts.
    pub(crate) fn count(&self, problems: &mut Problems, key: &str) -> Option<u64> {
        let read = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
        self.read(problems, key, "a whole number that is not negative", read)
    }

    pub(crate) fn number(&self, problems: &mut Problems, key: &str) -> Option<f64> {
        let read = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
        self.read(problems, key, "a number that is not negative", |value| {
            read(value).filter(|number| *number >= 0.0 && number.is_finite())
        })
    }

    pub(crate) fn seconds(&self, problems: &mut Problems, key: &str) -> Option<Duration> {
        self.number(problems, key).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }

    /// A list of texts; one text stands for a list of it.
    pub(crate) fn texts(&self, problems: &mut Problems, key: &str) -> Vec<String> {
        let read = |value: &Value| match value {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        self.read(problems, key, "a list of texts", read).unwrap_or_default()
    }

    /// Texts by name.
    pub(crate) fn map(&self, problems: &mut Problems, key: &str) -> Vec<(String, String)> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            _ => None,
        };
        let read = |value: &Value| {
            let entries = value.as_object()?.iter();
            entries.map(|(name, value)| Some((name.clone(), text(value)?))).collect::<Option<Vec<_>>>()
        };
        self.read(problems, key, "a mapping of names to texts", read).unwrap_or_default()
    }

    /// The object under a key.
    pub(crate) fn inner(&self, problems: &mut Problems, key: &str) -> Self {
        let object = self.read(problems, key, "a mapping", Value::as_object);
        Self { place: self.at(key), object }
    }
}
