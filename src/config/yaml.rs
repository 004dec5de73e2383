//! YAML text to tree: the only module that knows the YAML crate, and where its traps are closed.
//!
//! Numbers with leading zeros stay text (`012345678901` is an account), only `true` and `false` are booleans, merge
//! keys are expanded, tags are refused, and a file can be neither large, nor deep, nor blown up by aliases.

use crate::report::{Finding, Report};
use crate::rules;
use crate::tree::{Content, Entry, Node};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_yaml::{Error, Location, Options, Spanned};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// Largest file that is read, in bytes. A full configuration has about ten thousand.
pub const MAX_BYTES: usize = 1024 * 1024;

/// How deep lists and mappings may be nested. A full configuration has seven levels.
pub const MAX_DEPTH: usize = 32;

/// How many values a file may have, aliases expanded.
pub const MAX_NODES: usize = 20_000;

/// Reads the text, or reports why it is not one YAML document. Duplicate keys are reported and the last one stays.
pub(crate) fn parse(text: &str, report: &mut Report<'_>) -> Option<Node> {
    if text.len() > MAX_BYTES {
        report.add(too_large(text.len()));
        return None;
    }
    match serde_yaml::from_str_with_options::<Node>(text, options()) {
        Ok(mut node) => {
            drop_duplicates(&mut node, report);
            Some(node)
        }
        // A text without any value reads as the end of the input.
        Err(error) => {
            report.add(fault(text, error.without_snippet()));
            None
        }
    }
}

fn too_large(bytes: usize) -> Finding {
    Finding::new(&rules::FILE_TOO_LARGE, format!("the file has {bytes} bytes, more than {MAX_BYTES}"))
        .help("A configuration has a few kilobytes: check that this is the right file.")
}

fn options() -> Options {
    serde_yaml::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        duplicate_keys: serde_yaml::options::DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
        alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: MAX_NODES },
        budget: serde_yaml::budget! {
            max_nodes: MAX_NODES,
            max_depth: MAX_DEPTH,
            max_aliases: 1_000,
            // The crate's own limit of 32 comment lines in a row refuses ordinary files.
            max_buffered_comment_events: MAX_BYTES,
        },
    }
}

/// A value on one line, quoted where another reader could take it for something else.
pub(crate) fn scalar(value: &Value) -> String {
    match value {
        // JSON's lists and mappings are YAML's on one line.
        Value::Array(_) | Value::Object(_) => value.to_string(),
        simple => serde_yaml::to_string(simple).unwrap_or_default().trim_end().to_owned(),
    }
}

/// Reports every key that stands twice in one mapping, and keeps its last value.
fn drop_duplicates(node: &mut Node, report: &mut Report<'_>) {
    match &mut node.content {
        Content::List(items) => {
            for item in items {
                drop_duplicates(item, report);
            }
        }
        Content::Map(entries) => {
            let mut last: BTreeMap<String, usize> = BTreeMap::new();
            let mut drop = vec![false; entries.len()];
            for (index, entry) in entries.iter().enumerate() {
                if let Some(first) = last.insert(entry.key.clone(), index) {
                    drop[first] = true;
                    report.add(duplicate(&entries[first], entry));
                }
            }
            let mut dropped = drop.into_iter();
            entries.retain(|_| dropped.next() == Some(false));
            for entry in entries {
                drop_duplicates(&mut entry.value, report);
            }
        }
        _ => {}
    }
}

fn duplicate(first: &Entry, second: &Entry) -> Finding {
    Finding::new(&rules::YAML_DUPLICATE_KEY, format!("the key `{}` stands here twice", second.key))
        .span(second.key_span.clone())
        .label("again here")
        .related(first.key_span.clone(), "first here")
        .help("Keep one of the two: YAML gives a key one value.")
}

/// The problem that an error of the YAML crate stands for.
fn fault(text: &str, error: &Error) -> Finding {
    let span = error.location().and_then(|location| bytes(text, location));
    let finding = match error {
        Error::AliasError { error, .. } => return fault(text, error),
        Error::Eof { .. } => Finding::new(&rules::FILE_EMPTY, "the file is empty")
            .help("Start with `lisa init`, or copy config.yaml.example."),
        Error::MultipleDocuments { .. } => {
            Finding::new(&rules::YAML_SEVERAL_DOCUMENTS, "the file has more than one YAML document")
                .label("a second document starts here")
                .help("Keep one document; put several environments into blocks that `env` selects.")
        }
        Error::UnsupportedTag { tag, .. } => {
            Finding::new(&rules::YAML_TAG, format!("the tag `{tag}` has no meaning here"))
                .help("Remove the tag and write the value itself.")
        }
        Error::UnknownAnchor { .. } => {
            Finding::new(&rules::YAML_UNKNOWN_ANCHOR, "this alias has no anchor before it")
                .help("Define the anchor with `&name` above the alias, or quote a text that starts with `*`.")
        }
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            Finding::new(&rules::YAML_TOO_BIG, "this alias stands inside its own anchor")
                .help("A value cannot contain itself: write it out.")
        }
        Error::NonFiniteFloat { value, .. } => {
            Finding::new(&rules::YAML_NOT_FINITE, format!("`{value}` is no number that can be used"))
                .help("Write a number, or quote it if a text is meant.")
        }
        Error::Budget { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => too_big(error),
        other if is_depth(&other.to_string()) => too_big(other),
        _ => syntax(text, span.as_ref(), error),
    };
    finding.span(span)
}

