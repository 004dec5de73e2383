//! What the rules look at: the file's values with every default filled in, and where each of them stands.

use crate::report::Finding;
use crate::rules::Rule;
use crate::schema::solid;
use crate::tree::{Node, Step, steps};
use serde_json::{Value, json};
use std::ops::Range;

/// The values and places of one environment. A value of a wrong type is as good as none: that is reported elsewhere.
pub(crate) struct Facts<'a> {
    /// Values with defaults.
    effective: Value,
    /// Values of the file alone.
    given: &'a Value,
    tree: &'a Node,
    /// Whether the file is flat, as in 6.x.
    pub(crate) flat: bool,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(root: &Value, schema: &Value, given: &'a Value, tree: &'a Node, flat: bool) -> Self {
        let mut effective = given.clone();
        fill(root, schema, &mut effective);
        Self { effective, given, tree, flat }
    }

    /// The value of a path, or its default.
    pub(crate) fn value(&self, path: &str) -> Option<&Value> {
        look_up(&self.effective, path)
    }

    /// Whether the file itself has a value there.
    pub(crate) fn has(&self, path: &str) -> bool {
        look_up(self.given, path).is_some()
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.value(path)?.as_str()
    }

    pub(crate) fn flag(&self, path: &str) -> bool {
        self.value(path).and_then(Value::as_bool) == Some(true)
    }

    pub(crate) fn number(&self, path: &str) -> Option<u64> {
        self.value(path)?.as_u64()
    }

    /// The paths of a list's items.
    pub(crate) fn items(&self, path: &str) -> Vec<String> {
        let length = self.value(path).and_then(Value::as_array).map_or(0, Vec::len);
        (0..length).map(|index| crate::tree::item(path, index)).collect()
    }

    /// Whether the tree has the key, with or without effect.
    pub(crate) fn written(&self, path: &str) -> bool {
        self.node(path).is_some_and(|node| !node.is_null())
    }

    /// A finding at a path: under its value, or under the nearest key above when a default stands there.
    pub(crate) fn at(&self, path: &str, rule: &'static Rule, message: impl Into<String>) -> Finding {
        let finding = Finding::new(rule, message).path(path);
        match self.node(path) {
            Some(node) => finding
                .span(node.span.clone())
                .outside(node.span.is_none())
                .related(node.anchor.clone(), "the value comes from this anchor"),
            None => finding.span(self.nearest_key(path)),
        }
    }

    /// Where the value of a path stands, or the nearest key above it.
    pub(crate) fn span(&self, path: &str) -> Option<Range<usize>> {
        self.node(path).and_then(|node| node.span.clone()).or_else(|| self.nearest_key(path))
    }

    /// Where the key of a path stands.
    pub(crate) fn key_span(&self, path: &str) -> Option<Range<usize>> {
        let (parent, key) = path.rsplit_once('.').unwrap_or(("", path));
        self.node(parent)?.entry(key)?.key_span.clone()
    }

    fn node(&self, path: &str) -> Option<&Node> {
        steps(path).try_fold(self.tree, Node::child)
    }

    /// The key of the nearest mapping above; the first of the file when there is none.
    fn nearest_key(&self, path: &str) -> Option<Range<usize>> {
        let mut node = self.tree;
        let mut key = node.entries().first().and_then(|entry| entry.key_span.clone());
        for step in steps(path) {
            if let Step::Key(name) = step {
                key = node.entry(name).and_then(|entry| entry.key_span.clone()).or(key);
            }
            let Some(child) = node.child(step) else { break };
            node = child;
        }
        key
    }
}

fn look_up<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    steps(path).try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Item(index) => value.get(index),
    })
}

/// Fills in the defaults that the schema states.
fn fill(root: &Value, schema: &Value, value: &mut Value) {
    let schema = solid(root, schema);
    match value {
        Value::Object(object) => {
            for (key, property) in schema["properties"].as_object().into_iter().flatten() {
                if !object.contains_key(key)
                    && let Some(default) = default(root, property)
                {
                    object.insert(key.clone(), default);
                }
                if let Some(child) = object.get_mut(key) {
                    fill(root, property, child);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(root, &schema["items"], item)),
        _ => {}
    }
}

/// The default of a key: what the schema states, or an empty block where every key below has a default.
fn default(root: &Value, property: &Value) -> Option<Value> {
    let schema = solid(root, property);
    let block =
        || (schema.get("properties").is_some() && schema.get("required").is_none()).then(|| json!({}));
    property.get("default").cloned().or_else(block)
}
