//! Rules for a statement's conditions: an operator or key that IAM does not know never matches, in silence.

use serde_json::Value as JsonValue;

use super::{Document, items, join};
use crate::iam::{self, Operator};

/// Global condition keys (IAM user guide, "AWS global condition context keys"), in lower case and sorted; those that
/// end in `/` take a tag's name.
const GLOBAL: &[&str] = &[
    "aws:assumedroot",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:chatbotsourcearn",
    "aws:currenttime",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:ismcpserviceaction",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principaltag/",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:requesttag/",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:resourcetag/",
    "aws:securetransport",
    "aws:signinsessionarn",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsmcpservice",
    "aws:viaawsservice",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
];

pub(super) fn check(document: &mut Document<'_>, path: &str, statement: &JsonValue) {
    let Some(condition) = statement.get("Condition") else { return };
    let path = join(path, "Condition");
    for branch in items(condition) {
        for (operator, keys) in branch.as_object().into_iter().flatten() {
            let path = join(&path, operator);
            if !Operator::is_known(operator) {
                document.report(&path, "policy condition", "an operator of IAM", operator);
            }
            for (key, value) in items(keys).iter().filter_map(|keys| keys.as_object()).flatten() {
                self::key(document, &path, key);
                truth(document, &join(&path, key), operator, value);
            }
        }
    }
}

fn key(document: &mut Document<'_>, path: &str, key: &str) {
    let lower = key.to_ascii_lowercase();
    let known = if lower.starts_with("aws:") {
        GLOBAL
            .iter()
            .any(|known| if known.ends_with('/') { lower.starts_with(known) } else { *known == lower })
    } else {
        iam::condition_key(key).unwrap_or(true)
    };
    if !known {
        document.report(&join(path, key), "policy condition", "a key of IAM or of the service", key);
    }
}

fn truth(document: &mut Document<'_>, path: &str, operator: &str, value: &JsonValue) {
    let bare = operator.rsplit(':').next().unwrap_or(operator);
    if !["Bool", "BoolIfExists", "Null"].contains(&bare) {
        return;
    }
    for value in items(value) {
        let wrong =
            value.as_str().is_some_and(|text| !["true", "false"].contains(&text)) || value.is_number();
        if wrong {
            document.report(path, "policy condition", "`true` or `false`", &value.to_string());
        }
    }
}
