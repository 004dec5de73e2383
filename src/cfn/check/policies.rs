//! Applies IAM's rules to every policy document of a template, whoever built it: see `policies/` for the rules.

mod arns;
mod conditions;
mod principals;
mod resources;
mod statement;

use std::collections::BTreeMap;

use serde_json::Value as JsonValue;

use super::Violation;
use crate::iam::DocumentKind;
use crate::intrinsic::intrinsic_key;

/// One document being checked: where it stands, and what is found.
struct Document<'a> {
    kind: DocumentKind,
    logical_id: &'a str,
    /// Logical id to type, for what a reference yields.
    types: &'a BTreeMap<&'a str, &'a str>,
    violations: Vec<Violation>,
}

impl Document<'_> {
    fn report(&mut self, path: &str, rule: &'static str, expected: impl Into<String>, found: &str) {
        self.violations.push(Violation::new(self.logical_id, path, rule, expected.into(), found));
    }
}

/// Checks every policy document of a template.
pub(crate) fn check(template: &JsonValue) -> Vec<Violation> {
    let resources = || template.get("Resources").and_then(JsonValue::as_object).into_iter().flatten();
    let type_of = |node: &'_ JsonValue| node.get("Type").and_then(JsonValue::as_str).map(str::to_owned);
    let owned: Vec<(&str, String)> =
        resources().filter_map(|(id, node)| Some((id.as_str(), type_of(node)?))).collect();
    let types: BTreeMap<&str, &str> = owned.iter().map(|(id, name)| (*id, name.as_str())).collect();
    let mut violations = Vec::new();
    for (id, node) in resources() {
        let resource_type = types.get(id.as_str()).copied().unwrap_or_default();
        let properties = node.get("Properties").unwrap_or(&JsonValue::Null);
        find(properties, &mut String::new(), &mut |path, found| {
            let kind = kind(resource_type, path);
            let mut document = Document { kind, logical_id: id, types: &types, violations: Vec::new() };
            statements(&mut document, path, found);
            violations.append(&mut document.violations);
        });
    }
    violations
}

/// Checks one document that stands in no template.
pub(crate) fn document(kind: DocumentKind, found: &JsonValue) -> Vec<Violation> {
    let types = BTreeMap::new();
    let mut document = Document { kind, logical_id: "", types: &types, violations: Vec::new() };
    statements(&mut document, "", found);
    document.violations
}

/// What a document in this property of this type of resource says, and of whom.
fn kind(resource_type: &str, path: &str) -> DocumentKind {
    match resource_type {
        _ if path.ends_with("AssumeRolePolicyDocument") => DocumentKind::Trust,
        "AWS::KMS::Key" | "AWS::ECR::Repository" | "AWS::SecretsManager::ResourcePolicy" => {
            DocumentKind::Attached
        }
        "AWS::EC2::VPCEndpoint" => DocumentKind::Endpoint,
        iam if iam.starts_with("AWS::IAM::") => DocumentKind::Identity,
        _ => DocumentKind::Resource,
    }
}

/// Calls `each` with the path and content of every policy document under `node`.
fn find(node: &JsonValue, path: &mut String, each: &mut impl FnMut(&str, &JsonValue)) {
    if is_document(node) {
        each(path, node);
        return;
    }
    let mut step = |name: &str, child: &JsonValue| {
        let length = path.len();
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(name);
        // Data protection policies of logs and topics have statements in a language of their own.
        if name != "DataProtectionPolicy" {
            find(child, path, each);
        }
        path.truncate(length);
    };
    match node {
        JsonValue::Object(entries) => entries.iter().for_each(|(name, child)| step(name, child)),
        JsonValue::Array(items) => {
            items.iter().enumerate().for_each(|(index, child)| step(&index.to_string(), child));
        }
        _ => {}
    }
}

/// Firewall rules have a `Statement` too, but no effect in it.
fn is_document(node: &JsonValue) -> bool {
    let Some(statements) = node.get("Statement") else { return false };
    node.get("Version").is_some() || items(statements).iter().any(|item| item.get("Effect").is_some())
}

fn statements(document: &mut Document<'_>, path: &str, found: &JsonValue) {
    match found.get("Version").and_then(JsonValue::as_str) {
        Some("2012-10-17") => {}
        version => {
            let version = version.unwrap_or("none").to_owned();
            document.report(&join(path, "Version"), "policy version", "`2012-10-17`", &version);
        }
    }
    let path = join(path, "Statement");
    let all = found.get("Statement").map(items).unwrap_or_default();
    if all.is_empty() {
        document.report(&path, "policy statements", "at least one", "none");
    }
    let mut sids = Vec::new();
    for (index, item) in all.into_iter().enumerate() {
        let path = join(&path, &index.to_string());
        if let Some(sid) = item.get("Sid").and_then(JsonValue::as_str) {
            if sids.contains(&sid) {
                document.report(
                    &join(&path, "Sid"),
                    "policy statement's name",
                    "used once in its document",
                    sid,
                );
            }
            sids.push(sid);
        }
        statement::check(document, &path, item);
    }
}

fn join(path: &str, step: &str) -> String {
    if path.is_empty() { step.to_owned() } else { format!("{path}/{step}") }
}

/// The entries of an element that may be one value or a list, with both branches of every `Fn::If` and without what
/// `AWS::NoValue` leaves out.
fn items(node: &JsonValue) -> Vec<&JsonValue> {
    match (intrinsic_key(node), node) {
        (Some(("Fn::If", branches)), _) => {
            branches.as_array().into_iter().flatten().skip(1).flat_map(items).collect()
        }
        (Some(("Ref", name)), _) if name == "AWS::NoValue" => Vec::new(),
        (None, JsonValue::Array(entries)) => entries.iter().flat_map(items).collect(),
        _ => vec![node],
    }
}

#[cfg(test)]
mod tests;
