//! Model management: its workflows whole, its rights narrow, its configuration complete.

use std::collections::{BTreeMap, BTreeSet};

use lisa_workflow::{Substitution, TaskName};
use serde_json::{Value as Json, json};

use super::{app, config, find, load, of_type, statements, template, valid};
use crate::{Assets, model};

/// What is allowed or denied: each action with the resources of its statement, and the statement itself.
fn rights<'a>(statements: &[&'a Json], effect: &str) -> Vec<(&'a str, String, &'a Json)> {
    let of_effect = statements.iter().filter(|statement| statement["Effect"] == effect);
    let each = of_effect.flat_map(|statement| {
        let actions = statement["Action"].as_array().expect("a list of actions");
        let resources = statement["Resource"].to_string();
        actions.iter().map(move |action| (action.as_str().expect("text"), resources.clone(), *statement))
    });
    each.collect()
}

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
fn what_is_allowed_on_everything_takes_no_resource() {
    let template = template(&config(""), "models");
    let statements = statements(&template, "ModelDeployerRole");
    let everywhere = rights(&statements, "Allow").into_iter().filter(|(_, on, _)| on == "[\"*\"]");
    let everywhere: Vec<&str> = everywhere.map(|(action, ..)| action).collect();
    for read in ["elasticloadbalancing:DescribeTags", "ec2:DescribeTags", "logs:DescribeIndexPolicies"] {
        assert!(everywhere.contains(&read), "{read}");
    }
    for action in everywhere {
        assert_eq!(lisa_cfn::iam::supports_resources(action), Some(false), "{action}");
    }
}

#[test]
fn a_role_of_a_model_is_made_under_its_path_and_with_the_boundary_alone() {
    let template = template(&config(""), "models");
    let statements = statements(&template, "ModelDeployerRole");
    let allowed = rights(&statements, "Allow");
    assert!(allowed.iter().all(|(action, ..)| *action != "iam:AttachRolePolicy"));
    for grant in ["iam:CreateRole", "iam:PutRolePolicy"] {
        let (_, on, statement) = allowed.iter().find(|(action, ..)| *action == grant).expect(grant);
        assert!(on.contains(":role/models/demo-lisa-prod/demo-*"), "{on}");
        let boundary = &statement["Condition"]["ArnEquals"]["iam:PermissionsBoundary"]["Fn::Sub"];
        let policy =
            "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/demo-lisa-prod-model-boundary-us-east-1";
        assert_eq!(boundary, policy);
    }
    let denied = rights(&statements, "Deny");
    let (_, on, _) = denied.iter().find(|(action, ..)| *action == "iam:PutRolePolicy").expect("a denial");
    assert!(on.contains(":role/demo-lisa-*"), "{on}");
    let policy = &template["Resources"]["ModelBoundary"]["Properties"]["ManagedPolicyName"];
    assert_eq!(policy, "demo-lisa-prod-model-boundary-us-east-1");
}

/// The template of a model of the deployment.
fn model_template(config: &lisa_config::Config) -> Json {
    let request = serde_json::from_str(include_str!("../../../examples/model-vllm.json")).expect("JSON");
    let request = lisa_api::models::CreateModelRequest::parse(&request).expect("the example is valid");
    let stack = model::synthesize(config, &request, &Assets::not_built());
    stack.unwrap_or_else(|errors| panic!("{errors}")).template.to_json()
}

#[test]
fn a_model_s_roles_do_nothing_that_the_boundary_rules_out() {
    let config = config("");
    let (models, model) = (template(&config, "models"), model_template(&config));
    let boundary = models["Resources"]["ModelBoundary"]["Properties"]["PolicyDocument"]["Statement"].clone();
    let boundary: Vec<&Json> = boundary.as_array().expect("statements").iter().collect();
    let within: BTreeSet<&str> = rights(&boundary, "Allow").into_iter().map(|(action, ..)| action).collect();
    let mut used = BTreeSet::new();
    for (id, role) in of_type(&model, "AWS::IAM::Role") {
        let name = role["PermissionsBoundary"]["Fn::Sub"].as_str().expect("a boundary");
        assert!(name.ends_with(":policy/demo-lisa-prod-model-boundary-us-east-1"), "{id}: {name}");
        assert_eq!(role["Path"], "/models/demo-lisa-prod/", "{id}");
        used.extend(rights(&statements(&model, id), "Allow").into_iter().map(|(action, ..)| action));
    }
    assert_eq!(used, within);
}

