//! What the types' own schemas do not tell of a request: fields that may be left out, and older ways to write one.

use schemars::Schema;
use serde_json::{Value, json};

/// Fields that may be left out, each with what stands in.
fn optional(schema: &mut Schema, defaults: &[(&str, Value)]) {
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| defaults.iter().all(|(optional, _)| name != optional));
    }
    for (name, default) in defaults {
        if let Some(property) = schema.get_mut("properties").and_then(|properties| properties.get_mut(*name))
        {
            property["default"] = default.clone();
        }
    }
}

pub(super) fn request(schema: &mut Schema) {
    optional(schema, &[("streaming", json!(false)), ("allowedGroups", json!([])), ("features", json!([]))]);
    api_key(schema);
}

/// The key of a model elsewhere may be given and is never answered.
pub(super) fn api_key(schema: &mut Schema) {
    let Some(properties) = schema.get_mut("properties") else { return };
    properties["apiKey"] = json!({
        "type": "string",
        "minLength": 1,
        "maxLength": super::key::LONGEST,
        "pattern": "^[!-~]+$",
        "writeOnly": true,
        "description": "The key of a model that is reached by its `modelUrl`. It is kept in a secret and never answered.",
    });
}

pub(super) fn scaling(schema: &mut Schema) {
    let metric = json!(super::MetricConfig::default());
    let defaults =
        [("cooldown", json!(420)), ("defaultInstanceWarmup", json!(180)), ("metricConfig", metric)];
    optional(schema, &defaults);
}

pub(super) fn metric(schema: &mut Schema) {
    let default = json!(super::MetricConfig::default());
    let fields = ["albMetricName", "targetValue", "duration", "estimatedInstanceWarmup"];
    optional(schema, &fields.map(|name| (name, default[name].clone())));
}

/// The image may stand under `baseImage`, as in 3.0, and be a bare reference.
pub(super) fn container(schema: &mut Schema) {
    optional(schema, &[("environment", json!({}))]);
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| name != "image");
    }
    let Some(properties) = schema.get_mut("properties") else { return };
    let image = properties["image"].clone();
    let reference = json!({ "type": "string", "minLength": 1, "description": "The image's reference." });
    let either =
        json!({ "anyOf": [{ "$ref": image["$ref"] }, reference], "description": image["description"] });
    properties["image"] = either.clone();
    properties["baseImage"] = either;
    properties["baseImage"]["description"] = json!("The image, as 3.0 called it.");
    schema.insert("anyOf".to_owned(), json!([{ "required": ["image"] }, { "required": ["baseImage"] }]));
}

/// The command may be a line of a shell.
pub(super) fn health_check(schema: &mut Schema) {
    if let Some(command) = schema.get_mut("properties").and_then(|properties| properties.get_mut("command")) {
        let words = json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 });
        let line = json!({ "type": "string" });
        *command = json!({ "description": command["description"], "anyOf": [words, line] });
    }
}
