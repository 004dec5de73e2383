//! Tests of the rules as a whole: a good deployment, one broken at a time, and what a report says.

mod mutants;
mod property;
mod reports;
mod sensible;
mod waivers;

use std::collections::BTreeSet;

use crate::fixtures::{Stacks, with_settings};
use crate::{Profile, Verdict, control, controls, rules};

#[test]
fn the_fixture_is_clean_in_every_profile() {
    for profile in Profile::ALL {
        let report = with_settings(profile, |settings| Stacks::good().check(&settings));
        assert_eq!(report.verdict, Verdict::Clean, "{report}");
        assert!(report.relaxed.is_empty(), "{report}");
    }
}

#[test]
fn every_rule_has_something_to_judge_in_the_fixture() {
    let report = with_settings(Profile::Hardened, |settings| Stacks::good().check(&settings));
    assert_eq!(report.evaluated.rules, rules().count());
    assert_eq!(report.evaluated.rules_with_resources, report.evaluated.rules);
    assert!(report.evaluated.resources > 80, "{}", report.evaluated.resources);
}

#[test]
fn there_are_64_controls_and_each_is_shown_or_says_where_it_is() {
    let numbers: Vec<u8> = controls().iter().map(|control| control.number).collect();
    assert_eq!(numbers, (1..=64).collect::<Vec<u8>>());
    for control in controls() {
        assert_eq!(control.id, format!("{}-{:02}", control.group, control.number));
        let reason = control.elsewhere.is_some_and(|reason| reason.ends_with('.'));
        assert!(control.rules().next().is_some() || reason, "{}", control.id);
    }
}

#[test]
fn rules_are_in_order_and_complete() {
    let mut seen = BTreeSet::new();
    let mut last = 0;
    for rule in rules() {
        let control = control(rule.control()).unwrap_or_else(|| panic!("{} has no control", rule.id));
        assert!(seen.insert(rule.id), "{} twice", rule.id);
        assert!(control.number >= last, "{} is out of order", rule.id);
        last = control.number;
        assert!(!rule.title.ends_with('.'), "{}", rule.id);
        for sentence in [rule.why, rule.remedy] {
            assert!(sentence.ends_with('.') && sentence.len() > 20, "{}: {sentence}", rule.id);
        }
    }
}
