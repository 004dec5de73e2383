//! The emulator's view of a template: the same, without the resource types that the emulator does not know.
//!
//! What refers to a dropped resource gets a literal of the right look instead, the same one everywhere.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::unknown;

/// The template without all that the emulator does not know.
pub fn of_known(template: &Value) -> Value {
    let view = without_types(template, unknown::TYPES);
    let view = without_forms(&view, unknown::FORMS);
    without_first_containers(&with_attributes(&view, unknown::ATTRIBUTES))
}

/// Drops the containers of tasks that only run before the others: the emulator starts all at once, ends a task with the
/// first that ends, and pulls no image by a digest of its own registry.
fn without_first_containers(template: &Value) -> Value {
    let mut view = template.clone();
    let resources = view.get_mut("Resources").and_then(Value::as_object_mut).into_iter().flatten();
    for (_, resource) in resources.filter(|(_, one)| one["Type"] == "AWS::ECS::TaskDefinition") {
        let containers = resource["Properties"]["ContainerDefinitions"].as_array_mut();
        let Some(containers) = containers else { continue };
        containers.retain(|container| container["Essential"] != false);
        for container in containers.iter_mut().filter_map(Value::as_object_mut) {
            container.remove("DependsOn");
        }
    }
    view
}

/// Drops every resource of the given types and resolves what referred to one.
pub fn without_types(template: &Value, types: &[&str]) -> Value {
    let mut view = template.clone();
    let unknown = |resource: &Value| resource["Type"].as_str().is_some_and(|name| types.contains(&name));
    let dropped = drop_where(&mut view, unknown);
    resolve(&mut view, &dropped);
    view
}

/// Drops every resource of a type that sets a property which the emulator does not take, and resolves what referred to
/// one.
pub fn without_forms(template: &Value, forms: &[(&str, &str)]) -> Value {
    let mut view = template.clone();
    let unknown = |resource: &Value| {
        forms
            .iter()
            .any(|(kind, property)| resource["Type"] == *kind && !resource["Properties"][*property].is_null())
    };
    let dropped = drop_where(&mut view, unknown);
    resolve(&mut view, &dropped);
    view
}

/// Replaces every literal that begins with `prefix`, such as `subnet-`, by one of `ids`: different ones by different ones,
/// as long as there are enough.
pub fn with_ids(template: &Value, prefix: &str, ids: &[String]) -> Value {
    let mut view = template.clone();
    replace_ids(&mut view, prefix, ids, &mut Vec::new());
    view
}

fn replace_ids(value: &mut Value, prefix: &str, ids: &[String], seen: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace_ids(item, prefix, ids, seen)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace_ids(field, prefix, ids, seen)),
        Value::String(text) if text.starts_with(prefix) && !ids.is_empty() => {
            let parts = text.split(',').map(|part| {
                let place = seen.iter().position(|known| known == part).unwrap_or_else(|| {
                    seen.push(part.to_owned());
                    seen.len() - 1
                });
                ids[place % ids.len()].as_str()
            });
            *text = parts.collect::<Vec<_>>().join(",");
        }
        _ => {}
    }
}

/// An attribute that the emulator does not know, with what it stands for in the tests: type, attribute, literal.
pub type Attribute = (&'static str, &'static str, &'static str);

/// Resolves every `Fn::GetAtt` of the given attributes.
pub fn with_attributes(template: &Value, attributes: &[Attribute]) -> Value {
    let mut view = template.clone();
    let types = &template["Resources"];
    let literal = |id: &str, attribute: &str| {
        let kind = types[id]["Type"].as_str();
        let known = attributes.iter().find(|(of, name, _)| kind == Some(*of) && *name == attribute);
        known.map(|(_, _, literal)| json!(literal))
    };
    replace_attributes(&mut view, &literal);
    view
}

fn replace_attributes(value: &mut Value, literal: &impl Fn(&str, &str) -> Option<Value>) {
    let found = match value.get("Fn::GetAtt") {
        Some(Value::Array(parts)) => match parts.as_slice() {
            [Value::String(id), Value::String(attribute)] => literal(id, attribute),
            _ => None,
        },
        Some(Value::String(path)) => path.split_once('.').and_then(|(id, attribute)| literal(id, attribute)),
        _ => None,
    };
    match (found, value) {
        (Some(literal), value) => *value = literal,
        (None, Value::Array(items)) => items.iter_mut().for_each(|item| replace_attributes(item, literal)),
        (None, Value::Object(fields)) => {
            fields.values_mut().for_each(|field| replace_attributes(field, literal));
        }
        _ => {}
    }
}

fn drop_where(template: &mut Value, unknown: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let mut dropped = BTreeSet::new();
    if let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) {
        resources.retain(|id, resource| {
            let is_known = !unknown(resource);
            if !is_known {
                dropped.insert(id.clone());
            }
            is_known
        });
    }
    dropped
}

/// Replaces references to dropped resources, at any depth.
fn resolve(value: &mut Value, dropped: &BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, dropped)),
        Value::Object(fields) => {
            if let Some(literal) = literal(fields, dropped) {
                *value = literal;
                return;
            }
            forget_dependencies(fields, dropped);
            fields.values_mut().for_each(|field| resolve(field, dropped));
        }
        _ => {}
    }
}

