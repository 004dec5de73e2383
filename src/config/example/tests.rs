//! The example config is what a reader would write, and it is valid.

use super::*;
use crate::{Options, Overrides, Source, load};
use std::collections::BTreeSet;

fn read(text: String) -> crate::Loaded {
    let source = Source { name: "config.yaml.example".to_owned(), text };
    load(&source, &Overrides::default(), &Options::default())
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn the_example_is_a_complete_deployment() {
    let loaded = read(example());
    assert_eq!(loaded.warnings, []);
    let config = loaded.config;
    assert!(config.deploy_serve && config.deploy_chat && config.deploy_ui && config.deploy_rag);
    assert_eq!(config.rag_repositories.len(), 2);
    assert_eq!(config.hosted_models().count(), 1);
}

/// Everything that is commented out is meant to be switched on: one key at a time must be accepted.
#[test]
fn every_optional_key_can_be_switched_on() {
    let text = example();
    let lines: Vec<&str> = text.lines().collect();
    let is_off = |line: &str| {
        line.trim_start().starts_with('#') && !line.trim_start().starts_with("# ") && line.trim() != "#"
    };
    let key_of = |line: &str| line.trim_start().trim_start_matches('#').to_owned();
    let mut at = 0;
    let mut tried = 0;
    while at < lines.len() {
        if !is_off(lines[at]) {
            at += 1;
            continue;
        }
        let depth =
            |line: &str| key_of(line).len() - key_of(line).trim_start().len() + line.find('#').unwrap_or(0);
        let start = at;
        at += 1;
        while at < lines.len()
            && (is_off(lines[at]) && depth(lines[at]) > depth(lines[start])
                || is_meaning_inside(&lines, at, depth(lines[start])))
        {
            at += 1;
        }
        let on: Vec<String> = lines
            .iter()
            .enumerate()
            .map(|(index, line)| {
                if (start..at).contains(&index) && is_off(line) {
                    line.replacen('#', "", 1)
                } else {
                    (*line).to_owned()
                }
            })
            .collect();
        let source = Source { name: "example".to_owned(), text: on.join("\n") };
        if let Err(problems) = load(&source, &Overrides::default(), &Options::default()) {
            // Some keys need another one beside them; none may be unknown, misspelt or of a wrong form.
            for problem in problems.0.iter().filter(|problem| problem.severity == crate::Severity::Error) {
                assert!(NEEDS_MORE.contains(&problem.rule), "{}: {problem:#?}", lines[start]);
            }
        }
        tried += 1;
    }
    assert!(tried > 60, "only {tried} keys were tried");
}

/// Rules that a key which is switched on alone may break.
const NEEDS_MORE: &[&str] = &["subnets-need-vpc", "security-groups-need-vpc", "missing-key"];

/// A meaning between two keys of a block that is off belongs to the block.
fn is_meaning_inside(lines: &[&str], at: usize, depth: usize) -> bool {
    let is_meaning = |line: &str| line.trim_start().starts_with("# ");
    is_meaning(lines[at]) && lines[at].find('#').unwrap_or(0) > depth
}

#[test]
fn the_example_shows_every_key() {
    let schema = schema();
    let properties = schema["$defs"]["Environment"]["properties"].as_object().unwrap();
    let current: BTreeSet<&str> = properties
        .iter()
        .filter(|(key, schema)| schema.get("x-retired").is_none() && !HIDDEN.contains(&key.as_str()))
        .map(|(key, _)| key.as_str())
        .collect();
    let shown: Vec<&str> = LAYOUT.iter().flat_map(|(_, keys)| keys.iter().copied()).collect();
    assert_eq!(shown.iter().copied().collect::<BTreeSet<_>>(), current);
    assert_eq!(shown.len(), current.len(), "a key is shown twice");
}

#[test]
fn the_first_line_tells_editors_the_schema() {
    assert!(example().starts_with("# yaml-language-server: $schema=schemas/config.schema.json\n"));
}
