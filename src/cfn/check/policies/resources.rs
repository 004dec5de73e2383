//! Rules for what a statement is about: no needless `*`, and nothing that its actions can never touch.

use std::collections::HashMap;

use serde_json::Value as JsonValue;

use super::arns::{self, Token};
use super::statement::{allows, named_actions};
use super::{Document, items, join};
use crate::iam::{self, Action, DocumentKind};

pub(super) fn check(document: &mut Document<'_>, path: &str, statement: &JsonValue) {
    let listed = items(&statement["Resource"]);
    let judged = matches!(document.kind, DocumentKind::Identity | DocumentKind::Resource);
    if listed.is_empty() || statement.get("Resource").is_none() || !judged {
        return;
    }
    let path = join(path, "Resource");
    let everything = listed.iter().any(|resource| resource.as_str() == Some("*"));
    if !arn_shaped(document, &path, &listed) {
        return;
    }
    let patterns: Vec<Vec<Token>> =
        listed.iter().map(|resource| arns::of_value(resource, document.types)).collect();
    let mut touched = Touched::default();
    for action in named_actions(statement).into_iter().filter(|action| *action != "*") {
        let Some(matching) = iam::matching(action).filter(|matching| !matching.is_empty()) else { continue };
        if everything {
            if allows(statement) {
                needless(document, &path, action, &matching);
            }
        } else if matching.iter().all(|action| !action.supports_resources()) {
            let expected = format!("`*` for `{action}`, which cannot be limited to resources");
            document.report(&path, "policy resource", expected, &shown(&listed));
        } else if !matching.iter().any(|action| touches(action, &patterns, &mut touched)) {
            let expected = format!("an ARN that `{action}` takes ({})", kinds(&matching));
            document.report(&path, "policy resource", expected, &shown(&listed));
        }
    }
}

/// Whether every resource that is text is `*` or an ARN; reports those that are not.
fn arn_shaped(document: &mut Document<'_>, path: &str, listed: &[&JsonValue]) -> bool {
    // The policy of an API may name its own methods in short (`execute-api:/stage/GET/path`).
    let fits = |text: &str| text == "*" || text.starts_with("arn:") || text.starts_with("execute-api:/");
    let wrong: Vec<&str> =
        listed.iter().filter_map(|resource| resource.as_str()).filter(|text| !fits(text)).collect();
    for text in &wrong {
        document.report(path, "policy resource", "an ARN or `*`", text);
    }
    wrong.is_empty()
        && !listed.iter().any(|resource| resource.as_str().is_some_and(|text| text.starts_with("execute")))
}

fn needless(document: &mut Document<'_>, path: &str, action: &str, matching: &[&'static Action]) {
    let limitable: Vec<&'static Action> =
        matching.iter().copied().filter(|action| action.supports_resources()).collect();
    if !limitable.is_empty() {
        let expected = format!("ARNs for `{action}`, which can be limited ({})", kinds(&limitable));
        document.report(path, "policy resource", expected, "*");
    }
}

/// Whether a kind's ARN pattern meets the statement's resources: its actions mostly take the same few kinds.
type Touched = HashMap<&'static str, bool>;

fn touches(action: &Action, patterns: &[Vec<Token>], touched: &mut Touched) -> bool {
    action.resources.iter().any(|kind| {
        *touched.entry(kind.arn).or_insert_with(|| {
            let kind = arns::of_pattern(kind.arn);
            patterns.iter().any(|pattern| arns::overlap(pattern, &kind))
        })
    })
}

/// Names of the kinds of resource that actions take, for a message.
fn kinds(actions: &[&'static Action]) -> String {
    let mut names: Vec<&str> =
        actions.iter().flat_map(|action| action.resources.iter().map(|kind| kind.name)).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

fn shown(listed: &[&JsonValue]) -> String {
    let shown: Vec<String> =
        listed.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect();
    shown.join(", ")
}
