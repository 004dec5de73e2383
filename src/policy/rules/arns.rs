//! IAM-11: ARNs and service principals that hold in every partition.

use std::fmt::Write;

use serde_json::Value;

use crate::report::Severity::Medium;
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::Dev;
use crate::world::World;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "IAM-11-partition",
        title: "No ARN names another partition",
        why: "In GovCloud, China or an isolated region the ARN matches nothing: the grant or the refusal is void.",
        remedy: "Write `${AWS::Partition}`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(partition),
    },
    Rule {
        id: "IAM-11-principal",
        title: "Service principals end in `.amazonaws.com`",
        why: "That name holds in every partition; one with a partition's own suffix lets nobody in.",
        remedy: "Write `<service>.amazonaws.com`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(principal),
    },
];

fn partition(world: &World<'_>, findings: &mut Findings) {
    world.look(world.resources.len());
    for resource in &world.resources {
        let Some(properties) = resource.body.get("Properties") else {
            continue;
        };
        each_text(properties, &mut String::new(), &mut |path, text| {
            for found in foreign_partitions(text, world.settings.place.partition) {
                findings.add(resource, path, format!("names the partition `{found}`"));
            }
        });
    }
}

/// The partitions that ARNs in a text name, if they are not `ours`.
fn foreign_partitions<'t>(text: &'t str, ours: Option<&str>) -> impl Iterator<Item = &'t str> {
    text.match_indices("arn:aws").filter_map(move |(at, _)| {
        let rest = &text[at + "arn:".len()..];
        let name = rest.split(':').next()?;
        let is_word = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        (is_word && rest.len() > name.len() && Some(name) != ours).then_some(name)
    })
}

/// Calls `visit` with every text under a value and its path.
pub(crate) fn each_text<'a>(value: &'a Value, path: &mut String, visit: &mut dyn FnMut(&str, &'a str)) {
    let length = path.len();
    match value {
        Value::String(text) => visit(path, text),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let _ = write!(path, "[{index}]"); // a String takes whatever is written
                each_text(item, path, visit);
                path.truncate(length);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                each_text(item, path, visit);
                path.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn principal(world: &World<'_>, findings: &mut Findings) {
    world.look(world.statements.len());
    for statement in &world.statements {
        let services = statement.principals.iter().filter(|(kind, _)| *kind == "Service");
        for (_, name) in services.filter(|(_, name)| !is_portable(name)) {
            findings.add(
                &world.resources[statement.holder],
                &*statement.path,
                format!("names the principal `{name}`"),
            );
        }
    }
    for permission in world.of("AWS::Lambda::Permission") {
        for name in permission.texts(world, "Principal") {
            if name.contains('.') && !is_portable(&name) {
                findings.add(permission, "Principal", format!("names the principal `{name}`"));
            }
        }
    }
}

/// CloudWatch Logs alone is named with the partition's suffix, beside its region, in the policies of keys.
fn is_portable(name: &str) -> bool {
    name.ends_with(".amazonaws.com") || name == "logs.${AWS::Region}.${AWS::URLSuffix}"
}
