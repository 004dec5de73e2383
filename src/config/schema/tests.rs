//! What editors and other readers of the schema rely on.

use super::schema;
use serde_json::Value;

/// Every object of the schema with its pointer.
fn visit<'s>(schema: &'s Value, pointer: &str, found: &mut Vec<(String, &'s Value)>) {
    match schema {
        Value::Object(object) => {
            found.push((pointer.to_owned(), schema));
            for (key, value) in object {
                visit(value, &format!("{pointer}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(item, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn it_is_a_schema_of_draft_2020_12() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    jsonschema::draft202012::meta::validate(&schema).unwrap();
}

#[test]
fn every_key_is_described() {
    let schema = schema();
    let mut all = Vec::new();
    visit(&schema, "", &mut all);
    let mut properties = 0;
    for (pointer, object) in all.iter().filter(|(pointer, _)| pointer.ends_with("/properties")) {
        for (key, property) in object.as_object().unwrap() {
            // The tag of a choice says nothing that its value does not say.
            if property.get("const").is_none() {
                assert!(property.get("description").is_some(), "{pointer}/{key} has no description");
            }
            properties += 1;
        }
    }
    assert!(properties > 200, "only {properties} properties");
}

#[test]
fn every_pattern_has_words() {
    let schema = schema();
    let mut all = Vec::new();
    visit(&schema, "", &mut all);
    for (pointer, object) in
        all.iter().filter(|(_, object)| object.get("pattern").is_some_and(Value::is_string))
    {
        assert!(object.get("x-expected").is_some(), "{pointer} has a pattern without words");
    }
}

#[test]
fn only_standard_formats_and_real_defaults_stay() {
    let schema = schema();
    let mut all = Vec::new();
    visit(&schema, "", &mut all);
    for (pointer, object) in all {
        assert!(!object.get("format").is_some_and(Value::is_string), "{pointer} has a format");
        assert!(!pointer.contains("properties") || object.get("default") != Some(&Value::Null), "{pointer}");
    }
}

#[test]
fn defaults_and_choices_are_there() {
    let schema = schema();
    let environment = &schema["$defs"]["Environment"]["properties"];
    assert_eq!(environment["deploymentName"]["default"], "prod");
    assert_eq!(environment["maxAzs"]["maximum"], 6);
    assert_eq!(schema["$defs"]["AutoScalingConfig"]["properties"]["cooldown"]["default"], 420);
    let choices = schema["$defs"]["RemovalPolicy"]["oneOf"].as_array().unwrap();
    assert_eq!(
        choices.iter().map(|choice| choice["const"].as_str().unwrap()).collect::<Vec<_>>(),
        ["destroy", "retain"]
    );
}
