//! The JSON Schema of config.yaml, generated from the section types and finished for both forms of the file.

use crate::retired;
use crate::section::environment::EnvironmentFile;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The schema, JSON Schema draft 2020-12: a flat file, or `env` with a block per environment.
///
/// Beside the standard keywords it has `x-expected`, the words for a pattern, and `x-retired`, what has taken the
/// place of a key that has no effect any more.
pub fn schema() -> Value {
    let mut generated =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<EnvironmentFile>();
    let root = generated.ensure_object();
    let mut definitions = match root.remove("$defs") {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    root.remove("$schema");
    root.insert("patternProperties".to_owned(), json!({ "^x-": true }));
    definitions.insert("Environment".to_owned(), Value::Object(std::mem::take(root)));
    definitions.values_mut().for_each(finish);
    retired::describe(&mut definitions);
    accept_old_spellings(&mut definitions);
    whole(definitions)
}

/// The root: a file none of whose keys is a setting holds environments.
fn whole(definitions: Map<String, Value>) -> Value {
    let settings = definitions["Environment"]["properties"].as_object();
    let keys: Vec<_> =
        settings.into_iter().flat_map(Map::keys).filter(|key| *key != "env").cloned().collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "config.yaml of LISA",
        "description": "One deployment, or several in blocks of which `env` selects one. Keys that start with `x-` hold anchors and are not read.",
        "type": "object",
        "minProperties": 1,
        "if": { "propertyNames": { "not": { "enum": keys } } },
        "then": {
            "properties": {
                "env": { "description": "The environment to use. The variable ENV goes before it.", "type": ["string", "null"], "default": "dev" },
            },
            "patternProperties": { "^x-": true },
            "additionalProperties": { "$ref": "#/$defs/EnvironmentBlock" },
        },
        "else": { "$ref": "#/$defs/Environment" },
        "$defs": with_block(definitions),
    })
}

fn with_block(mut definitions: Map<String, Value>) -> Value {
    let block = json!({ "anyOf": [{ "$ref": "#/$defs/Environment" }, { "type": "null" }] });
    definitions.insert("EnvironmentBlock".to_owned(), block);
    Value::Object(definitions)
}

/// Finishes one definition: keys that may be left out may be empty, and only standard formats stay.
fn finish(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("format").is_some_and(is_rust_format) {
                object.remove("format");
            }
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            let required = object.get("required").cloned().unwrap_or_default();
            let required = |key: &str| required.as_array().is_some_and(|keys| keys.iter().any(|k| k == key));
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                let optional = properties.iter_mut().filter(|(key, _)| !required(key));
                optional.for_each(|(_, property)| allow_null(property));
            }
            object.values_mut().for_each(finish);
        }
        Value::Array(items) => items.iter_mut().for_each(finish),
        _ => {}
    }
}

fn is_rust_format(format: &Value) -> bool {
    ["uint8", "uint16", "uint32", "double"].iter().any(|name| format == name)
}

/// A key without a value counts as left out, so the schema takes `null` where it takes nothing.
fn allow_null(property: &mut Value) {
    let Value::Object(object) = property else { return };
    if let Some(reference) = object.remove("$ref") {
        object.insert("anyOf".to_owned(), json!([{ "$ref": reference }, { "type": "null" }]));
    }
    match object.get_mut("type") {
        Some(Value::String(name)) => {
            let name = std::mem::take(name);
            object.insert("type".to_owned(), json!([name, "null"]));
        }
        Some(Value::Array(names)) if !names.contains(&json!("null")) => names.push(json!("null")),
        _ => {}
    }
}

/// `AlbMetricName` is how 3.x spells `albMetricName`.
fn accept_old_spellings(definitions: &mut Map<String, Value>) {
    let metric = definitions.get_mut("MetricConfig").and_then(|metric| metric.get_mut("properties"));
    if let Some(Value::Object(properties)) = metric {
        let mut old = properties.get("albMetricName").cloned().unwrap_or_default();
        if let Some(old) = old.as_object_mut() {
            old.remove("default");
            old.insert(
                "description".to_owned(),
                json!("The metric, as 3.x spells its key. Use `albMetricName`."),
            );
        }
        properties.insert("AlbMetricName".to_owned(), old);
    }
}

/// The definition or inline schema behind a `$ref`, or the schema itself.
pub(crate) fn resolve<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|pointer| pointer.strip_prefix('#'));
    target.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

/// The schema without the alternative `null`.
pub(crate) fn solid<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let schema = resolve(root, schema);
    let alternatives = schema.get("anyOf").and_then(Value::as_array);
    match alternatives.map(Vec::as_slice) {
        Some([only, null]) if null.get("type") == Some(&json!("null")) => resolve(root, only),
        _ => schema,
    }
}

#[cfg(test)]
mod tests;
