//! The file as a tree that remembers where everything stands, and paths into it.

use serde_json::{Map, Number, Value};
use std::ops::Range;

/// A value of the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Where it stands, as bytes of the text. `None` when it comes from outside the file.
    pub(crate) span: Option<Range<usize>>,
    /// Where its anchor stands, when it is used through an alias or a merge key.
    pub(crate) anchor: Option<Range<usize>>,
    pub(crate) content: Content,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Option<Range<usize>>,
    pub(crate) value: Node,
}

/// One step of a path: a key or the position in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

impl Node {
    /// A text that is not in the file.
    pub(crate) fn given(text: &str) -> Self {
        Self { span: None, anchor: None, content: Content::Text(text.to_owned()) }
    }

    /// The entries of a mapping; none for anything else.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The entry of a key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value at one step below this one.
    pub(crate) fn child(&self, step: Step<'_>) -> Option<&Self> {
        match (step, &self.content) {
            (Step::Key(key), Content::Map(_)) => self.entry(key).map(|entry| &entry.value),
            (Step::Item(index), Content::List(items)) => items.get(index),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        self.content == Content::Null
    }

    /// The value as JSON. A whole number written with a fraction (`5.0`) becomes whole, as JSON Schema counts it.
    pub(crate) fn to_json(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Number(number) => Value::Number(whole(number)),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Content::Map(entries) => {
                let pairs = entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }
}

fn whole(number: &Number) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(float)
            if !number.is_i64() && !number.is_u64() && float.fract() == 0.0 && float.abs() < EXACT =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "the value is whole and below 2^53")]
            Number::from(float as i64)
        }
        _ => number.clone(),
    }
}

/// Splits `a.b[0].c` into steps. Keys that contain a dot or bracket are not written in paths.
pub(crate) fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split(['.', '[']).filter(|part| !part.is_empty()).map(|part| match part.strip_suffix(']') {
        Some(index) => index.parse().map_or(Step::Key(part), Step::Item),
        None => Step::Key(part),
    })
}

/// Appends a key to a path.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Appends a position in a list to a path.
pub(crate) fn item(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_keys_and_positions() {
        let found: Vec<_> = steps("ragRepositories[0].rdsConfig.dbHost").collect();
        assert_eq!(
            found,
            [Step::Key("ragRepositories"), Step::Item(0), Step::Key("rdsConfig"), Step::Key("dbHost")]
        );
        assert_eq!(steps("").count(), 0);
    }

    #[test]
    fn whole_numbers_lose_their_fraction() {
        let number = Number::from_f64(5.0).unwrap();
        assert_eq!(whole(&number), Number::from(5));
        let number = Number::from_f64(0.8).unwrap();
        assert_eq!(whole(&number), number);
    }
}
