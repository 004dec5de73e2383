//! What the fake cloud reads of a template: its resources with their parameters put in, and how two of them differ.

use std::collections::BTreeMap;

use lisa_cfn::{ResourceShape, Update, aws};
use lisa_deploy::ports::cloudformation::{ChangeAction, PropertyChange, Replacement, ResourceChange};
use serde_json::Value;

/// A template's resources by logical id, with the values of parameters in the place of their references.
pub(crate) type Resources = BTreeMap<String, Value>;

/// Reads a template. The error is what a change set fails for.
pub(crate) fn resources(
    text: &str,
    given: &BTreeMap<String, String>,
    store: &BTreeMap<String, String>,
) -> Result<Resources, String> {
    let template: Value =
        serde_json::from_str(text).map_err(|error| format!("Template format error: {error}"))?;
    let empty = serde_json::Map::new();
    let section = |name: &str| template[name].as_object().unwrap_or(&empty).clone();
    let mut values = BTreeMap::new();
    for (name, parameter) in section("Parameters") {
        let text = given.get(&name).map(String::as_str).or(parameter["Default"].as_str());
        let text = text.ok_or_else(|| format!("Parameters: [{name}] must have values"))?;
        let is_stored = parameter["Type"].as_str().is_some_and(|kind| kind.starts_with("AWS::SSM::"));
        let value = if is_stored { store.get(text).map(String::as_str) } else { Some(text) };
        let value = value.ok_or_else(|| {
            format!("Unable to fetch parameters [{text}] from parameter store for this account.")
        })?;
        values.insert(name, value.to_owned());
    }
    Ok(section("Resources").into_iter().map(|(id, body)| (id, with_values(body, &values))).collect())
}

fn with_values(body: Value, values: &BTreeMap<String, String>) -> Value {
    match body {
        Value::Object(object) => {
            let name = object.get("Ref").and_then(Value::as_str);
            if let Some(value) = name.and_then(|name| values.get(name)) {
                return Value::from(value.as_str());
            }
            object.into_iter().map(|(key, value)| (key, with_values(value, values))).collect()
        }
        Value::Array(items) => items.into_iter().map(|item| with_values(item, values)).collect(),
        other => other,
    }
}

/// The type of a resource.
pub(crate) fn kind(body: &Value) -> String {
    body["Type"].as_str().unwrap_or_default().to_owned()
}

/// How `new` differs from `old`.
pub(crate) fn changes(old: &Resources, new: &Resources) -> Vec<ResourceChange> {
    let added = new
        .iter()
        .filter(|(id, _)| !old.contains_key(*id))
        .map(|(id, body)| change(ChangeAction::Add, id, body));
    let removed = old.iter().filter(|(id, _)| !new.contains_key(*id));
    let removed = removed.map(|(id, body)| change(ChangeAction::Remove, id, body));
    let modified = new.iter().filter_map(|(id, body)| {
        let before = old.get(id).filter(|before| *before != body)?;
        let properties = properties(before, body);
        let replacement = properties.iter().map(|change| change.replacement).max();
        let replacement = replacement.unwrap_or(Replacement::Never);
        Some(ResourceChange { properties, replacement, ..change(ChangeAction::Modify, id, body) })
    });
    added.chain(modified).chain(removed).collect()
}

fn change(action: ChangeAction, id: &str, body: &Value) -> ResourceChange {
    let (logical_id, kind) = (id.to_owned(), kind(body));
    let (replacement, properties) = (Replacement::Never, Vec::new());
    ResourceChange { action, logical_id, physical_id: String::new(), kind, replacement, properties }
}

fn properties(before: &Value, after: &Value) -> Vec<PropertyChange> {
    let shape: Option<&&ResourceShape> = aws::all().iter().find(|shape| shape.cfn_type == kind(after));
    let empty = serde_json::Map::new();
    let of = |body: &Value| body["Properties"].as_object().unwrap_or(&empty).clone();
    let (before, after) = (of(before), of(after));
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    let one = |name: &String| {
        let updates = shape.map_or(&[][..], |shape| shape.updates);
        let update = updates.iter().find(|(path, _)| path == name).map(|(_, update)| *update);
        let replacement = match update {
            Some(Update::Replaces) => Replacement::Always,
            Some(Update::MayReplace) => Replacement::Conditional,
            None => Replacement::Never,
        };
        let text = |value: Option<&Value>| value.map(ToString::to_string);
        PropertyChange {
            name: name.clone(),
            before: text(before.get(name)),
            after: text(after.get(name)),
            replacement,
        }
    };
    changed.map(one).collect()
}
