//! Whether every `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Condition` and `DependsOn` names something that is there.

use std::collections::BTreeSet;

use serde_json::Value as JsonValue;

use super::Violation;
use crate::intrinsic::intrinsic_key;

struct Names<'a> {
    resources: BTreeSet<&'a str>,
    parameters: BTreeSet<&'a str>,
    conditions: BTreeSet<&'a str>,
}

pub(crate) fn check(document: &JsonValue) -> Vec<Violation> {
    let names = Names {
        resources: keys(document, "Resources"),
        parameters: keys(document, "Parameters"),
        conditions: keys(document, "Conditions"),
    };
    let mut violations = Vec::new();
    for section in ["Resources", "Outputs", "Conditions"] {
        for (id, node) in document.get(section).and_then(JsonValue::as_object).into_iter().flatten() {
            attributes(&names, id, node, &mut violations);
            walk(&names, id, node, &mut String::new(), &mut violations);
        }
    }
    violations
}

fn keys<'a>(document: &'a JsonValue, section: &str) -> BTreeSet<&'a str> {
    document
        .get(section)
        .and_then(JsonValue::as_object)
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .collect()
}

fn attributes(names: &Names<'_>, id: &str, node: &JsonValue, violations: &mut Vec<Violation>) {
    for other in node.get("DependsOn").and_then(JsonValue::as_array).into_iter().flatten() {
        let other = other.as_str().unwrap_or_default();
        if !names.resources.contains(other) {
            violations.push(dangling(id, "DependsOn", "a resource of the template", other));
        }
    }
    let condition = node.get("Condition").and_then(JsonValue::as_str);
    if let Some(condition) = condition.filter(|condition| !names.conditions.contains(condition)) {
        violations.push(dangling(id, "Condition", "a condition of the template", condition));
    }
}

fn dangling(id: &str, property: &str, expected: &str, found: &str) -> Violation {
    Violation::new(id, property, "reference", expected.to_owned(), found)
}

fn walk(names: &Names<'_>, id: &str, node: &JsonValue, path: &mut String, violations: &mut Vec<Violation>) {
    if let Some((function, argument)) = intrinsic_key(node) {
        target(names, id, function, argument, path, violations);
    }
    let mut step = |name: &str, child: &JsonValue| {
        let length = path.len();
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(name);
        walk(names, id, child, path, violations);
        path.truncate(length);
    };
    match node {
        JsonValue::Object(entries) => entries.iter().for_each(|(key, child)| step(key, child)),
        JsonValue::Array(items) => {
            items.iter().enumerate().for_each(|(index, child)| step(&index.to_string(), child));
        }
        _ => {}
    }
}

fn target(
    names: &Names<'_>,
    id: &str,
    function: &str,
    argument: &JsonValue,
    path: &str,
    violations: &mut Vec<Violation>,
) {
    let property = path.trim_start_matches("Properties/");
    match function {
        "Ref" => {
            let name = argument.as_str().unwrap_or_default();
            let known = name.starts_with("AWS::")
                || names.resources.contains(name)
                || names.parameters.contains(name);
            if !known {
                violations.push(dangling(id, property, "a resource or parameter of the template", name));
            }
        }
        "Fn::GetAtt" => {
            let name = argument.get(0).and_then(JsonValue::as_str).unwrap_or_default();
            if !names.resources.contains(name) {
                violations.push(dangling(id, property, "a resource of the template", name));
            }
        }
        "Fn::If" => {
            let name = argument.get(0).and_then(JsonValue::as_str).unwrap_or_default();
            if !names.conditions.contains(name) {
                violations.push(dangling(id, property, "a condition of the template", name));
            }
        }
        "Fn::Sub" => substitutions(names, id, argument, property, violations),
        _ => {}
    }
}

fn substitutions(
    names: &Names<'_>,
    id: &str,
    argument: &JsonValue,
    property: &str,
    violations: &mut Vec<Violation>,
) {
    let text = argument.as_str().or_else(|| argument.get(0)?.as_str()).unwrap_or_default();
    let own = argument.get(1).and_then(JsonValue::as_object);
    for part in text.split("${").skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        let target = name.split('.').next().unwrap_or_default();
        let known = name.starts_with('!')
            || name.starts_with("AWS::")
            || own.is_some_and(|own| own.contains_key(name))
            || names.resources.contains(target)
            || names.parameters.contains(target);
        if !known {
            violations.push(dangling(id, property, "a resource or parameter of the template", name));
        }
    }
}
