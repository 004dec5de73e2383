//! `lisa check`: findings in plain words, waivers, and the table of controls.

use insta::assert_snapshot;

use crate::cli::project::{MINIMAL, Project};

fn waiver(control: &str, expires: &str) -> String {
    format!(
        "{MINIMAL}policyWaivers:\n  - control: {control}\n    resource: nowhere/*\n    owner: jane@example.com\n    \
         reason: recreated every night\n    expires: \"{expires}\"\n"
    )
}

#[test]
fn the_minimal_config_is_clean() {
    let conversation = Project::minimal().lisa(&["check"]);
    assert_eq!(conversation.exit, Some(0), "{conversation}");
    assert!(conversation.stdout.contains("No finding in "), "{conversation}");
}

#[test]
fn a_finding_is_explained_and_refused() {
    let conversation = Project::with(&waiver("NET-41", "2027-05-31")).lisa(&["check"]);
    assert_eq!((conversation.exit, conversation.stderr.as_str()), (Some(4), ""), "{conversation}");
    for word in ["WAIVER-expired", "ended on 2027-05-31", "why ", "remedy "] {
        assert!(conversation.stdout.contains(word), "{word} is not in\n{conversation}");
    }
}

#[test]
fn a_waiver_holds_on_its_last_day_and_not_on_the_next() {
    let rules = |expires: &str| {
        let report = Project::with(&waiver("NET-41", expires)).lisa(&["check", "--output", "json"]).json();
        let findings = report["findings"].as_array().unwrap().clone();
        findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(!rules("2027-06-01").contains(&"WAIVER-expired".to_owned()));
    assert!(rules("2027-05-31").contains(&"WAIVER-expired".to_owned()));
}

#[test]
fn the_report_as_data() {
    let report = Project::minimal().lisa(&["check", "--output", "json"]).json();
    assert_eq!(report["profile"], "standard");
    assert!(report["evaluated"]["rules"].as_u64().unwrap() > 100, "{report:#}");
    assert!(report["evaluated"]["comparisons"].as_u64().unwrap() > 100, "{report:#}");
}

#[test]
fn the_controls_need_no_config() {
    assert_snapshot!(Project::empty().lisa(&["check", "--list"]));
}

#[test]
fn the_controls_as_data_are_64() {
    let controls = Project::empty().lisa(&["check", "--list", "--output", "json"]).json();
    let controls = controls.as_array().unwrap();
    assert_eq!(controls.len(), 64);
    for control in controls {
        let shown = control["rules"].as_array().is_some_and(|rules| !rules.is_empty());
        assert!(shown || control["elsewhere"].is_string(), "{} is shown nowhere", control["id"]);
    }
}

#[test]
fn every_option_of_litellm_is_judged_with_its_line() {
    let config = format!(
        "{MINIMAL}litellmConfig:\n  general_settings:\n    database_url: postgresql://h/d\n  router_settings:\n    \
         num_retries: 3\n  model_list:\n    - model_name: a\n      litellm_params:\n        model: openai/x\n        \
         rpm: 5\n      lisa_params:\n        model_type: textgen\n        streaming: true\n"
    );
    let project = Project::with(&config);
    let options = project.lisa(&["check", "--litellm", "--output", "json", "--quiet"]).json();
    let lines: Vec<String> = options.as_array().unwrap().iter().map(|row| format!("{row:#}")).collect();
    let of = |name: &str| {
        let row = options.as_array().unwrap().iter().find(|row| row["option"] == name);
        row.unwrap_or_else(|| panic!("{name} is not in {lines:?}")).clone()
    };
    let first = MINIMAL.lines().count() + 3;
    assert_eq!(of("general_settings.database_url")["verdict"], "warned");
    assert_eq!(of("general_settings.database_url")["line"], first);
    assert_eq!(of("router_settings.num_retries")["verdict"], "honoured");
    assert_eq!(of("model_list[0].litellm_params.rpm")["line"], first + 7);
    let warned = project.lisa(&["validate"]);
    assert!(warned.stderr.contains("litellm-option-unused"), "{warned}");
    let all = Project::empty().lisa(&["check", "--litellm", "--list", "--output", "json"]).json();
    assert!(all.as_array().unwrap().len() > 300);
}

#[test]
fn an_option_that_cannot_be_honoured_is_refused_with_its_line() {
    let config = format!("{MINIMAL}litellmConfig:\n  general_settings:\n    custom_auth: my.module\n");
    let conversation = Project::with(&config).lisa(&["validate"]);
    assert_eq!(conversation.exit, Some(3), "{conversation}");
    for word in ["litellm-option-refused", "custom_auth: my.module", "is not accepted: no Python"] {
        assert!(conversation.stderr.contains(word), "{word} is not in\n{conversation}");
    }
}
