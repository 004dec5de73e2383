//! The same configuration gives the same bytes: run after run, wherever it lies, whatever the order of its keys.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use lisa_cfn::Format;
use lisa_config::{Options, Overrides, Source};
use lisa_stacks::{Assets, manifest::Manifest};
use lisa_testkit::repository;
use serde_json::Value;

use crate::cli::project::Project;

/// A configuration that has something of everything.
fn full() -> String {
    fs::read_to_string(repository::path("tests/configs/valid/everything-at-the-top.yaml")).unwrap()
}

/// Every file that a synthesis of this text would write.
fn bytes(text: String) -> BTreeMap<String, String> {
    let source = Source { name: "config.yaml".to_owned(), text };
    let loaded = lisa_config::load(&source, &Overrides::default(), &Options::default()).unwrap();
    let app = lisa_stacks::synthesize(&loaded.config, &Assets::not_built()).unwrap();
    let mut files = BTreeMap::new();
    for format in [Format::Json, Format::Yaml] {
        let manifest = Manifest::of(&loaded.config, &app, format);
        files.insert(format!("{format:?}"), serde_json::to_string(&manifest).unwrap());
        for (stack, entry) in app.stacks.iter().zip(manifest.stacks) {
            files.insert(entry.template_file, stack.template.to_text(format));
        }
    }
    files
}

#[test]
fn a_hundred_runs() {
    let first = bytes(full());
    assert!(first.len() > 10, "{:?}", first.keys());
    for run in 1..100 {
        assert!(bytes(full()) == first, "run {run} differs");
    }
}

/// Everything that was written, with its name.
fn written(project: &Project) -> BTreeMap<String, String> {
    let files = project.files().into_iter().filter(|name| name.starts_with("lisa.out/"));
    files.map(|name| (name.clone(), project.read(&name))).collect()
}

#[test]
fn other_processes_in_other_directories() {
    let mut runs = Vec::new();
    for _ in 0..3 {
        let project = Project::with(&full());
        let conversation = project.lisa(&["synth", "--no-check"]);
        assert_eq!(conversation.exit, Some(0), "{conversation}");
        runs.push(written(&project));
    }
    assert!(runs[0].len() > 5, "{:?}", runs[0].keys());
    assert!(runs.iter().all(|run| *run == runs[0]));
}

#[test]
fn another_working_directory() {
    let here = Project::with(&full());
    assert_eq!(here.lisa(&["synth", "--no-check"]).exit, Some(0));
    let away = Project::empty();
    away.write("deep/below/config.yaml", full());
    let conversation = away.lisa(&["synth", "--no-check", "-c", "deep/below/config.yaml"]);
    assert_eq!(conversation.exit, Some(0), "{conversation}");
    assert!(written(&here) == written(&away));
}

/// Turns the order of all keys round. Lists keep theirs: it means something.
fn reversed(value: &Value, indent: usize, text: &mut String) {
    let pad = "  ".repeat(indent);
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            for (key, value) in entries.iter().rev() {
                let _ = write!(text, "\n{pad}{}:", Value::from(key.as_str()));
                reversed(value, indent + 1, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let _ = write!(text, "\n{pad}-");
                reversed(item, indent + 1, text);
            }
        }
        scalar => drop(write!(text, " {scalar}")),
    }
}

#[test]
fn another_order_of_keys() {
    let source = Source { name: "config.yaml".to_owned(), text: full() };
    let document = lisa_config::document(&source).unwrap();
    let mut text = String::new();
    reversed(document.value(), 0, &mut text);
    assert_ne!(text.trim(), full().trim());
    assert!(bytes(text) == bytes(full()));
}