/// What stands for a `Ref`, `Fn::GetAtt` or `Fn::Sub` that names a dropped resource; `None` for anything else.
fn literal(fields: &Map<String, Value>, dropped: &BTreeSet<String>) -> Option<Value> {
    let (name, argument) = fields.iter().next().filter(|_| fields.len() == 1)?;
    match (name.as_str(), argument) {
        ("Ref", Value::String(id)) if dropped.contains(id) => Some(json!(stand_in(id, None))),
        ("Fn::GetAtt", Value::Array(parts)) => {
            let id = parts.first()?.as_str()?;
            dropped.contains(id).then(|| json!(stand_in(id, parts.get(1).and_then(Value::as_str))))
        }
        ("Fn::GetAtt", Value::String(path)) => {
            let (id, attribute) = path.split_once('.')?;
            dropped.contains(id).then(|| json!(stand_in(id, Some(attribute))))
        }
        ("Fn::Sub", Value::String(text)) => {
            let resolved = resolve_text(text, dropped);
            (resolved != *text).then(|| json!({ "Fn::Sub": resolved }))
        }
        ("Fn::Sub", Value::Array(parts)) => {
            let text = parts.first()?.as_str()?;
            let mut variables = parts.get(1).cloned().unwrap_or_else(|| json!({}));
            resolve(&mut variables, dropped);
            Some(json!({ "Fn::Sub": [resolve_text(text, dropped), variables] }))
        }
        _ => None,
    }
}

/// Replaces `${Id}` and `${Id.Attribute}` of dropped resources in the text of a `Fn::Sub`.
fn resolve_text(text: &str, dropped: &BTreeSet<String>) -> String {
    let mut resolved = text.to_owned();
    for id in dropped {
        resolved = resolved.replace(&format!("${{{id}}}"), &stand_in(id, None));
        while let Some(start) = resolved.find(&format!("${{{id}.")) {
            let Some(length) = resolved[start..].find('}') else { break };
            let attribute = resolved[start + id.len() + 3..start + length].to_owned();
            resolved.replace_range(start..=start + length, &stand_in(id, Some(&attribute)));
        }
    }
    resolved
}

/// Removes dropped resources from a `DependsOn`.
fn forget_dependencies(fields: &mut Map<String, Value>, dropped: &BTreeSet<String>) {
    let is_dropped = |id: &Value| id.as_str().is_some_and(|id| dropped.contains(id));
    match fields.get_mut("DependsOn") {
        Some(Value::Array(ids)) => ids.retain(|id| !is_dropped(id)),
        Some(id) if is_dropped(id) => {
            fields.remove("DependsOn");
        }
        _ => {}
    }
}

fn stand_in(id: &str, attribute: Option<&str>) -> String {
    let id = id.to_lowercase();
    match attribute {
        Some(attribute) if attribute.ends_with("Arn") => {
            format!("arn:aws:dropped:us-east-1:012345678901:{id}")
        }
        Some(attribute) => format!("dropped-{id}-{}", attribute.to_lowercase()),
        None => format!("dropped-{id}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{with_attributes, with_ids, without_types};

    #[test]
    fn references_to_dropped_resources_become_literals() {
        let template = json!({
            "Resources": {
                "Address": { "Type": "AWS::EC2::EIP" },
                "Kept": {
                    "Type": "AWS::SSM::Parameter",
                    "DependsOn": ["Address", "Other"],
                    "Properties": {
                        "A": { "Ref": "Address" },
                        "B": { "Fn::GetAtt": ["Address", "AllocationId"] },
                        "C": { "Fn::Sub": "${Address} ${Address.PublicIp} ${AWS::Region} ${Kept}" },
                        "D": { "Fn::Sub": ["${x} ${Address}", { "x": { "Ref": "Address" } }] },
                        "E": { "Ref": "Other" },
                    },
                },
            },
        });
        let view = without_types(&template, &["AWS::EC2::EIP"]);
        assert_eq!(
            view,
            json!({
                "Resources": {
                    "Kept": {
                        "Type": "AWS::SSM::Parameter",
                        "DependsOn": ["Other"],
                        "Properties": {
                            "A": "dropped-address",
                            "B": "dropped-address-allocationid",
                            "C": { "Fn::Sub": "dropped-address dropped-address-publicip ${AWS::Region} ${Kept}" },
                            "D": { "Fn::Sub": ["${x} dropped-address", { "x": "dropped-address" }] },
                            "E": { "Ref": "Other" },
                        },
                    },
                },
            })
        );
    }

    #[test]
    fn a_template_of_known_types_is_left_alone() {
        let template = json!({ "Resources": { "Key": { "Type": "AWS::KMS::Key", "DependsOn": "Role" } } });
        assert_eq!(without_types(&template, &["AWS::EC2::EIP"]), template);
    }

    #[test]
    fn unknown_attributes_become_literals() {
        let template = |value| json!({ "Resources": { "Net": { "Type": "AWS::EC2::VPC", "Properties": { "X": [value] } } } });
        let known = [("AWS::EC2::VPC", "CidrBlock", "10.0.0.0/16")];
        let view = with_attributes(&template(json!({ "Fn::GetAtt": ["Net", "CidrBlock"] })), &known);
        assert_eq!(view, template(json!("10.0.0.0/16")));
        let other = template(json!({ "Fn::GetAtt": ["Net", "VpcId"] }));
        assert_eq!(with_attributes(&other, &known), other);
    }

    #[test]
    fn literal_ids_become_those_that_exist() {
        let template =
            json!({ "A": "subnet-1", "B": ["subnet-2", "subnet-1"], "C": "subnet-2,subnet-1", "D": "vpc-1" });
        let view = with_ids(&template, "subnet-", &["subnet-x".to_owned(), "subnet-y".to_owned()]);
        assert_eq!(
            view,
            json!({ "A": "subnet-x", "B": ["subnet-y", "subnet-x"], "C": "subnet-y,subnet-x", "D": "vpc-1" })
        );
    }
}
