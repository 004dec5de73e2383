//! The graph of one stack: resources, and the references by which one needs another.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Edge, Graph, Node};
use crate::stack::Stack;

pub(super) fn graph(stack: &Stack) -> Graph {
    let document = stack.template.to_json();
    let empty = serde_json::Map::new();
    let resources = document["Resources"].as_object().unwrap_or(&empty);
    let nodes = resources.iter().map(|(id, resource)| node(id, resource)).collect();
    let mut edges = BTreeSet::new();
    for (id, resource) in resources {
        let mut needed = BTreeSet::new();
        references(resource, &mut needed);
        let known = needed.into_iter().filter(|from| from != id && resources.contains_key(from));
        edges.extend(known.map(|from| Edge { from, to: id.clone() }));
    }
    Graph { title: stack.deployed_name.clone(), nodes, edges }
}

fn node(id: &str, resource: &Value) -> Node {
    let detail = resource["Type"].as_str().unwrap_or_default();
    let group = detail.split("::").nth(1).unwrap_or_default().to_lowercase();
    Node { id: id.to_owned(), detail: detail.trim_start_matches("AWS::").to_owned(), group }
}

/// Adds every logical id that a resource speaks of: by `Ref`, `Fn::GetAtt`, `Fn::Sub` or `DependsOn`.
fn references(value: &Value, needed: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, needed)),
        Value::Object(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("Ref" | "DependsOn", Value::String(id)) => drop(needed.insert(id.clone())),
                    ("Fn::GetAtt", Value::String(path)) => add_before_dot(path, needed),
                    ("Fn::GetAtt", Value::Array(path)) => {
                        needed.extend(path.first().and_then(Value::as_str).map(str::to_owned));
                    }
                    ("Fn::Sub", Value::String(text)) => substituted(text, needed),
                    ("Fn::Sub", Value::Array(parts)) => {
                        substituted(parts.first().and_then(Value::as_str).unwrap_or_default(), needed);
                        references(value, needed);
                    }
                    ("DependsOn", Value::Array(ids)) => {
                        needed.extend(ids.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => references(value, needed),
                }
            }
        }
        _ => {}
    }
}

/// Adds what `${Name}` and `${Name.Attribute}` stand for in the text of a `Fn::Sub`.
fn substituted(text: &str, needed: &mut BTreeSet<String>) {
    for part in text.split("${").skip(1) {
        if let Some((path, _)) = part.split_once('}') {
            add_before_dot(path, needed);
        }
    }
}

fn add_before_dot(path: &str, needed: &mut BTreeSet<String>) {
    needed.extend(path.split('.').next().map(str::to_owned));
}
