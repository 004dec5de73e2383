//! `lisa validate`: the ways to name a file, its answers, and what the environment changes.

use insta::assert_snapshot;

use crate::cli::project::{MINIMAL, Project};

#[test]
fn a_valid_file() {
    assert_snapshot!(Project::minimal().lisa(&["validate"]), @"");
}

#[test]
fn a_valid_file_as_data() {
    assert_snapshot!(Project::minimal().lisa(&["validate", "--output", "json"]), @"");
}

#[test]
fn warnings_are_shown_and_the_file_is_accepted() {
    let project = Project::with(&MINIMAL.replace("\"111122223333\"", "011122223333"));
    assert_snapshot!(project.lisa(&["validate"]), @"");
}

#[test]
fn quiet_says_nothing_of_a_file_that_is_accepted() {
    let project = Project::with(&MINIMAL.replace("\"111122223333\"", "011122223333"));
    let conversation = project.lisa(&["validate", "--quiet"]);
    assert_eq!(conversation.to_string(), "exit 0\n");
}

#[test]
fn all_problems_are_reported_in_one_run() {
    let project = Project::with("accountNumber: \"1234\"\nregion: us-esat-1\ndeployChat: yes\nlogLevl: DEBUG\n");
    assert_snapshot!(project.lisa(&["validate"]), @"");
}

#[test]
fn problems_as_data() {
    let project = Project::with(&MINIMAL.replace("us-east-1", "us-esat-1"));
    assert_snapshot!(project.lisa(&["validate", "--output", "json"]), @"");
}

#[test]
fn a_file_that_is_not_there() {
    assert_snapshot!(Project::empty().lisa(&["validate"]), @"");
}

#[test]
fn a_file_that_is_not_there_as_data() {
    assert_snapshot!(Project::empty().lisa(&["validate", "--output", "json"]), @"");
}

#[test]
fn a_directory() {
    let project = Project::empty();
    project.write("prod/config.yaml", MINIMAL);
    assert_snapshot!(project.lisa(&["validate", "--config", "prod"]), @"");
}

#[test]
fn a_file_that_is_no_text() {
    let project = Project::empty();
    project.write("config.yaml", b"accountNumber: 1\nregion: \xff\n");
    assert_snapshot!(project.lisa(&["validate"]), @"");
}

#[test]
fn standard_input() {
    assert_snapshot!(Project::empty().lisa_reading(&["validate", "-c", "-"], MINIMAL), @"");
}

#[test]
fn an_unknown_key_may_be_allowed() {
    let project = Project::with(&format!("{MINIMAL}logLevl: DEBUG\n"));
    assert_snapshot!(project.lisa(&["validate", "--allow-unknown"]), @"");
}

/// Two environments, of which the file itself selects the first.
const BLOCKS: &str = "\
env: dev
dev:
  accountNumber: \"111122223333\"
  region: us-east-1
  deploymentName: one
  s3BucketModels: my-models
  deployChat: false
  deployUi: false
  restApiConfig: { internetFacing: false }
prod:
  accountNumber: \"444455556666\"
  region: eu-west-1
  deploymentName: two
  s3BucketModels: my-models
  deployChat: false
  deployUi: false
  restApiConfig: { internetFacing: false }
";

#[test]
fn the_environment_is_selected_by_file_variable_and_flag_in_this_order() {
    let selected = |project: &Project, arguments: &[&str]| project.lisa(arguments).json()["env"].clone();
    let json = ["validate", "--output", "json"];
    assert_eq!(selected(&Project::with(BLOCKS), &json), "dev");
    let project = Project::with(BLOCKS).env("ENV", "prod");
    assert_eq!(selected(&project, &json), "prod");
    assert_eq!(selected(&project, &["validate", "--output", "json", "--env", "dev"]), "dev");
}

#[test]
fn an_environment_that_is_not_in_the_file() {
    assert_snapshot!(Project::with(BLOCKS).lisa(&["validate", "--env", "pord"]), @"");
}

#[test]
fn variables_stand_in_for_keys() {
    let project = Project::with(BLOCKS)
        .env("ACCOUNT_NUMBER", "777788889999")
        .env("DEPLOYMENT_NAME", "three")
        .env("REGION", "us-gov-west-1")
        .env("PROFILE", "somebody");
    assert_eq!(project.lisa(&["synth", "--no-check"]).exit, Some(0));
    let manifest: serde_json::Value = serde_json::from_str(&project.read("lisa.out/manifest.json")).unwrap();
    assert_eq!(manifest["account"], "777788889999");
    assert_eq!(manifest["deployment"], "three");
    assert_eq!(manifest["region"], "us-gov-west-1");
    assert_eq!(manifest["partition"], "aws-us-gov");
}

#[test]
fn an_empty_variable_changes_nothing() {
    let project = Project::minimal().env("REGION", "").env("ENV", "").env("ACCOUNT_NUMBER", "");
    assert_eq!(project.lisa(&["validate"]).exit, Some(0));
}

#[test]
fn a_variable_is_held_to_the_rules_of_its_key() {
    assert_snapshot!(Project::minimal().env("ACCOUNT_NUMBER", "12").lisa(&["validate"]), @"");
}

#[test]
fn colour_is_for_terminals_alone() {
    let conversation = Project::with("region: mars\n").lisa(&["validate"]);
    assert!(!conversation.stderr.contains('\u{1b}'), "{conversation}");
    assert!(conversation.stderr.is_ascii(), "{conversation}");
}
