//! Rules for one statement: its elements, its effect and its actions.

use serde_json::Value as JsonValue;

use super::{Document, conditions, items, join, principals, resources};
use crate::iam::{self, DocumentKind};

const ELEMENTS: [&str; 9] = [
    "Action",
    "Condition",
    "Effect",
    "NotAction",
    "NotPrincipal",
    "NotResource",
    "Principal",
    "Resource",
    "Sid",
];

pub(super) fn check(document: &mut Document<'_>, path: &str, statement: &JsonValue) {
    let Some(object) = statement.as_object() else {
        document.report(path, "policy statement", "an object", &statement.to_string());
        return;
    };
    for name in object.keys().filter(|name| !ELEMENTS.contains(&name.as_str())) {
        document.report(&join(path, name), "policy element", format!("one of {}", ELEMENTS.join(", ")), name);
    }
    let effect = statement["Effect"].as_str().unwrap_or_default();
    if !["Allow", "Deny"].contains(&effect) {
        document.report(&join(path, "Effect"), "policy effect", "`Allow` or `Deny`", effect);
    }
    elements(document, path, statement);
    if document.kind == DocumentKind::Identity
        && let Some(sid) = statement.get("Sid").and_then(JsonValue::as_str)
        && !sid.chars().all(|c| c.is_ascii_alphanumeric())
    {
        document.report(&join(path, "Sid"), "policy statement's name", "letters and digits", sid);
    }
    actions(document, path, statement);
    resources::check(document, path, statement);
    principals::check(document, path, statement);
    conditions::check(document, path, statement);
}

/// Which elements a statement needs and must not have, by where its document stands.
fn elements(document: &mut Document<'_>, path: &str, statement: &JsonValue) {
    let has = |names: [&str; 2]| names.iter().any(|name| statement.get(name).is_some());
    let (principal, resource) = (has(["Principal", "NotPrincipal"]), has(["Resource", "NotResource"]));
    if !has(["Action", "NotAction"]) {
        document.report(path, "policy statement", "given an `Action`", "none");
    }
    match document.kind {
        DocumentKind::Identity if principal => {
            document.report(path, "policy of a role", "without `Principal`", "Principal");
        }
        DocumentKind::Trust if resource => {
            document.report(path, "trust of a role", "without `Resource`", "Resource");
        }
        _ => {}
    }
    if document.kind != DocumentKind::Identity && !principal {
        document.report(path, "policy statement", "given a `Principal`", "none");
    }
    let needs_resource =
        matches!(document.kind, DocumentKind::Identity | DocumentKind::Resource | DocumentKind::Endpoint);
    if needs_resource && !resource {
        document.report(path, "policy statement", "given a `Resource`", "none");
    }
}

pub(super) fn allows(statement: &JsonValue) -> bool {
    statement["Effect"] == "Allow"
}

/// The actions that a statement names as text; what an intrinsic yields is not judged.
pub(super) fn named_actions(statement: &JsonValue) -> Vec<&str> {
    items(&statement["Action"]).into_iter().filter_map(JsonValue::as_str).collect()
}

fn actions(document: &mut Document<'_>, path: &str, statement: &JsonValue) {
    if allows(statement) && statement.get("NotAction").is_some() {
        let expected = "an `Action`: to allow all but some allows what AWS adds later";
        document.report(&join(path, "NotAction"), "policy action", expected, "NotAction");
    }
    // An endpoint's policy gives nobody anything: it may pass all that its conditions limit.
    let narrowed = document.kind == DocumentKind::Endpoint && statement.get("Condition").is_some();
    let may_be_wide = !allows(statement) || narrowed;
    for action in named_actions(statement) {
        let path = join(path, "Action");
        if action == "*" {
            if !may_be_wide {
                document.report(&path, "policy action", "named, not `*`", action);
            }
            continue;
        }
        match iam::matching(action) {
            None => {
                let expected = "of a service that `xtask/vendor/iam-services.txt` lists";
                document.report(&path, "policy action", expected, action);
            }
            Some(matching) if matching.is_empty() => {
                document.report(&path, "policy action", "an action that the service has", action);
            }
            // A key's own policy must let the account administer it, or nobody can.
            Some(_) if action.ends_with(":*") && !may_be_wide && document.kind != DocumentKind::Attached => {
                document.report(&path, "policy action", "named, not the whole service", action);
            }
            Some(_) => {}
        }
    }
}
