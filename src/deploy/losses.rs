//! Whose data a change would lose: what CloudFormation says of a resource, beside what its type and its template say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::diff;
use crate::ports::cloudformation::{ChangeAction, Replacement, ResourceChange};

/// The part of a template that says what becomes of a resource that is replaced.
#[derive(Debug, Default, Deserialize)]
struct Policies {
    #[serde(default, rename = "Resources")]
    resources: BTreeMap<String, Policy>,
}

#[derive(Debug, Deserialize)]
struct Policy {
    #[serde(default, rename = "Type")]
    kind: String,
    #[serde(default, rename = "UpdateReplacePolicy")]
    replaced: String,
    #[serde(default, rename = "DeletionPolicy")]
    deleted: String,
}

/// The logical ids of the resources whose data the changes lose, or may lose, under the new template `template`.
///
/// A resource that leaves the template counts whatever its deletion policy says: that is in the template before. A
/// resource that the new template retains or takes a snapshot of does not.
pub fn of(changes: &[ResourceChange], template: &str) -> Vec<String> {
    let candidates = changes.iter().filter(|change| is_stateful(&change.kind) && ends(change));
    let mut candidates = candidates.peekable();
    if candidates.peek().is_none() {
        return Vec::new();
    }
    let policies: Policies = serde_json::from_str(template).unwrap_or_default();
    let is_kept = |change: &ResourceChange| {
        let policy = policies.resources.get(&change.logical_id).map_or("", |policy| policy.replaced.as_str());
        change.action != ChangeAction::Remove && keeps(policy, &change.kind)
    };
    candidates.filter(|change| !is_kept(change)).map(|change| change.logical_id.clone()).collect()
}

/// The logical ids of the resources that `template` keeps, or takes a snapshot of, when they leave the stack.
pub fn kept(template: &str) -> BTreeSet<String> {
    let policies: Policies = serde_json::from_str(template).unwrap_or_default();
    let is_kept = |policy: &Policy| keeps(&policy.deleted, &policy.kind);
    policies.resources.into_iter().filter(|(_, policy)| is_kept(policy)).map(|(id, _)| id).collect()
}

/// Whether the old resource goes away, or may go.
fn ends(change: &ResourceChange) -> bool {
    match change.action {
        ChangeAction::Add | ChangeAction::Import => false,
        ChangeAction::Modify => change.replacement != Replacement::Never,
        ChangeAction::Remove | ChangeAction::Dynamic => true,
    }
}

/// Whether a policy keeps a resource of this type, or what it holds.
fn keeps(policy: &str, kind: &str) -> bool {
    match policy {
        "Retain" | "RetainExceptOnCreate" => true,
        "Snapshot" => diff::takes_snapshots(kind),
        _ => false,
    }
}

/// Whether a resource of this type holds data that nothing else has. A type that is not known here counts as one that
/// does.
pub fn is_stateful(kind: &str) -> bool {
    diff::holds_data(kind)
}

#[cfg(test)]
mod tests {
    use super::{ChangeAction, Replacement, ResourceChange, of};

    fn change(action: ChangeAction, kind: &str, replacement: Replacement) -> ResourceChange {
        let (logical_id, physical_id, kind) = ("It".to_owned(), String::new(), kind.to_owned());
        ResourceChange { action, logical_id, physical_id, kind, replacement, properties: Vec::new() }
    }

    #[test]
    fn data_is_lost_where_a_table_is_replaced_or_may_be_and_not_kept() {
        let table = |replacement| [change(ChangeAction::Modify, "AWS::DynamoDB::Table", replacement)];
        assert_eq!(of(&table(Replacement::Always), "{}"), ["It"]);
        assert_eq!(of(&table(Replacement::Conditional), "{}"), ["It"]);
        assert!(of(&table(Replacement::Never), "{}").is_empty());
        let kept = r#"{"Resources":{"It":{"UpdateReplacePolicy":"Retain"}}}"#;
        assert!(of(&table(Replacement::Always), kept).is_empty());
        let snapshot = r#"{"Resources":{"It":{"UpdateReplacePolicy":"Snapshot"}}}"#;
        assert_eq!(of(&table(Replacement::Always), snapshot), ["It"], "of a table none is taken");
    }

    #[test]
    fn what_leaves_the_template_counts_and_what_holds_nothing_does_not() {
        let remove = |kind| [change(ChangeAction::Remove, kind, Replacement::Never)];
        for kind in ["AWS::S3::Bucket", "AWS::ECR::Repository", "Custom::NotKnown"] {
            assert_eq!(of(&remove(kind), "{}"), ["It"], "{kind}");
        }
        assert!(of(&remove("AWS::Lambda::Function"), "{}").is_empty());
    }
}
