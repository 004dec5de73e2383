//! Entries that a template lists by name beside its resources: parameters, outputs, conditions, and a stack's tags.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::normal;
use super::show::shown;
use super::template::Template;
use super::veil::{HIDDEN, Veil};

/// Which side has something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// Only the new side.
    Added,
    /// Only the deployed side.
    Removed,
    /// Both, and they differ.
    Changed,
    /// Both, and they mean the same.
    Unchanged,
}

impl Change {
    /// The mark before its line: `+ - ~`.
    pub const fn mark(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '-',
            Self::Changed => '~',
            Self::Unchanged => ' ',
        }
    }
}

/// Something named that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryDiff {
    /// Its name.
    pub name: String,
    /// Which side has it.
    pub change: Change,
    /// The value before, readably.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The value after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl EntryDiff {
    /// Two values of one name in normal form; `None` where they are the same.
    pub(super) fn of(name: &str, old: Option<Value>, new: Option<Value>, veil: &Veil) -> Option<Self> {
        let change = match (&old, &new) {
            (old, new) if old == new => return None,
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            _ => Change::Changed,
        };
        let text = |value: Value| shown(&veil.cover(name, &value));
        Some(Self { name: name.to_owned(), change, before: old.map(text), after: new.map(text) })
    }
}

/// A section of the template of which something differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SectionDiff {
    /// `Parameters`, `Outputs`, `Conditions`, .., and `Tags` for the stack's own.
    pub name: String,
    /// What differs in it.
    pub entries: Vec<EntryDiff>,
}

/// Every section but the resources.
pub(super) fn sections(old: &Template, new: &Template, veil: &Veil) -> Vec<SectionDiff> {
    let names: BTreeSet<&str> = old.sections().chain(new.sections()).map(|(name, _)| name).collect();
    let others = names.into_iter().filter(|name| *name != "Resources");
    let sections = others.map(|name| section(name, old, new, veil));
    sections.filter(|section| !section.entries.is_empty()).collect()
}

fn section(name: &str, old: &Template, new: &Template, veil: &Veil) -> SectionDiff {
    let (before, after) = (entries(name, old), entries(name, new));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let entry = |key: &String| {
        let [old, new] = [&before, &after].map(|side| side.get(key).and_then(normal::untyped));
        let mut entry = EntryDiff::of(key, old, new, veil)?;
        if name == "Parameters" && veil.hides_parameter(key) {
            entry.before = entry.before.map(|_| HIDDEN.to_owned());
            entry.after = entry.after.map(|_| HIDDEN.to_owned());
        }
        Some(entry)
    };
    SectionDiff { name: name.to_owned(), entries: keys.into_iter().filter_map(entry).collect() }
}

/// A section's entries; one that is no object is an entry of its own name.
fn entries(name: &str, template: &Template) -> BTreeMap<String, Value> {
    let found = template.sections().find(|(section, _)| *section == name).map(|(_, value)| value);
    match found {
        Some(Value::Object(entries)) => {
            entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
        }
        Some(other) => BTreeMap::from([(name.to_owned(), other.clone())]),
        None => BTreeMap::new(),
    }
}

/// The tags of two stacks.
pub(super) fn tags(
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
    veil: &Veil,
) -> Option<SectionDiff> {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let value =
        |side: &BTreeMap<String, String>, key: &str| side.get(key).map(|text| Value::from(text.as_str()));
    let entries =
        keys.into_iter().filter_map(|key| EntryDiff::of(key, value(old, key), value(new, key), veil));
    let entries: Vec<EntryDiff> = entries.collect();
    (!entries.is_empty()).then(|| SectionDiff { name: "Tags".to_owned(), entries })
}
