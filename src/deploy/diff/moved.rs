//! What a value refers to, and which of it means something else than before although the words are the same: a parameter
//! with another default, a condition with another definition, a resource that is made anew.

use std::collections::BTreeSet;

use serde_json::Value;

use super::intrinsic::{Piece, call, canonical, pieces};
use super::template::Template;

/// Something in a template that a value refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reference {
    /// A parameter, or a resource's own reference.
    Name(String),
    /// An attribute of a resource.
    Attribute(String, String),
    /// A condition of `Fn::If` or `Condition`.
    Condition(String),
    /// A mapping of `Fn::FindInMap`.
    Mapping(String),
}

/// Everything that a value refers to.
pub(super) fn references(value: &Value) -> BTreeSet<Reference> {
    let mut found = BTreeSet::new();
    if let Some(value) = canonical(value) {
        collect(&value, &mut found);
    }
    found
}

fn collect(value: &Value, found: &mut BTreeSet<Reference>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(object) => match call(object) {
            Some((name, argument)) => function(name, argument, found),
            None => object.values().for_each(|item| collect(item, found)),
        },
        _ => {}
    }
}

fn function(name: &str, argument: &Value, found: &mut BTreeSet<Reference>) {
    match (name, argument) {
        ("Ref", Value::String(name)) => {
            found.insert(Reference::Name(name.clone()));
        }
        ("Fn::GetAtt", Value::Array(parts)) => {
            if let [Value::String(resource), Value::String(attribute)] = parts.as_slice() {
                found.insert(Reference::Attribute(resource.clone(), attribute.clone()));
            }
        }
        ("Fn::Sub", Value::String(text)) => substitution(text, &[], found),
        ("Fn::Sub", Value::Array(parts)) => {
            let names = parts.get(1).and_then(Value::as_object);
            let own: Vec<&str> = names.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            parts.first().and_then(Value::as_str).iter().for_each(|text| substitution(text, &own, found));
            names.into_iter().flatten().for_each(|(_, value)| collect(value, found));
        }
        ("Fn::If", Value::Array(parts)) => {
            let condition = parts.first().and_then(Value::as_str);
            found.extend(condition.map(|name| Reference::Condition(name.to_owned())));
            parts.iter().skip(1).for_each(|part| collect(part, found));
        }
        ("Fn::FindInMap", Value::Array(parts)) => {
            let mapping = parts.first().and_then(Value::as_str);
            found.extend(mapping.map(|name| Reference::Mapping(name.to_owned())));
            collect(argument, found);
        }
        _ => collect(argument, found),
    }
}

fn substitution(text: &str, own: &[&str], found: &mut BTreeSet<Reference>) {
    for piece in pieces(text) {
        match piece {
            Piece::Name(name) if !own.contains(&name) => {
                found.insert(match name.split_once('.') {
                    Some((resource, attribute)) => Reference::Attribute(resource.into(), attribute.into()),
                    None => Reference::Name(name.to_owned()),
                });
            }
            _ => {}
        }
    }
}

/// What means something else than before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Moved {
    names: BTreeSet<String>,
    conditions: BTreeSet<String>,
    mappings: BTreeSet<String>,
    anew: BTreeSet<String>,
    in_place: BTreeSet<String>,
}

impl Moved {
    /// What moves between two templates before any resource is looked at.
    pub(super) fn between(old: &Template, new: &Template) -> Self {
        let names = changed(old, new, "Parameters", |value| {
            ["Type", "Default"].map(|key| value.get(key).cloned().unwrap_or_default()).to_vec()
        });
        let mappings = changed(old, new, "Mappings", |value| vec![value.clone()]);
        let conditions = changed(old, new, "Conditions", |value| canonical(value).into_iter().collect());
        let mut moved = Self { names, conditions, mappings, ..Self::default() };
        while moved.spread_to_conditions(new) {}
        moved
    }

    /// Conditions that are built from what moved move as well; whether there was another one.
    fn spread_to_conditions(&mut self, new: &Template) -> bool {
        let conditions = new.section("Conditions").into_iter();
        let others = conditions.filter(|(name, _)| !self.conditions.contains(*name));
        let touched = others.filter(|(_, value)| names_condition(value, self) || self.cause(value).is_some());
        let more: Vec<String> = touched.map(|(name, _)| name.to_owned()).collect();
        let any = !more.is_empty();
        self.conditions.extend(more);
        any
    }

    /// A resource that is, or may be, made anew: everything that it is known by changes.
    pub(super) fn made_anew(&mut self, logical_id: &str) {
        self.anew.insert(logical_id.to_owned());
    }

    /// A resource that changes in place: what it is known by stays, other attributes may change.
    pub(super) fn changed_in_place(&mut self, logical_id: &str) {
        self.in_place.insert(logical_id.to_owned());
    }

    /// Whether a condition moved.
    pub(super) fn has_condition(&self, name: &str) -> bool {
        self.conditions.contains(name)
    }

    /// Whether a reference means something else than before.
    pub(super) fn has(&self, reference: &Reference) -> bool {
        match reference {
            Reference::Name(name) => self.names.contains(name) || self.anew.contains(name),
            Reference::Attribute(resource, attribute) => {
                self.anew.contains(resource) || (self.in_place.contains(resource) && !is_identity(attribute))
            }
            Reference::Condition(name) => self.conditions.contains(name),
            Reference::Mapping(name) => self.mappings.contains(name),
        }
    }

    /// What of a value moved, by name.
    pub(super) fn cause(&self, value: &Value) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        references(value).into_iter().find(|reference| self.has(reference)).map(|reference| match reference {
            Reference::Name(name) | Reference::Condition(name) | Reference::Mapping(name) => name,
            Reference::Attribute(resource, attribute) => format!("{resource}.{attribute}"),
        })
    }
}

/// Whether an attribute is part of what a resource is known by, which a change in place leaves as it is.
fn is_identity(attribute: &str) -> bool {
    ["Arn", "ARN", "Id", "ID", "Name", "Url", "URL", "CidrBlock"].iter().any(|end| attribute.ends_with(end))
}

fn names_condition(value: &Value, moved: &Moved) -> bool {
    match value {
        Value::Object(object) => object.iter().any(|(key, value)| match value {
            Value::String(name) if key == "Condition" => moved.has_condition(name),
            other => names_condition(other, moved),
        }),
        Value::Array(items) => items.iter().any(|item| names_condition(item, moved)),
        _ => false,
    }
}

/// Names of a section whose meaning differs, and those that only one template has.
fn changed(
    old: &Template,
    new: &Template,
    section: &str,
    meaning: impl Fn(&Value) -> Vec<Value>,
) -> BTreeSet<String> {
    let (old, new) = (old.section(section), new.section(section));
    let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let differs = |name: &&str| old.get(name).map(|v| meaning(v)) != new.get(name).map(|v| meaning(v));
    names.into_iter().filter(differs).map(str::to_owned).collect()
}
