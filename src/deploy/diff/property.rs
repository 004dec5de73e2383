//! The properties of a resource, one against the other: each path that differs, with what changing it does.

use serde::Serialize;
use serde_json::Value;

use super::effect::{self, Effect};
use super::intrinsic::is_call;
use super::moved::Moved;
use super::show::shown;
use super::veil::{Veil, is_secret, label};

/// A property that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PropertyDiff {
    /// `SecurityGroupIngress/0/CidrIp`.
    pub path: String,
    /// The value before, readably; `None` where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The value after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What the change does to the resource.
    pub effect: Effect,
    /// What it refers to and what changes, where its own words stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Whether both values are in the templates, so that no deployment can find them equal.
    #[serde(skip)]
    pub(super) proven: bool,
}

impl PropertyDiff {
    /// The property of the resource itself that this is, or is a part of.
    pub(super) fn root(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}

/// Compares the properties of a resource, both in normal form.
pub(super) fn compare(kind: &str, old: &Value, new: &Value, moved: &Moved, veil: &Veil) -> Vec<PropertyDiff> {
    let (path, label, found) = (Vec::new(), String::new(), Vec::new());
    let mut comparison = Comparison { kind, moved, veil, path, label, found };
    comparison.walk(Some(old), Some(new));
    comparison.found
}

struct Comparison<'a> {
    kind: &'a str,
    moved: &'a Moved,
    veil: &'a Veil,
    path: Vec<String>,
    /// The name that the present value stands under, by which it is known for a secret.
    label: String,
    found: Vec<PropertyDiff>,
}

impl Comparison<'_> {
    fn walk(&mut self, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (Some(Value::Object(before)), Some(Value::Object(after)))
                if !old.is_some_and(is_call) && !new.is_some_and(is_call) =>
            {
                let more = after.keys().filter(|name| !before.contains_key(*name));
                let mut names: Vec<&String> = before.keys().chain(more).collect();
                names.sort();
                for name in names {
                    let labels = [before, after].map(|side| label(side, name));
                    let label = labels.into_iter().find(|label| is_secret(label)).unwrap_or(labels[1]);
                    let outer = std::mem::replace(&mut self.label, label.to_owned());
                    self.step(name, before.get(name), after.get(name));
                    self.label = outer;
                }
            }
            (Some(Value::Array(before)), Some(Value::Array(after))) => self.list(before, after),
            (Some(old), Some(new)) if old == new => self.same(new),
            (None, None) => {}
            (old, new) => self.differs(old, new),
        }
    }

    fn step(&mut self, name: &str, old: Option<&Value>, new: Option<&Value>) {
        self.path.push(name.to_owned());
        self.walk(old, new);
        self.path.pop();
    }

    /// Items that are the same at both ends are the same; what is between them is compared one by one.
    fn list(&mut self, before: &[Value], after: &[Value]) {
        let head = before.iter().zip(after).take_while(|(one, other)| one == other).count();
        let ends = before[head..].iter().rev().zip(after[head..].iter().rev());
        let tail = ends.take_while(|(one, other)| one == other).count();
        let (old, new) = (&before[head..before.len() - tail], &after[head..after.len() - tail]);
        for index in 0..old.len().max(new.len()) {
            self.step(&(head + index).to_string(), old.get(index), new.get(index));
        }
        let kept = after[..head].iter().enumerate();
        let kept = kept.chain(after.iter().enumerate().skip(after.len() - tail));
        for (index, item) in kept {
            self.step(&index.to_string(), Some(item), Some(item));
        }
    }

    fn differs(&mut self, old: Option<&Value>, new: Option<&Value>) {
        let text = |value: &Value| shown(&self.veil.cover(&self.label, value));
        self.found.push(PropertyDiff {
            path: self.path.join("/"),
            before: old.map(text),
            after: new.map(text),
            effect: effect::of(self.kind, &self.path, old, new),
            because: None,
            proven: old.is_none_or(is_literal) && new.is_none_or(is_literal),
        });
    }

    /// The same words may mean another value: what they refer to moved. Whether it differs shows only when deployed.
    fn same(&mut self, value: &Value) {
        let Some(cause) = self.moved.cause(value) else { return };
        let text = Some(shown(&self.veil.cover(&self.label, value)));
        let effect = effect::of(self.kind, &self.path, Some(value), Some(value)).min(Effect::MayReplace);
        self.found.push(PropertyDiff {
            path: self.path.join("/"),
            before: text.clone(),
            after: text,
            effect,
            because: Some(cause),
            proven: false,
        });
    }
}

/// Whether a value is known without a deployment.
fn is_literal(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(is_literal),
        Value::Object(object) => !is_call(value) && object.values().all(is_literal),
        Value::String(text) => !text.contains("{{resolve:"),
        _ => true,
    }
}
