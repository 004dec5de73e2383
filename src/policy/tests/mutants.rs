//! At least one way to break every rule, each found by the rule's control and by no other.

mod api;
mod compute;
mod data;
mod iam;
mod net;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fixtures::{Stacks, with_settings};
use crate::{Profile, rules};

/// A rule, what is broken, and how.
type Mutant = (&'static str, &'static str, fn(&mut Stacks));

fn mutants() -> impl Iterator<Item = &'static Mutant> {
    [iam::MUTANTS, data::MUTANTS, net::MUTANTS, compute::MUTANTS, api::MUTANTS].into_iter().flatten()
}

#[test]
fn every_mutant_is_found_by_its_rule_and_control_alone() {
    for (rule, what, break_it) in mutants() {
        let mut stacks = Stacks::good();
        break_it(&mut stacks);
        let report = with_settings(Profile::Hardened, |settings| stacks.check(&settings));
        let found: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule).collect();
        assert!(found.contains(rule), "{rule}, {what}: found {found:?}");
        let controls: BTreeSet<&str> = report.findings.iter().map(|finding| finding.control).collect();
        assert_eq!(controls.len(), 1, "{rule}, {what}: found {found:?}\n{report}");
    }
}

#[test]
fn every_rule_has_a_mutant() {
    let broken: BTreeSet<&str> = mutants().map(|(rule, _, _)| *rule).collect();
    let known: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(known.difference(&broken).collect::<Vec<_>>(), [&""; 0], "rules without a mutant");
    assert_eq!(broken.difference(&known).collect::<Vec<_>>(), [&""; 0], "mutants of no rule");
}

/// `Fn::If` whose one branch is nothing.
fn sometimes(value: &Value) -> Value {
    json!({"Fn::If": ["Sometimes", value, {"Ref": "AWS::NoValue"}]})
}

/// A parameter of any text, and a reference to it.
fn parameter(stacks: &mut Stacks, stack: &str) -> Value {
    stacks.parameter(stack, "Anything", json!({"Type": "String"}));
    json!({"Ref": "Anything"})
}
