//! What `lisa deploy` and its kin say before they reach an account: nothing is asked of AWS here.

use insta::assert_snapshot;

use crate::cli::project::Project;

/// A project in which nobody is signed in and no service answers.
fn signed_out(project: Project) -> Project {
    let nowhere = "http://127.0.0.1:9";
    project
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", nowhere)
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
}

#[test]
fn without_credentials_nothing_begins() {
    let commands: [&[&str]; 5] =
        [&["deploy", "--yes"], &["destroy", "--yes", "prod"], &["status"], &["outputs"], &["bootstrap"]];
    for command in commands {
        let conversation = signed_out(Project::minimal()).lisa(command);
        assert_eq!(conversation.exit, Some(6), "{command:?}: {conversation}");
        assert!(conversation.stderr.contains("credentials"), "{command:?}: {conversation}");
    }
}

#[test]
fn the_doctor_goes_on_without_credentials() {
    let conversation = signed_out(Project::minimal()).lisa(&["doctor", "--output", "json"]);
    assert_eq!(conversation.exit, Some(6), "{conversation}");
    let findings: serde_json::Value = serde_json::from_str(&conversation.stdout).unwrap();
    let checks: Vec<&str> =
        findings.as_array().unwrap().iter().filter_map(|finding| finding["check"].as_str()).collect();
    assert_eq!(checks, ["credentials", "container engine", "disk"]);
    assert_eq!(findings[0]["standing"], "bad");
}

#[test]
fn what_the_security_rules_forbid_is_not_deployed() {
    let config = "restApiConfig: {internetFacing: true, authenticationEnabled: false}\n";
    let project = Project::minimal();
    let text = project.read("config.yaml");
    let text: String = text
        .lines()
        .take_while(|line| !line.starts_with("restApiConfig"))
        .fold(String::new(), |text, line| text + line + "\n");
    project.write("config.yaml", format!("{text}{config}"));
    let conversation = signed_out(project).lisa(&["deploy", "--yes"]);
    assert!(matches!(conversation.exit, Some(3 | 4)), "{conversation}");
}

#[test]
fn a_stack_that_there_is_not_is_named() {
    assert_snapshot!(signed_out(Project::minimal()).lisa(&["deploy", "--yes", "--stack", "serv"]));
}

#[test]
fn without_a_terminal_consent_is_given_beforehand() {
    for command in ["deploy", "destroy"] {
        let conversation = signed_out(Project::minimal()).lisa(&[command]);
        assert_eq!(conversation.exit, Some(2), "{command}: {conversation}");
        assert!(conversation.stderr.contains("--yes"), "{command}: {conversation}");
    }
}

#[test]
fn a_plan_alone_takes_no_consent() {
    let conversation = Project::minimal().lisa(&["deploy", "--plan-only", "--yes"]);
    assert_eq!(conversation.exit, Some(2), "{conversation}");
}