fn too_big(error: &Error) -> Finding {
    let message = if is_depth(&error.to_string()) {
        format!("values are nested deeper than {MAX_DEPTH} levels")
    } else {
        format!("the file has more than {MAX_NODES} values once its aliases are expanded")
    };
    Finding::new(&rules::YAML_TOO_BIG, message)
        .help("Nothing in a configuration needs that: write the values out.")
}

/// The crate tells of depth in two ways: by its budget, and by its scanner's own limit.
fn is_depth(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("depth") || message.contains("recursion limit")
}

/// A tab where indentation belongs is by far the most common cause, and the hardest to see.
fn syntax(text: &str, span: Option<&Range<usize>>, error: &Error) -> Finding {
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let at = span.map_or(0, |span| span.start.min(text.len()));
    let line = text[line_start(at)..].lines().next().unwrap_or_default();
    let indent = &line[..line.len() - line.trim_start().len()];
    if indent.contains('\t') || error.to_string().contains("tab") {
        let tab = text[line_start(at)..].find('\t').map(|offset| line_start(at) + offset);
        return Finding::new(&rules::YAML_TAB, "a tab stands where indentation belongs")
            .span(tab.map(|tab| tab..tab + 1))
            .label("tab")
            .help("Indent with spaces: YAML takes no tabs there.");
    }
    Finding::new(&rules::YAML_SYNTAX, format!("this is not YAML: {}", plain(error)))
        .help("Check indentation, quotes and the space after each colon.")
}

/// The crate's message on one line, without the position that it ends with.
fn plain(error: &Error) -> String {
    let message = error.to_string();
    let message = message.lines().next().unwrap_or_default();
    let message = message.split(" at line ").next().unwrap_or_default();
    message.trim_end_matches(['.', ':', ' ']).to_owned()
}

/// The bytes that a location stands for, inside the text and on character boundaries.
fn bytes(text: &str, location: Location) -> Option<Range<usize>> {
    let span = location.span();
    let (Some(offset), Some(length)) = (span.byte_offset(), span.byte_len()) else {
        return word_at(text, location);
    };
    let start = usize::try_from(offset).ok()?.min(text.len());
    let end = start.saturating_add(usize::try_from(length).ok()?).min(text.len());
    (text.is_char_boundary(start) && text.is_char_boundary(end)).then_some(start..end)
}

/// The word at a line and column, for errors that come without bytes.
fn word_at(text: &str, location: Location) -> Option<Range<usize>> {
    let line = usize::try_from(location.line()).ok()?.checked_sub(1)?;
    let column = usize::try_from(location.column()).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text[start..].lines().next().unwrap_or_default();
    let at = rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at);
    let word = rest[at..].find(char::is_whitespace).unwrap_or(rest.len() - at).max(1);
    let end = (at + word).min(rest.len());
    // At the end of a line there is nothing to mark but what the line has.
    Some(if at < end { start + at..start + end } else { start..start + rest.len() })
}

/// The bytes of a location while the text is not at hand.
fn raw_bytes(location: Location) -> Option<Range<usize>> {
    let start = usize::try_from(location.span().byte_offset()?).ok()?;
    let length = usize::try_from(location.span().byte_len()?).ok()?;
    (location != Location::UNKNOWN).then(|| start..start.saturating_add(length))
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        let anchored = spanned.referenced != spanned.defined;
        Ok(Self {
            span: raw_bytes(spanned.referenced),
            anchor: anchored.then(|| raw_bytes(spanned.defined)).flatten(),
            content: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }

    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Number(value.into()))
    }

    fn visit_i128<E: serde::de::Error>(self, value: i128) -> Result<Content, E> {
        Ok(Content::Text(value.to_string()))
    }

    fn visit_u128<E: serde::de::Error>(self, value: u128) -> Result<Content, E> {
        Ok(Content::Text(value.to_string()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Content, E> {
        Number::from_f64(value).map(Content::Number).ok_or_else(|| E::custom("number is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Content, E> {
        Ok(Content::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Content, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Node>()? {
            list.push(item);
        }
        Ok(Content::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Node>()? {
            let name = key_name(&key.content)
                .ok_or_else(|| A::Error::custom("a key must be a text, not a list or mapping"))?;
            entries.push(Entry { key: name, key_span: key.span, value: map.next_value()? });
        }
        Ok(Content::Map(entries))
    }
}

/// A key as text. `true`, `5` and `null` are read as they are written, and will be reported as unknown keys.
fn key_name(content: &Content) -> Option<String> {
    match content {
        Content::Text(text) => Some(text.clone()),
        Content::Bool(value) => Some(value.to_string()),
        Content::Number(number) => Some(number.to_string()),
        Content::Null => Some("null".to_owned()),
        Content::List(_) | Content::Map(_) => None,
    }
}

#[cfg(test)]
mod tests;
