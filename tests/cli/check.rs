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
