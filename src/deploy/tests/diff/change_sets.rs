//! A change set laid over the templates: it settles doubts, and talks no danger away.

use lisa_deploy::diff::{Basis, Change, Class, Sides, StackDiff, Template, compare};
use lisa_deploy::ports::cloudformation::{
    ChangeAction, ChangeSet, ChangeSetState, PropertyChange, Replacement, ResourceChange,
};
use serde_json::{Value, json};

const TABLE: &str = "AWS::DynamoDB::Table";

fn with(before: &Value, after: &Value, changes: Vec<ResourceChange>) -> StackDiff {
    let state = if changes.is_empty() { ChangeSetState::Empty } else { ChangeSetState::Ready };
    laid(before, after, &ChangeSet { id: "arn".to_owned(), state, reason: None, changes })
}

fn laid(before: &Value, after: &Value, change_set: &ChangeSet) -> StackDiff {
    let [deployed, planned] = [before, after].map(|side| Template::from_value(side.clone()).unwrap());
    let sides = Sides {
        deployed: Some(&deployed),
        planned: Some(&planned),
        change_set: Some(change_set),
        ..Sides::default()
    };
    compare("stack", "lisa-stack", &sides)
}

fn modify(kind: &str, replacement: Replacement, properties: Vec<PropertyChange>) -> ResourceChange {
    ResourceChange {
        action: ChangeAction::Modify,
        logical_id: "X".to_owned(),
        physical_id: "x".to_owned(),
        kind: kind.to_owned(),
        replacement,
        properties,
    }
}

fn property(name: &str, before: &str, after: &str, replacement: Replacement) -> PropertyChange {
    let (before, after) = (Some(before.to_owned()), Some(after.to_owned()));
    PropertyChange { name: name.to_owned(), before, after, replacement }
}

fn table(name: &Value) -> Value {
    json!({ "Resources": { "X": { "Type": TABLE, "Properties": { "TableName": name } } } })
}

#[test]
fn a_conditional_replacement_of_what_holds_data_is_possible_data_loss() {
    let same = table(&json!({ "Ref": "Name" }));
    for (replacement, class) in [
        (Replacement::Never, Class::InPlace),
        (Replacement::Conditional, Class::MayLoseData),
        (Replacement::Always, Class::LosesData),
    ] {
        let found = with(&same, &same, vec![modify(TABLE, replacement, Vec::new())]);
        assert_eq!((found.class, found.basis), (class, Basis::ChangeSet), "{found}");
    }
}

#[test]
fn a_plain_change_of_a_create_only_property_cannot_be_talked_away() {
    let (before, after) = (table(&json!("a")), table(&json!("b")));
    for changes in [Vec::new(), vec![modify(TABLE, Replacement::Never, Vec::new())]] {
        let found = with(&before, &after, changes);
        assert_eq!(found.class, Class::LosesData, "{found}");
    }
}

#[test]
fn a_doubt_is_settled() {
    let before = table(&json!({ "Ref": "Old" }));
    let after = table(&json!({ "Ref": "New" }));
    assert_eq!(super::diff(&before, &after).class, Class::LosesData);
    let found = with(&before, &after, Vec::new());
    assert_eq!((found.class, found.change), (Class::NoOp, Change::Unchanged), "{found}");
    let found = with(&before, &after, vec![modify(TABLE, Replacement::Never, Vec::new())]);
    assert_eq!(found.class, Class::InPlace, "{found}");
}

#[test]
fn what_only_the_change_set_knows_is_told() {
    let template = json!({
        "Parameters": { "P": { "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a" } },
        "Resources": { "X": { "Type": "AWS::Lambda::Function", "Properties": { "Timeout": { "Ref": "P" } } } },
    });
    let change = property("Timeout", "3", "5", Replacement::Never);
    let found =
        with(&template, &template, vec![modify("AWS::Lambda::Function", Replacement::Never, vec![change])]);
    let text = found.to_string();
    assert!(text.contains("Timeout: 3 -> 5"), "{text}");
    assert!(text.contains("a value from outside the template changed"), "{text}");
    assert!(found.differs());
}

#[test]
fn values_of_a_change_set_are_veiled_too() {
    let template = json!({
        "Parameters": { "P": { "Type": "String", "NoEcho": true } },
        "Resources": { "X": { "Type": "AWS::Lambda::Function", "Properties": { "Description": { "Ref": "P" } } } },
    });
    let environment = property(
        "Environment",
        r#"{"Variables":{"API_TOKEN":"hunter2"}}"#,
        r#"{"Variables":{"API_TOKEN":"hunter3"}}"#,
        Replacement::Never,
    );
    let changes = vec![property("Description", "hunter4", "hunter5", Replacement::Never), environment];
    let found =
        with(&template, &template, vec![modify("AWS::Lambda::Function", Replacement::Never, changes)]);
    let all = format!("{found}{}", serde_json::to_string(&found).unwrap());
    assert!(!all.contains("hunter"), "{all}");
    assert!(all.contains("(hidden)"), "{all}");
}

#[test]
fn a_resource_whose_condition_leaves_it_out_is_no_change() {
    let before = json!({ "Resources": {} });
    let after = json!({
        "Conditions": { "C": { "Fn::Equals": ["a", "b"] } },
        "Resources": { "X": { "Type": TABLE, "Condition": "C" } },
    });
    assert_eq!(super::diff(&before, &after).class, Class::Create);
    assert!(with(&before, &after, Vec::new()).resources.is_empty());
}

#[test]
fn a_change_that_is_known_only_when_executed_may_lose_data() {
    let same = table(&json!("a"));
    let dynamic =
        ResourceChange { action: ChangeAction::Dynamic, ..modify(TABLE, Replacement::Never, Vec::new()) };
    assert_eq!(with(&same, &same, vec![dynamic]).class, Class::MayLoseData);
}

#[test]
fn a_change_set_that_failed_settles_nothing() {
    let (before, after) = (table(&json!("a")), table(&json!("b")));
    let reason = Some("no such parameter".to_owned());
    let failed =
        ChangeSet { id: "arn".to_owned(), state: ChangeSetState::Failed, reason, changes: Vec::new() };
    let found = laid(&before, &after, &failed);
    assert_eq!((found.class, found.basis), (Class::LosesData, Basis::Templates));
    assert_eq!(found.notes, ["CloudFormation could not make a change set: no such parameter"]);
}
