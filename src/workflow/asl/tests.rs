//! The emitted definitions: whole, as files, and by what must hold for each of their states.

use insta::assert_snapshot;
use serde_json::Value;

use super::*;
use crate::model;

fn text(machine: &StateMachine) -> String {
    serde_json::to_string_pretty(&machine.to_asl()).unwrap()
}

#[test]
fn create() {
    assert_snapshot!(text(&model::create()));
}

#[test]
fn update() {
    assert_snapshot!(text(&model::update()));
}

#[test]
fn delete() {
    assert_snapshot!(text(&model::delete()));
}

#[test]
fn only_the_substitutions_stand_as_placeholders_and_each_does() {
    for (name, machine) in crate::all() {
        let text = text(&machine);
        let filled = Substitution::ALL.iter().fold(text.clone(), |text, substitution| {
            assert!(text.contains(&substitution.to_string()), "{name} lacks {substitution}");
            text.replace(&substitution.to_string(), "x")
        });
        assert!(!filled.contains("${"), "{name} has a placeholder that nothing fills");
    }
}

#[test]
fn a_definition_is_the_same_each_time() {
    for ((_, one), (_, other)) in crate::all().into_iter().zip(crate::all()) {
        assert_eq!(text(&one), text(&other));
    }
}

#[test]
fn a_definition_fits_into_a_template_beside_the_rest() {
    // Step Functions takes 1 MiB; a quarter of CloudFormation's 1 MB template for all three is a limit of
    // our own.
    let total: usize = crate::all().iter().map(|(_, machine)| machine.to_asl().to_string().len()).sum();
    assert!(total < 250_000, "{total}");
}

/// Every comparison in a rule, each with whether a test for the field's presence stands before it.
fn comparisons(rule: &Value, found: &mut Vec<(String, bool)>) {
    for tests in ["And", "Or"].iter().filter_map(|key| rule[*key].as_array()) {
        let guard = &tests[0];
        for test in &tests[1..] {
            let guarded = guard.get("IsPresent").is_some() && guard["Variable"] == test["Variable"];
            found.push((test["Variable"].to_string(), guarded));
        }
    }
    if rule.get("Variable").is_some() {
        found.push((rule["Variable"].to_string(), false));
    }
}

#[test]
fn no_choice_reads_a_field_that_may_be_missing() {
    for (name, machine) in crate::all() {
        let asl = machine.to_asl();
        let states = asl["States"].as_object().unwrap();
        let mut found = Vec::new();
        for choice in states.values().filter(|state| state["Type"] == "Choice") {
            assert!(choice["Default"].is_string());
            choice["Choices"].as_array().unwrap().iter().for_each(|rule| comparisons(rule, &mut found));
        }
        assert!(!found.is_empty(), "{name} has choices");
        assert!(found.iter().all(|(_, guarded)| *guarded), "{name}: {found:?}");
    }
}

#[test]
fn a_task_sends_what_the_function_reads() {
    let asl = model::create().to_asl();
    let mut payload = asl["States"]["CreateStack"]["Parameters"]["Payload"].clone();
    assert_eq!(payload["execution.$"], "$$.Execution.Id");
    assert_eq!(payload["state.$"], "$");
    // What Step Functions makes of the two paths.
    let fields = payload.as_object_mut().unwrap();
    fields.retain(|key, _| !key.ends_with(".$"));
    fields.insert("execution".into(), json!("arn"));
    fields.insert("state".into(), json!({"model_id": "m"}));
    let invocation: crate::Invocation = serde_json::from_value(payload).unwrap();
    assert_eq!(invocation.task, crate::model::CreateTask::CreateStack.into());
}
