//! Changes of a request's body that an endpoint's options ask for, as splices: what is not changed stays byte for byte.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::peek::Edit;

/// What is changed at the top level of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Keys that are set where the body has none, each with its value in JSON.
    pub defaults: Vec<(String, String)>,
    /// Keys that are taken out.
    pub dropped: Vec<String>,
}

/// A key of a body and the whole of its entry: from its quote to the end of its value.
struct Entry {
    key: String,
    range: Range<usize>,
}

impl Changes {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.defaults.is_empty() && self.dropped.is_empty()
    }

    /// Whether something is said of a key.
    pub fn concern(&self, key: &str) -> bool {
        self.dropped.iter().chain(self.defaults.iter().map(|(name, _)| name)).any(|name| name == key)
    }

    /// The edits for a body that is one JSON object with each key once.
    pub fn edits(&self, body: &[u8]) -> Vec<Edit> {
        if self.is_empty() {
            return Vec::new();
        }
        let entries = entries(body);
        let known: BTreeSet<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        let mut edits: Vec<Edit> = Vec::new();
        let missing = self.defaults.iter().filter(|(key, _)| !known.contains(key.as_str()));
        let added: Vec<String> = missing
            .map(|(key, value)| format!("{}:{value}", serde_json::Value::from(key.as_str())))
            .collect();
        let kept = entries.iter().any(|entry| !self.dropped.contains(&entry.key));
        if !added.is_empty() {
            let open = body.iter().position(|byte| *byte == b'{').map_or(0, |open| open + 1);
            let comma = if kept { "," } else { "" };
            edits.push((open..open, Bytes::from(format!("{}{comma}", added.join(",")))));
        }
        edits.extend(self.removals(body, &entries));
        edits
    }

    /// Takes entries out with the comma that follows; without one, with that before, unless it is gone already.
    fn removals(&self, body: &[u8], entries: &[Entry]) -> Vec<Edit> {
        let mut edits: Vec<Edit> = Vec::new();
        let is_dropped = |entry: &Entry| self.dropped.contains(&entry.key);
        let last_kept = entries.iter().rposition(|entry| !is_dropped(entry));
        for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| is_dropped(entry)) {
            let after = entries.get(index + 1).map(|next| next.range.start);
            let range = match (after, last_kept) {
                // Something follows that stays: up to it.
                (Some(next), Some(last)) if last > index => entry.range.start..next,
                // Nothing that stays follows: from the end of what comes before.
                (_, Some(_)) => entries[index - 1].range.end..entry.range.end,
                // Nothing stays.
                (Some(next), None) => entry.range.start..next,
                (None, None) => entry.range.clone(),
            };
            debug_assert!(range.end <= body.len(), "an entry lies in its body");
            edits.push((range, Bytes::new()));
        }
        edits
    }
}

/// The entries of the object, in their order. A body that is none has none: it was refused before.
fn entries(body: &[u8]) -> Vec<Entry> {
    struct Entries<'a>(&'a [u8]);
    impl<'de> Visitor<'de> for Entries<'de> {
        type Value = Vec<Entry>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries: Vec<Entry> = Vec::new();
            while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                let start = value.get().as_ptr() as usize - self.0.as_ptr() as usize;
                let end = start + value.get().len();
                let from = entries.last().map_or(0, |entry: &Entry| entry.range.end);
                // Between the last entry and this value stands nothing with a quote but the key.
                let quote =
                    self.0[from..start].iter().position(|byte| *byte == b'"').map_or(start, |at| from + at);
                entries.push(Entry { key, range: quote..end });
            }
            Ok(entries)
        }
    }
    serde_json::Deserializer::from_slice(body).deserialize_map(Entries(body)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::peek::splice;

    fn changed(body: &str, defaults: &[(&str, &str)], dropped: &[&str]) -> String {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let changes = Changes {
            defaults: defaults.iter().map(owned).collect(),
            dropped: dropped.iter().map(|key| (*key).to_owned()).collect(),
        };
        let body = Bytes::copy_from_slice(body.as_bytes());
        let edits = changes.edits(&body);
        String::from_utf8(splice(&body, edits).to_vec()).unwrap()
    }

    #[test]
    fn the_rest_stays_byte_for_byte() {
        let body = r#"{ "model" : "m", "seed":1 , "user": "\u00e4" }"#;
        assert_eq!(changed(body, &[], &["none"]), body);
        assert_eq!(changed(body, &[("seed", "2")], &[]), body, "the caller's own value wins");
        assert_eq!(
            changed(body, &[("n", "2")], &[]),
            r#"{"n":2, "model" : "m", "seed":1 , "user": "\u00e4" }"#
        );
        assert_eq!(changed(body, &[], &["seed"]), r#"{ "model" : "m", "user": "\u00e4" }"#);
        assert_eq!(changed(body, &[], &["user"]), r#"{ "model" : "m", "seed":1 }"#);
        assert_eq!(changed(body, &[], &["model", "seed", "user"]), "{  }");
        assert_eq!(changed("{}", &[("n", "[1]")], &[]), r#"{"n":[1]}"#);
    }

    proptest! {
        /// Whatever is taken out and added, the result is what the same would be on the parsed body.
        #[test]
        fn edits_do_what_they_say(
            entries in proptest::collection::btree_map("[a-f\"\\\\]{1,2}", 0..9_i32, 0..6),
            dropped in proptest::collection::vec("[a-f\"\\\\]{1,2}", 0..5),
            added in proptest::collection::btree_map("[a-h]{1,2}", 0..9_i32, 0..4),
        ) {
            let body: Map<String, Value> = entries.iter().map(|(key, value)| (key.clone(), json!({ "x,\"": value }))).collect();
            let text = Value::from(body.clone()).to_string();
            let changes = Changes {
                defaults: added.iter().filter(|(key, _)| !dropped.contains(*key)).map(|(key, value)| (key.clone(), value.to_string())).collect(),
                dropped: dropped.clone(),
            };
            let bytes = Bytes::from(text);
            let edited = splice(&bytes, changes.edits(&bytes));
            let mut expected = body;
            for (key, value) in &changes.defaults {
                expected.entry(key.clone()).or_insert_with(|| value.parse::<i32>().unwrap().into());
            }
            expected.retain(|key, _| !dropped.contains(key));
            let found: Value = serde_json::from_slice(&edited).map_err(|error| TestCaseError::fail(format!("{error}: {edited:?}")))?;
            prop_assert_eq!(found, Value::from(expected));
        }
    }
}
