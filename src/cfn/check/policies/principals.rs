//! Rules for whom a statement is about: services by the name that holds in every partition, and not the whole world.

use serde_json::Value as JsonValue;

use super::statement::{allows, named_actions};
use super::{Document, items, join};
use crate::iam::{DocumentKind, LOGS};

const SUFFIX: &str = ".amazonaws.com";

pub(super) fn check(document: &mut Document<'_>, path: &str, statement: &JsonValue) {
    if allows(statement) && statement.get("NotPrincipal").is_some() {
        let expected = "a `Principal`: to allow all but some allows strangers";
        document.report(&join(path, "NotPrincipal"), "policy principal", expected, "NotPrincipal");
    }
    let Some(principal) = statement.get("Principal") else { return };
    let path = join(path, "Principal");
    for service in items(&principal["Service"]) {
        if !partition_independent(service) {
            let expected = format!("`<service>{SUFFIX}`, the name in every partition");
            document.report(&join(&path, "Service"), "policy principal", expected, &service.to_string());
        }
    }
    let anyone = principal == "*" || items(&principal["AWS"]).iter().any(|arn| arn.as_str() == Some("*"));
    // An API's policy is asked beside its authorizer; an endpoint's gives nobody anything.
    let harmless = document.kind == DocumentKind::Endpoint
        || named_actions(statement).iter().all(|action| action.starts_with("execute-api:"));
    if anyone && allows(statement) && !harmless && statement.get("Condition").is_none() {
        document.report(&path, "policy principal", "narrowed by a condition", "*");
    }
}

/// Whether a service's name ends as it does in every partition, as far as it is text.
fn partition_independent(service: &JsonValue) -> bool {
    let text = service.as_str().or_else(|| service.get("Fn::Sub")?.as_str());
    if text == Some(LOGS) {
        return true;
    }
    let suffix_of_partition = service.to_string().contains("AWS::URLSuffix");
    !suffix_of_partition && text.is_none_or(|text| text.ends_with(SUFFIX) && text.len() > SUFFIX.len())
}
