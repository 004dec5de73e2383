//! The parity ledger: every resource that upstream 3.1.0 makes for one deployment has a fate here, and what it is said
//! to have become is there.

#![expect(clippy::expect_used, clippy::panic, reason = "a failed assertion is what a test is for")]

use std::collections::BTreeSet;

use lisa_config::{Options, Overrides, Source};
use lisa_stacks::{App, Assets, synthesize};
use serde::Deserialize;

/// Upstream's resources for the same function (synthesized from its tag v3.1.0 without CDK metadata).
const UPSTREAM: usize = 281;

#[derive(Deserialize)]
struct Ledger {
    config: String,
    resources: usize,
    stacks: Vec<UpstreamStack>,
}

#[derive(Deserialize)]
struct UpstreamStack {
    stack: String,
    resources: usize,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(rename = "type")]
    cfn_type: String,
    count: usize,
    what: String,
    fate: Fate,
    #[serde(default)]
    to: Vec<String>,
    why: Option<String>,
}

#[derive(Deserialize, PartialEq, Eq)]
enum Fate {
    #[serde(rename = "same")]
    Same,
    #[serde(rename = "merged")]
    Merged,
    #[serde(rename = "replaced by")]
    ReplacedBy,
    #[serde(rename = "dropped because")]
    Dropped,
}

fn ledger() -> Ledger {
    serde_json::from_str(include_str!("ledger/upstream-3.1.0.json")).expect("the ledger is JSON of its shape")
}

fn app(ledger: &Ledger) -> App {
    let path = format!("{}/{}", env!("CARGO_MANIFEST_DIR"), ledger.config);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let source = Source { name: ledger.config.clone(), text };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default());
    let config = loaded.unwrap_or_else(|problems| panic!("{problems:#?}")).config;
    synthesize(&config, &Assets::not_built()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn logical_ids(app: &App) -> BTreeSet<(String, String)> {
    let ids = |stack: &lisa_stacks::Stack| {
        let name = stack.name.clone();
        let types = stack.template.resource_types();
        types.map(|(id, shape)| (format!("{name}/{id}"), shape.cfn_type.to_owned())).collect::<Vec<_>>()
    };
    app.stacks.iter().flat_map(ids).collect()
}

fn named<'a>(ids: &'a BTreeSet<(String, String)>, target: &str) -> Option<&'a (String, String)> {
    match target.strip_suffix('*') {
        Some(prefix) => ids.iter().find(|(id, _)| id.starts_with(prefix)),
        None => ids.iter().find(|(id, _)| id == target),
    }
}

#[test]
fn every_upstream_resource_is_counted_once() {
    let ledger = ledger();
    assert_eq!(ledger.resources, UPSTREAM);
    assert_eq!(ledger.stacks.iter().map(|stack| stack.resources).sum::<usize>(), UPSTREAM);
    for stack in &ledger.stacks {
        let counted: usize = stack.entries.iter().map(|entry| entry.count).sum();
        assert_eq!(counted, stack.resources, "stack {}", stack.stack);
    }
}

#[test]
fn what_a_resource_became_is_there() {
    let ledger = ledger();
    let ids = logical_ids(&app(&ledger));
    for stack in &ledger.stacks {
        for entry in &stack.entries {
            let place = format!("{}: {} ({})", stack.stack, entry.cfn_type, entry.what);
            assert_eq!(
                entry.to.is_empty(),
                entry.fate == Fate::Dropped,
                "{place} leads somewhere unless dropped"
            );
            assert!(entry.fate == Fate::Same || entry.why.is_some(), "{place} says why");
            for target in &entry.to {
                let Some((_, cfn_type)) = named(&ids, target) else { panic!("{place}: no {target}") };
                let kept = entry.fate != Fate::Same || *cfn_type == entry.cfn_type;
                assert!(kept, "{place} is the same, but {target} is of type {cfn_type}");
            }
        }
    }
}

#[test]
fn the_application_is_at_most_three_fifths_of_upstreams() {
    let app = app(&ledger());
    let resources: usize = app.stacks.iter().map(|stack| stack.template.len()).sum();
    assert!(resources * 100 <= UPSTREAM * 60, "{resources} resources against upstream's {UPSTREAM}");
}
