//! Holds every file of `tests/configs` against what it is named for, and the schema against the rules.

use super::{files, name, read};
use crate::report::Report;
use crate::rules::{self, Rule};
use crate::{Severity, schema, yaml};
use jsonschema::Validator;
use std::collections::BTreeSet;
use std::path::Path;

/// Rules without a file of their own: one needs a mebibyte, the other is a mistake of ours.
const WITHOUT_FILE: &[&str] = &["file-too-large", "internal"];

/// What an invalid file says on its first lines.
fn broken_rule(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.trim_start_matches('\u{feff}').strip_prefix("# breaks: "))
}

fn validator() -> Validator {
    jsonschema::validator_for(&schema()).unwrap()
}

/// Whether the schema takes the file; `None` when it is no YAML that a schema could look at.
fn schema_verdict(validator: &Validator, text: &str) -> Option<bool> {
    let tree = yaml::parse(text, &mut Report::new(text))?;
    Some(validator.is_valid(&tree.to_json()))
}

fn rule(id: &str) -> &'static Rule {
    rules::ALL.iter().find(|rule| rule.id == id).unwrap_or_else(|| panic!("no rule `{id}`"))
}

fn all_right(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_invalid_file_breaks_the_one_rule_that_it_names() {
    let validator = validator();
    let mut faults = Vec::new();
    for path in files("invalid") {
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = broken_rule(&text).unwrap_or_default();
        let Err(problems) = read(&text) else {
            faults.push(format!("{}: accepted", name(&path)));
            continue;
        };
        let errors: Vec<_> =
            problems.0.iter().filter(|problem| problem.severity == Severity::Error).collect();
        if errors.iter().map(|problem| problem.rule).ne([expected]) {
            faults.push(format!("{}: expected {expected}, found {errors:#?}", name(&path)));
            continue;
        }
        let in_schema = errors.iter().any(|problem| rule(problem.rule).in_schema);
        if schema_verdict(&validator, &text).is_some_and(|accepted| accepted == in_schema) {
            faults.push(format!("{}: schema and rule `{expected}` disagree", name(&path)));
        }
    }
    all_right(&faults);
}

#[test]
fn every_valid_file_is_accepted_by_rules_and_schema() {
    let validator = validator();
    let mut faults = Vec::new();
    for path in files("valid") {
        let text = std::fs::read_to_string(&path).unwrap();
        if let Err(problems) = read(&text) {
            faults.push(format!("{}: refused: {problems}", name(&path)));
        }
        if schema_verdict(&validator, &text) != Some(true) {
            let tree = yaml::parse(&text, &mut Report::new(&text)).unwrap();
            let why: Vec<_> = validator
                .iter_errors(&tree.to_json())
                .map(|error| format!("{} {error}", error.instance_path()))
                .collect();
            faults.push(format!("{}: refused by the schema: {why:?}", name(&path)));
        }
    }
    all_right(&faults);
}

/// Valid files say what they warn of, so that a new warning is seen.
#[test]
fn every_valid_file_warns_of_what_it_names() {
    let mut faults = Vec::new();
    for path in files("valid") {
        let text = std::fs::read_to_string(&path).unwrap();
        let expected: BTreeSet<&str> = text
            .lines()
            .filter_map(|line| line.trim_start_matches('\u{feff}').strip_prefix("# warns: "))
            .flat_map(|rules| rules.split(", "))
            .collect();
        let Ok(loaded) = read(&text) else { continue };
        let found: BTreeSet<&str> = loaded.warnings.iter().map(|problem| problem.rule).collect();
        if found != expected {
            faults.push(format!("{}: expected {expected:?}, found {found:?}", name(&path)));
        }
    }
    all_right(&faults);
}

#[test]
fn every_rule_has_a_file() {
    let text = |path: &Path| std::fs::read_to_string(path).unwrap();
    let broken: BTreeSet<String> =
        files("invalid").iter().filter_map(|path| broken_rule(&text(path)).map(str::to_owned)).collect();
    let warned: BTreeSet<String> = files("valid")
        .iter()
        .filter_map(|path| read(&text(path)).ok())
        .flat_map(|loaded| loaded.warnings)
        .map(|problem| problem.rule.to_owned())
        .collect();
    for rule in rules::ALL.iter().filter(|rule| !WITHOUT_FILE.contains(&rule.id)) {
        let files = if rule.severity == Severity::Error { &broken } else { &warned };
        assert!(files.contains(rule.id), "no file shows rule `{}`", rule.id);
    }
}

#[test]
fn every_problem_has_a_place_and_help() {
    let mut faults = Vec::new();
    for path in files("invalid") {
        let text = std::fs::read_to_string(&path).unwrap();
        for problem in read(&text).err().into_iter().flat_map(|problems| problems.0) {
            let whole_file = ["file-empty", "file-not-a-mapping", "environment-missing", "yaml-too-big"];
            if problem.help.is_none() || (problem.span.is_none() && !whole_file.contains(&problem.rule)) {
                faults.push(format!("{}: {problem:?}", name(&path)));
            }
            if problem.message.ends_with('.') || problem.message.contains('\n') {
                faults.push(format!("{}: {}", name(&path), problem.message));
            }
        }
    }
    all_right(&faults);
}
