//! Waivers: what they cover, and what is wrong with them.

use serde_json::json;

use crate::fixtures::{Stacks, with_settings};
use crate::{Profile, Report, Settings, Verdict, Waiver};

fn waiver(control: &str, resource: &str) -> Waiver {
    Waiver {
        control: control.to_owned(),
        resource: resource.to_owned(),
        owner: "platform team".to_owned(),
        reason: "moves to its own key in March".to_owned(),
        expires: "2027-01-15".to_owned(),
    }
}

/// A deployment whose table has the key of AWS and whose database has one zone.
fn report(profile: Profile, waivers: &[Waiver], whole: bool) -> Report {
    let mut stacks = Stacks::good();
    stacks.remove("core/Table/Properties/SSESpecification/KMSMasterKeyId");
    stacks.set("data/Database/Properties/MultiAZ", json!(false));
    with_settings(profile, |settings| stacks.check(&Settings { whole, waivers, ..settings }))
}

/// A way to make a waiver unsound.
type Break = fn(&mut Waiver);

fn rules_open(report: &Report) -> Vec<&str> {
    report.open().map(|finding| finding.rule).collect()
}

#[test]
fn a_waiver_covers_a_control_or_one_rule_at_a_place() {
    for (control, resource) in [
        ("DATA-21", "*"),
        ("DATA-21-own-key", "core/Table"),
        ("DATA-21", "core/*"),
        ("DATA-21-own-key", "*/Tab*"),
    ] {
        let waivers = [waiver(control, resource), waiver("DATA-22", "data/Database")];
        let report = report(Profile::Hardened, &waivers, true);
        assert_eq!(report.verdict, Verdict::Clean, "{control} {resource}\n{report}");
        assert_eq!(report.waived().count(), 2);
        assert_eq!(report.waived().next().unwrap().1.owner, "platform team");
    }
}

#[test]
fn a_waiver_of_something_else_covers_nothing_and_is_a_finding() {
    for (control, resource) in [("DATA-21-kms", "*"), ("DATA-21", "data/*"), ("DATA-21", "core/Tabl")] {
        let report = report(Profile::Hardened, &[waiver(control, resource)], true);
        assert_eq!(rules_open(&report), ["DATA-21-own-key", "DATA-22-zones", "WAIVER-unused"], "{report}");
    }
    // What it speaks of may be in a template that is not there.
    let report = report(Profile::Hardened, &[waiver("DATA-21-kms", "*")], false);
    assert_eq!(rules_open(&report), ["DATA-21-own-key", "DATA-22-zones"]);
}

#[test]
fn a_waiver_that_ended_yesterday_covers_nothing_and_is_a_finding() {
    let mut ended = waiver("DATA-21", "*");
    ended.expires = "2027-01-14".to_owned();
    let report = report(Profile::Hardened, &[ended], true);
    assert_eq!(rules_open(&report), ["DATA-21-own-key", "DATA-22-zones", "WAIVER-expired"]);
}

#[test]
fn a_waiver_that_is_not_sound_covers_nothing_and_is_a_finding() {
    let cases: [(&str, Break); 5] = [
        ("WAIVER-incomplete", |waiver| waiver.owner = " ".to_owned()),
        ("WAIVER-incomplete", |waiver| waiver.reason = String::new()),
        ("WAIVER-incomplete", |waiver| waiver.expires = "2027-02-30".to_owned()),
        ("WAIVER-incomplete", |waiver| waiver.expires = "never".to_owned()),
        ("WAIVER-unknown", |waiver| waiver.control = "DATA-99".to_owned()),
    ];
    for (rule, break_it) in cases {
        let mut unsound = waiver("DATA-21", "*");
        break_it(&mut unsound);
        let report = report(Profile::Hardened, &[unsound], true);
        assert_eq!(rules_open(&report), ["DATA-21-own-key", "DATA-22-zones", rule]);
    }
}

#[test]
fn a_waiver_of_what_the_profile_relaxes_is_of_use() {
    let report = report(Profile::Dev, &[waiver("DATA-22", "*")], true);
    assert_eq!(report.verdict, Verdict::Clean, "{report}");
}

#[test]
fn what_a_template_says_of_itself_is_not_believed() {
    let mut stacks = Stacks::good();
    stacks.remove("core/Table/Properties/SSESpecification/KMSMasterKeyId");
    let metadata = json!({"checkov": {"skip": [{"id": "CKV_AWS_119"}]}, "lisa": {"waive": ["DATA-21"]}});
    stacks.set("core/Table/Metadata", metadata);
    let report = with_settings(Profile::Hardened, |settings| stacks.check(&settings));
    assert_eq!(rules_open(&report), ["DATA-21-own-key"]);
}
