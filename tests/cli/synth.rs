//! `lisa synth`: what is written, what is removed, and what is refused.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::cli::project::{Conversation, MINIMAL, Project};

/// A waiver that no longer holds, which the rules refuse whatever the stacks are.
const EXPIRED: &str = "\
policyWaivers:
  - control: NET-41
    resource: serve/*
    owner: jane@example.com
    reason: recreated every night
    expires: \"2027-05-31\"
";

fn synth(project: &Project, arguments: &[&str]) -> Conversation {
    let arguments: Vec<&str> = ["synth", "--no-check"].into_iter().chain(arguments.iter().copied()).collect();
    let conversation = project.lisa(&arguments);
    assert_eq!(conversation.exit, Some(0), "{conversation}");
    conversation
}

fn manifest(project: &Project) -> Value {
    serde_json::from_str(&project.read("lisa.out/manifest.json")).unwrap()
}

#[test]
fn templates_and_a_manifest_are_written() {
    let project = Project::minimal();
    let conversation = synth(&project, &[]);
    assert_eq!(conversation.stdout, "");
    assert!(conversation.stderr.ends_with("and manifest.json to lisa.out\n"), "{conversation}");
    assert_snapshot!(project.files().join("\n"), @"
    config.yaml
    lisa.out/api.template.json
    lisa.out/bootstrap.template.json
    lisa.out/core.template.json
    lisa.out/manifest.json
    lisa.out/models.template.json
    lisa.out/network.template.json
    lisa.out/serve.template.json
    ");
}

#[test]
fn the_manifest_tells_what_was_written() {
    let project = Project::minimal();
    synth(&project, &[]);
    let manifest = manifest(&project);
    assert_eq!(manifest["version"], 1);
    for (key, value) in
        [("deployment", "prod"), ("account", "111122223333"), ("region", "us-east-1"), ("partition", "aws")]
    {
        assert_eq!(manifest[key], value);
    }
    let stacks = manifest["stacks"].as_array().unwrap();
    assert!(stacks.len() >= 4, "{manifest:#}");
    for stack in stacks {
        let text = project.read(&format!("lisa.out/{}", stack["templateFile"].as_str().unwrap()));
        assert_eq!(stack["sha256"], sha256(&text), "{}", stack["name"]);
        let template: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(stack["resources"], template["Resources"].as_object().map_or(0, serde_json::Map::len));
        let names =
            |value: &Value| value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
        let parameters: Vec<String> = names(&template["Parameters"]);
        assert_eq!(names(&stack["parameters"]), parameters, "{}", stack["name"]);
        let outputs: Vec<String> = names(&template["Outputs"]);
        assert_eq!(stack["outputs"], Value::from(outputs), "{}", stack["name"]);
    }
    let off: Vec<&str> =
        manifest["off"].as_array().unwrap().iter().map(|off| off["name"].as_str().unwrap()).collect();
    assert_eq!(off, ["chat", "rag", "ui"]);
}

/// The hash by the system's own tool, so that it is not our code that judges our code.
fn sha256(text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text");
    fs::write(&path, text).unwrap();
    let output = std::process::Command::new("sha256sum").arg(&path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().next().unwrap().to_owned()
}

#[test]
fn the_result_as_data_is_the_manifest() {
    let project = Project::minimal();
    let mut result = synth(&project, &["--output", "json"]).json();
    let object = result.as_object_mut().unwrap();
    assert_eq!(object.remove("directory").unwrap(), "lisa.out");
    assert_eq!(object.remove("removed").unwrap(), Value::Array(Vec::new()));
    assert_eq!(result, manifest(&project));
}

#[test]
fn yaml_says_the_same_as_json() {
    let project = Project::minimal();
    synth(&project, &[]);
    synth(&project, &["--format", "yaml", "--out", "yaml"]);
    let value = |name: &str| {
        let source = lisa_config::Source { name: name.to_owned(), text: project.read(name) };
        lisa_config::document(&source).unwrap().value().clone()
    };
    for stack in ["core", "network", "serve", "api", "models"] {
        let (json, yaml) = (format!("lisa.out/{stack}.template.json"), format!("yaml/{stack}.template.yaml"));
        assert!(value(&json) == value(&yaml), "{stack}");
    }
}

#[test]
fn one_stack_by_its_short_name_and_by_upstreams() {
    let project = Project::minimal();
    let short = synth(&project, &["--stack", "serve", "--stdout"]).stdout;
    assert_eq!(short, synth(&project, &["--stack", "LisaServe", "--stdout"]).stdout);
    assert_eq!(short, synth(&project, &["--stack", "lisaserve", "--stdout"]).stdout);
    let template: Value = serde_json::from_str(&short).unwrap();
    assert_eq!(template["AWSTemplateFormatVersion"], "2010-09-09");
    assert_eq!(project.files(), ["config.yaml"], "--stdout writes no file");
}

#[test]
fn several_stacks_are_written_once_each_and_in_order() {
    let project = Project::minimal();
    synth(&project, &["--stack", "serve", "--stack", "network", "--stack", "LisaServe"]);
    let manifest = manifest(&project);
    let stacks = manifest["stacks"].as_array().unwrap().iter().map(|stack| stack["name"].as_str().unwrap());
    assert_eq!(stacks.collect::<Vec<_>>(), ["network", "serve"]);
}

#[test]
fn yaml_templates_on_standard_output_are_documents() {
    let text = synth(
        &Project::minimal(),
        &["--stdout", "--format", "yaml", "--stack", "network", "--stack", "core"],
    )
    .stdout;
    assert_eq!(text.matches("---\n").count(), 2);
    assert!(text.starts_with("---\n"));
}

#[test]
fn an_unknown_stack_is_a_misuse() {
    assert_snapshot!(Project::minimal().lisa(&["synth", "--stack", "sevre"]), @"
    exit 2
    --- stderr
      x there is no stack `sevre`
      help: Did you mean `serve`?
    ");
}

#[test]
fn a_name_like_no_stack_gets_the_list() {
    let conversation = Project::minimal().lisa(&["synth", "--stack", "warehouse-of-things"]);
    assert_eq!(conversation.exit, Some(2));
    assert!(conversation.stderr.contains("The stacks are `"), "{conversation}");
}

#[test]
fn a_stack_that_is_off_says_why() {
    assert_snapshot!(Project::minimal().lisa(&["synth", "--stack", "rag"]), @"
    exit 2
    --- stderr
      x the stack `rag` is off: `deployRag` is false
      help: `lisa list` shows the stacks of this configuration.
    ");
}

#[test]
fn an_invalid_config_writes_nothing() {
    let project = Project::with("region: us-east-1\n");
    assert_eq!(project.lisa(&["synth"]).exit, Some(3));
    assert_eq!(project.files(), ["config.yaml"]);
}

#[test]
fn what_the_rules_forbid_is_not_written() {
    let project = Project::with(&format!("{MINIMAL}{EXPIRED}"));
    let conversation = project.lisa(&["synth"]);
    assert_eq!(conversation.exit, Some(4));
    assert!(conversation.stderr.contains("WAIVER-expired"), "{conversation}");
    assert!(conversation.stderr.contains("`--no-check`"), "{conversation}");
    assert_eq!(project.files(), ["config.yaml"]);
}

#[test]
fn what_the_rules_forbid_is_written_when_told_so() {
    let project = Project::with(&format!("{MINIMAL}{EXPIRED}"));
    synth(&project, &[]);
    assert!(project.files().contains(&"lisa.out/manifest.json".to_owned()));
}

#[test]
fn a_refusal_as_data_has_the_findings() {
    let refusal = Project::with(&format!("{MINIMAL}{EXPIRED}")).lisa(&["synth", "--output", "json"]).json();
    assert_eq!((&refusal["error"], &refusal["exit"]), (&Value::from("policy"), &Value::from(4)));
    let findings = refusal["report"]["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["rule"] == "WAIVER-expired"), "{refusal:#}");
}

#[test]
fn files_of_an_earlier_run_go_and_all_others_stay() {
    let project = Project::minimal();
    synth(&project, &[]);
    project.write("lisa.out/notes.txt", "mine");
    project.write("lisa.out/other.template.json", "{}");
    let conversation = synth(&project, &["--stack", "network", "--format", "yaml"]);
    assert!(conversation.stderr.contains("removed, of an earlier run"), "{conversation}");
    let files = project.files();
    let expected = ["manifest.json", "network.template.yaml", "notes.txt", "other.template.json"];
    let expected: Vec<String> = expected.iter().map(|name| format!("lisa.out/{name}")).collect();
    assert_eq!(files, [vec!["config.yaml".to_owned()], expected].concat());
}

#[test]
fn a_manifest_that_leads_elsewhere_removes_nothing() {
    let project = Project::minimal();
    project.write("precious.template.json", "{}");
    project.write("lisa.out/keep.txt", "mine");
    let stacks = r#"[{"templateFile": "../precious.template.json"}, {"templateFile": "keep.txt"}]"#;
    project.write("lisa.out/manifest.json", format!(r#"{{"stacks": {stacks}}}"#));
    synth(&project, &[]);
    assert!(project.files().contains(&"precious.template.json".to_owned()));
    assert!(project.files().contains(&"lisa.out/keep.txt".to_owned()));
}

#[test]
fn a_directory_that_cannot_be_written_needs_action() {
    let project = Project::minimal();
    project.write("lisa.out", "a file");
    assert_snapshot!(project.lisa(&["synth", "--no-check"]), @"
    exit 6
    --- stderr
      x could not write `lisa.out`: file exists
    ");
}

#[test]
fn a_template_that_cannot_be_replaced_leaves_no_half_file() {
    let project = Project::minimal();
    fs::create_dir_all(project.path("lisa.out/network.template.json/in-the-way")).unwrap();
    let conversation = project.lisa(&["synth", "--no-check"]);
    assert_eq!(conversation.exit, Some(6), "{conversation}");
    assert!(!project.files().iter().any(|file| file.ends_with(".partial")), "{:?}", project.files());
}

#[test]
fn quiet_synth_says_nothing() {
    assert_eq!(synth(&Project::minimal(), &["--quiet"]).to_string(), "exit 0\n");
}

#[test]
fn a_day_that_is_none_is_a_misuse() {
    assert_snapshot!(Project::minimal().env("SOURCE_DATE_EPOCH", "today").lisa(&["synth"]), @"
    exit 2
    --- stderr
      x what day it is cannot be told
      help: Unset `SOURCE_DATE_EPOCH`, or give it the seconds since 1970 as a
            whole number.
    ");
}
