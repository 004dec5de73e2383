//! What the file really gives: the tree as JSON, without empty keys and keys that have no effect.

use crate::report::{Finding, Report};
use crate::rules;
use crate::schema::{resolve, solid};
use crate::tree::{self, Content, Entry, Node};
use serde_json::{Map, Value};

/// The block as JSON along its schema. Retired keys are reported and left out with all that is below them; a key
/// without value counts as left out; an account number becomes text as it is written.
pub(crate) fn given(root: &Value, schema: &Value, block: &Node, report: &mut Report<'_>) -> Value {
    Walk { root, report }.value(schema, block, "")
}

struct Walk<'w, 'r> {
    root: &'w Value,
    report: &'w mut Report<'r>,
}

impl Walk<'_, '_> {
    fn value(&mut self, schema: &Value, node: &Node, path: &str) -> Value {
        let schema = solid(self.root, schema);
        match &node.content {
            Content::Map(entries) => {
                let kept = entries
                    .iter()
                    .filter_map(|entry| Some((entry.key.clone(), self.entry(schema, entry, path)?)));
                Value::Object(kept.collect::<Map<_, _>>())
            }
            Content::List(items) => {
                let below = &schema["items"];
                let values = items.iter().enumerate();
                Value::Array(
                    values.map(|(index, item)| self.value(below, item, &tree::item(path, index))).collect(),
                )
            }
            _ if schema["x-digits"] == true => self.digits(node, path),
            Content::Number(_) if schema["x-written"] == true => {
                self.written(node).map_or(node.to_json(), Value::from)
            }
            _ => node.to_json(),
        }
    }

    fn entry(&mut self, schema: &Value, entry: &Entry, path: &str) -> Option<Value> {
        let Some(property) = property(self.root, schema, &entry.key) else {
            let anchors = path.is_empty() && entry.key.starts_with("x-");
            let below = &schema["additionalProperties"];
            return (!anchors).then(|| self.value(below, &entry.value, &tree::join(path, &entry.key)));
        };
        let path = tree::join(path, &entry.key);
        if let Some(instead) = property["x-retired"].as_str() {
            self.report.add(retired(entry, &path, instead));
            return None;
        }
        let blank = matches!(&entry.value.content, Content::Text(text) if text.is_empty())
            && solid(self.root, property)["x-blank"] == true;
        if entry.value.is_null() || blank {
            return None;
        }
        Some(self.value(property, &entry.value, &path))
    }

    /// What stands in the file for a value, behind an alias too.
    fn written(&self, node: &Node) -> Option<&str> {
        let span = node.anchor.clone().or_else(|| node.span.clone());
        span.and_then(|span| self.report.text().get(span)).map(str::trim)
    }

    /// Digits that are text: a number becomes what is written, and lost quotes before a zero are pointed out.
    fn digits(&mut self, node: &Node, path: &str) -> Value {
        let written = self.written(node);
        match (&node.content, written) {
            (Content::Number(_), Some(written)) => Value::String(written.to_owned()),
            (Content::Text(text), Some(written)) => {
                if written.starts_with('0') {
                    self.report.add(unquoted(node, path, text));
                }
                Value::String(text.clone())
            }
            _ => node.to_json(),
        }
    }
}

/// The schema of a mapping's key: its own, or the first that an alternative to the mapping has.
fn property<'s>(root: &'s Value, schema: &'s Value, key: &str) -> Option<&'s Value> {
    let schema = resolve(root, schema);
    let mut alternatives =
        ["anyOf", "oneOf"].into_iter().filter_map(|keyword| schema[keyword].as_array()).flatten();
    let own = schema["properties"].get(key);
    own.or_else(|| alternatives.find_map(|alternative| property(root, alternative, key)))
}

fn retired(entry: &Entry, path: &str, instead: &str) -> Finding {
    Finding::new(&rules::RETIRED_KEY, format!("`{path}` has no effect: {instead}"))
        .path(path)
        .span(entry.key_span.clone())
        .label("no effect")
        .help("Remove it.")
}

fn unquoted(node: &Node, path: &str, text: &str) -> Finding {
    Finding::new(
        &rules::ACCOUNT_UNQUOTED,
        "an account number without quotes loses its leading zero in other YAML readers",
    )
    .path(path)
    .span(node.span.clone())
    .label("read with its zero here")
    .help(format!("Write `\"{text}\"`."))
}