#[test]
fn a_configured_prefix_names_the_roles_that_may_be_made() {
    let boundary = "permissionsBoundaryAspect: {permissionsBoundaryPolicyName: Bound, rolePrefix: app}\n";
    let config = config(boundary);
    let (models, model) = (template(&config, "models"), model_template(&config));
    assert!(of_type(&models, "AWS::IAM::ManagedPolicy").is_empty());
    let statements = statements(&models, "ModelDeployerRole");
    let allowed = rights(&statements, "Allow");
    let (_, on, _) = allowed.iter().find(|(action, ..)| *action == "iam:CreateRole").expect("a right");
    assert!(on.contains(":role/app-demo-lisa-prod-model-*"), "{on}");
    for (id, role) in of_type(&model, "AWS::IAM::Role") {
        let name = role["RoleName"].as_str().expect("a name");
        assert!(name.starts_with("app-demo-lisa-prod-model-"), "{id}: {name}");
        assert_eq!(role.get("Path"), None, "{id}");
    }
}

#[test]
fn a_model_s_images_lie_where_its_tasks_may_pull() {
    let config = config("");
    let (models, model) = (template(&config, "models"), model_template(&config));
    let name = models["Resources"]["ModelImages"]["Properties"]["RepositoryName"].as_str().expect("a name");
    assert_eq!(name, "lisa/demo-lisa-prod-models");
    let statements = statements(&model, "ExecutionRole");
    let (_, on, _) = rights(&statements, "Allow")
        .into_iter()
        .find(|(action, ..)| *action == "ecr:BatchGetImage")
        .expect("a right");
    assert!(on.contains(":repository/lisa/*"), "{on}");
}

#[test]
fn without_the_gateway_a_model_stands_alone() {
    let config = config("deployServe: false\n");
    assert!(find(&app(&config), "models").is_none());
    for (id, role) in of_type(&model_template(&config), "AWS::IAM::Role") {
        assert_eq!(role.get("PermissionsBoundary"), None, "{id}");
    }
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

#[test]
fn the_longest_names_leave_policies_within_iam_s_limits() {
    let long = |letter: &str| letter.repeat(32);
    let text = format!(
        "accountNumber: '123456789012'\nregion: us-east-1\ns3BucketModels: weights\n\
         authConfig: {{authority: 'https://login.example.com', clientId: lisa}}\n\
         deployRag: false\ndeploymentName: {}\nappName: {}\ndeploymentStage: {}\n",
        long("d"),
        long("a"),
        long("s"),
    );
    let models = template(&load("long", text), "models");
    // IAM counts what the intrinsics become, which is shorter than they are.
    let size = |policies: &Json| policies.to_string().split_whitespace().map(str::len).sum::<usize>();
    for role in ["ModelDeployerRole", "ModelsTasksFunctionRole"] {
        assert!(size(&models["Resources"][role]["Properties"]["Policies"]) <= 10_240, "{role}");
    }
    assert!(size(&models["Resources"]["ModelBoundary"]["Properties"]["PolicyDocument"]) <= 6144);
}

#[test]
fn the_api_makes_changes_and_takes_back_keys_of_models_and_reads_none() {
    let template = template(&config(""), "models");
    let statements = statements(&template, "ModelsFunctionRole");
    let rights = rights(&statements, "Allow");
    let keys = rights.iter().filter(|(action, ..)| action.starts_with("secretsmanager:"));
    let keys: Vec<(&str, bool)> =
        keys.map(|(action, on, _)| (*action, on.contains("secret:demo-lisa-prod-model-*"))).collect();
    let expected = ["CreateSecret", "DeleteSecret", "PutSecretValue"];
    let expected = expected.map(|operation| format!("secretsmanager:{operation}"));
    assert_eq!(keys, expected.each_ref().map(|action| (action.as_str(), true)));
}
