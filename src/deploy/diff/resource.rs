//! One resource: what becomes of it, why, and what to know before it happens.

use serde::Serialize;
use serde_json::Value;

use super::class::{self, Class, keeps};
use super::effect::{Effect, holds_data, shape};
use super::entry::{Change, EntryDiff};
use super::moved::Moved;
use super::normal;
use super::property::{self, PropertyDiff};
use super::template::Resource;
use super::veil::Veil;

/// What becomes of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceDiff {
    /// The logical id.
    pub logical_id: String,
    /// `AWS::S3::Bucket`.
    pub kind: String,
    /// Which of the templates has it.
    pub change: Change,
    /// What that means.
    pub class: Class,
    /// Whether resources of this type hold data.
    pub holds_data: bool,
    /// The properties that differ, and those that refer to what changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<PropertyDiff>,
    /// What else the templates say of it and differs, such as `DeletionPolicy`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<EntryDiff>,
    /// What to know before it happens, each a fragment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl ResourceDiff {
    /// Of a resource that only the new template has.
    pub(super) fn added(logical_id: &str, new: Resource<'_>) -> Self {
        Self::bare(logical_id, new.kind(), Change::Added, Class::Create)
    }

    /// Of a resource that only the deployed template has.
    pub(super) fn removed(logical_id: &str, old: Resource<'_>) -> Self {
        let class = class::of_removal(old);
        let notes = unknown(old.kind()).into_iter().chain(removal_note(class).map(str::to_owned)).collect();
        Self { notes, ..Self::bare(logical_id, old.kind(), Change::Removed, class) }
    }

    fn bare(logical_id: &str, kind: &str, change: Change, class: Class) -> Self {
        Self {
            logical_id: logical_id.to_owned(),
            kind: kind.to_owned(),
            change,
            class,
            holds_data: holds_data(kind),
            properties: Vec::new(),
            attributes: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Of a resource that both templates have.
    pub(super) fn between(
        logical_id: &str,
        old: Resource<'_>,
        new: Resource<'_>,
        moved: &Moved,
        veil: &Veil,
    ) -> Self {
        if old.kind() != new.kind() {
            return Self::of_another_type(logical_id, old, new);
        }
        let kind = new.kind();
        let normal = |resource: Resource<'_>| normal::properties(shape(kind), resource.properties());
        let (before, after) = (normal(old), normal(new));
        let properties = property::compare(kind, &before, &after, moved, veil);
        let attributes = attributes(old, new, veil);
        let class = worst(old, new, &properties, &attributes, moved);
        let change = if class == Class::NoOp { Change::Unchanged } else { Change::Changed };
        let mut diff = Self { properties, attributes, ..Self::bare(logical_id, kind, change, class) };
        diff.notes = diff.remarks(old, new, &before, &after);
        diff
    }

    fn of_another_type(logical_id: &str, old: Resource<'_>, new: Resource<'_>) -> Self {
        let class = class::of_removal(old).max(Class::Replace);
        let refused = format!("was {}: CloudFormation refuses another type under the same id", old.kind());
        Self { notes: vec![refused], ..Self::bare(logical_id, new.kind(), Change::Changed, class) }
    }

    /// Gives the resource the class of a change of this effect, and the remarks that go with it.
    pub(super) fn reclassify(&mut self, class: Class, old: Resource<'_>, new: Resource<'_>) {
        self.class = class;
        let normal = |resource: Resource<'_>| normal::properties(shape(new.kind()), resource.properties());
        self.notes = self.remarks(old, new, &normal(old), &normal(new));
    }

    fn remarks(&self, old: Resource<'_>, new: Resource<'_>, before: &Value, after: &Value) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        if self.class != Class::NoOp {
            notes.extend(unknown(new.kind()));
        }
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            if self.holds_data && keeps(old, policy) && !keeps(new, policy) {
                let when = if policy == "DeletionPolicy" { "deleted" } else { "replaced" };
                notes.push(format!("nothing keeps its data any more when it is {when}"));
            }
        }
        if let Some(property) = self.fixed_name(before, after) {
            notes.push(format!("`{property}` stays the same: the new one cannot be made beside the old one"));
        }
        if self.class == Class::Kept {
            notes.push(
                "a new and empty one takes its place; the old one is kept and no longer managed".to_owned(),
            );
        }
        notes
    }

    /// The property that names the resource, where it is made anew under the name that the old one still has.
    fn fixed_name(&self, before: &Value, after: &Value) -> Option<String> {
        if !self.class.replaces() {
            return None;
        }
        let word = self.kind.rsplit("::").next().unwrap_or_default();
        let names = ["Name".to_owned(), format!("{word}Name"), format!("{word}Identifier")];
        let own = |name: &&(&str, _)| names.iter().any(|own| own == name.0);
        let (name, _) = shape(&self.kind)?.updates.iter().find(own)?;
        let stays = before.get(name).is_some() && before.get(name) == after.get(name);
        stays.then(|| (*name).to_owned())
    }
}

/// What CloudFormation does with the resource beside its properties.
fn attributes(old: Resource<'_>, new: Resource<'_>, veil: &Veil) -> Vec<EntryDiff> {
    let empty = serde_json::Map::new();
    let of = |resource: Resource<'_>, name: &str| {
        resource.attribute(name).and_then(|value| attribute(name, value))
    };
    let [old_names, new_names] = [old, new].map(|resource| resource.0.as_object().unwrap_or(&empty).keys());
    let mut names: Vec<&String> =
        old_names.chain(new_names).filter(|name| !["Type", "Properties"].contains(&name.as_str())).collect();
    names.sort();
    names.dedup();
    let differing =
        names.into_iter().filter_map(|name| EntryDiff::of(name, of(old, name), of(new, name), veil));
    differing.collect()
}

/// An attribute in normal form. Dependencies are a set.
fn attribute(name: &str, value: &Value) -> Option<Value> {
    let value = normal::untyped(value)?;
    match (name, value) {
        ("DependsOn", Value::String(one)) => Some(Value::Array(vec![one.into()])),
        ("DependsOn", Value::Array(mut many)) => {
            many.sort_by_cached_key(Value::to_string);
            many.dedup();
            (!many.is_empty()).then_some(Value::Array(many))
        }
        (_, other) => Some(other),
    }
}

fn worst(
    old: Resource<'_>,
    new: Resource<'_>,
    properties: &[PropertyDiff],
    attributes: &[EntryDiff],
    moved: &Moved,
) -> Class {
    let effect = properties.iter().map(|property| property.effect).max();
    let effect = effect.or_else(|| (!attributes.is_empty()).then_some(Effect::InPlace));
    let class = effect.map_or(Class::NoOp, |effect| class::of_change(effect, old, new));
    let condition =
        |resource: Resource<'_>| resource.attribute("Condition").and_then(Value::as_str).map(str::to_owned);
    let (before, after) = (condition(old), condition(new));
    let same = before == after && !after.is_some_and(|name| moved.has_condition(&name));
    if same { class } else { class.max(class::of_condition(old)) }
}

fn unknown(kind: &str) -> Option<String> {
    shape(kind).is_none().then(|| "its type is not known here: taken as if it held data".to_owned())
}

const fn removal_note(class: Class) -> Option<&'static str> {
    match class {
        Class::LosesData => Some("it is deleted with what it holds"),
        Class::Kept => Some("it, or its snapshot, is kept and no longer managed"),
        _ => None,
    }
}
