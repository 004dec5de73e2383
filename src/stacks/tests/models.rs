//! Model management: its workflows whole, its rights narrow, its configuration complete.

use std::collections::{BTreeMap, BTreeSet};

use lisa_workflow::{Substitution, TaskName};
use serde_json::{Value as Json, json};

use super::{config, load, of_type, statements, template, valid};

/// The text of the configuration that the parameters hold.
fn kept(template: &Json) -> String {
    let parameters = of_type(template, "AWS::SSM::Parameter").into_iter();
    let pieces: BTreeMap<&str, &str> = parameters
        .filter_map(|(_, properties)| Some((properties["Name"].as_str()?, properties["Value"].as_str()?)))
        .collect();
    let environment = &template["Resources"]["ModelsTasksFunction"]["Properties"]["Environment"]["Variables"];
    let names = environment["LISA_CONFIG_PS_NAME"].as_str().expect("names of parameters");
    names.split(',').map(|name| pieces[name]).collect()
}

#[test]
fn machines_are_written_whole_with_every_substitution() {
    let template = template(&config(""), "models");
    let machines = of_type(&template, "AWS::StepFunctions::StateMachine");
    assert_eq!(
        machines.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        ["CreateModel", "DeleteModel", "UpdateModel"]
    );
    let known: BTreeSet<&str> = Substitution::ALL.into_iter().map(Substitution::key).collect();
    for (id, properties) in machines {
        let given = properties["DefinitionSubstitutions"].as_object().expect("substitutions");
        assert_eq!(given.keys().map(String::as_str).collect::<BTreeSet<_>>(), known, "{id}");
        let text = properties["DefinitionString"].as_str().expect("a definition");
        serde_json::from_str::<Json>(text).expect("a definition in JSON");
        let used: BTreeSet<&str> =
            text.split("${").skip(1).filter_map(|rest| rest.split('}').next()).collect();
        assert_eq!(used, known, "{id}");
        assert_eq!(properties["LoggingConfiguration"]["IncludeExecutionData"], false);
        assert_eq!(properties["TracingConfiguration"]["Enabled"], true);
    }
}

#[test]
fn every_right_that_a_task_names_is_given_within_a_scope() {
    let template = template(&config(""), "models");
    let given: BTreeSet<&str> = statements(&template, "ModelsTasksFunctionRole")
        .into_iter()
        .filter(|statement| statement["Effect"] == "Allow")
        .filter_map(|statement| statement["Action"].as_array())
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    let missing: Vec<&str> =
        TaskName::all_actions().into_iter().filter(|action| !given.contains(action)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn no_model_leads_to_the_application_s_own_stacks() {
    let template = template(&config(""), "models");
    let denied = statements(&template, "ModelsTasksFunctionRole");
    let denied = denied.into_iter().find(|statement| statement["Effect"] == "Deny").expect("a denial");
    let core =
        "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/demo-lisa-core-prod/*";
    assert!(denied["Resource"].as_array().expect("a list").contains(&json!({ "Fn::Sub": core })), "{denied}");
}

#[test]
fn roles_are_passed_to_one_service_each() {
    let template = template(&config(""), "models");
    for role in ["ModelsTasksFunctionRole", "ModelDeployerRole"] {
        let passes = statements(&template, role).into_iter().filter(|statement| {
            statement["Action"].as_array().is_some_and(|actions| actions.contains(&json!("iam:PassRole")))
        });
        let mut count = 0;
        for statement in passes {
            assert!(
                statement["Condition"]["StringEquals"]["iam:PassedToService"] != Json::Null,
                "{statement}"
            );
            assert_ne!(statement["Resource"], json!(["*"]), "{role}");
            count += 1;
        }
        assert!(count > 0, "{role}");
    }
}

#[test]
fn a_boundary_is_on_every_role_that_a_model_s_stack_makes() {
    let boundary = "permissionsBoundaryAspect: {permissionsBoundaryPolicyName: Bound, rolePrefix: app}\n";
    let template = template(&config(boundary), "models");
    let creates = statements(&template, "ModelDeployerRole").into_iter().find(|statement| {
        statement["Action"].as_array().is_some_and(|actions| actions.contains(&json!("iam:CreateRole")))
    });
    let condition = &creates.expect("a statement")["Condition"]["ArnEquals"]["iam:PermissionsBoundary"];
    assert_eq!(condition["Fn::Sub"], "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/Bound");
}

#[test]
fn the_kept_configuration_says_what_the_whole_one_says() {
    for (name, whole) in valid() {
        let Some(template) = super::find(&super::app(&whole), "models") else { continue };
        let text = kept(&template);
        let read = serde_json::to_value(load(&name, text.clone())).expect("a configuration is data");
        let whole = serde_json::to_value(&whole).expect("a configuration is data");
        let keys = serde_json::from_str::<serde_json::Map<String, Json>>(&text).expect("JSON");
        assert!(keys.len() > 10, "{name}: {keys:?}");
        let off = ["deployChat", "deployRag", "deployUi", "pypiConfig", "restApiConfig"];
        for key in keys.keys().filter(|key| !off.contains(&key.as_str())) {
            assert_eq!(read[key], whole[key], "{name}: {key}");
        }
    }
}

#[test]
fn a_configuration_of_many_tags_takes_several_parameters() {
    let tags: Vec<String> =
        (0..40).map(|index| format!("{{Key: key-{index}, Value: {}}}", "v".repeat(200))).collect();
    let whole = config(&format!("tags: [{}]\n", tags.join(", ")));
    let template = template(&whole, "models");
    let sizes = of_type(&template, "AWS::SSM::Parameter")
        .into_iter()
        .filter_map(|(_, properties)| properties["Value"].as_str().map(str::len));
    let sizes: Vec<usize> = sizes.collect();
    assert!(sizes.len() > 1 && sizes.iter().all(|size| *size <= 4096), "{sizes:?}");
    assert_eq!(load("kept", kept(&template)).tags.len(), 40);
}

#[test]
fn failed_executions_are_told_and_counted() {
    let template = template(&config(""), "models");
    let (id, rule) = of_type(&template, "AWS::Events::Rule")[0];
    assert_eq!(rule["EventPattern"]["detail"]["status"], json!(["ABORTED", "FAILED", "TIMED_OUT"]));
    assert_eq!(rule["EventPattern"]["detail"]["stateMachineArn"].as_array().map(Vec::len), Some(3));
    assert_eq!(rule["Targets"][0]["Arn"], json!({ "Fn::GetAtt": ["ModelsTasksFunction", "Arn"] }));
    let (_, permission) = of_type(&template, "AWS::Lambda::Permission")[0];
    assert_eq!(permission["SourceArn"], json!({ "Fn::GetAtt": [id, "Arn"] }));
}

#[test]
fn one_alarm_counts_the_failures_of_every_machine() {
    let template = template(&config(""), "models");
    let alarm = &template["Resources"]["FailedWorkflowsAlarm"]["Properties"];
    let counted = alarm["Metrics"].as_array().expect("metrics").iter().map(|query| {
        query["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Ref"].as_str().unwrap_or("the sum")
    });
    let counted: BTreeSet<&str> = counted.collect();
    assert_eq!(counted, ["CreateModel", "DeleteModel", "UpdateModel", "the sum"].into());
}
