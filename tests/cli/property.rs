//! Whatever is done to a valid configuration, it either becomes templates without a fault, or is refused with a
//! message. Nothing makes the command panic.

use std::fs;

use lisa_config::{Options, Overrides, Source};
use lisa_stacks::Assets;
use lisa_testkit::repository;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use crate::cli::project::Project;

/// Values that are right somewhere and wrong elsewhere.
const VALUES: [&str; 24] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "2",
    "65536",
    "3.5",
    "1e400",
    "\"\"",
    "\" \"",
    "\"x\"",
    "\"us-gov-west-1\"",
    "\"cn-north-1\"",
    "\"us-iso-east-1\"",
    "\"hardened\"",
    "\"dev\"",
    "\"retain\"",
    "\"vpc-0123456789abcdef0\"",
    "[]",
    "{}",
    "[1]",
    "\"\\u0000é漢\"",
];

/// What is done to a file, by positions that fit any file.
#[derive(Clone, Debug)]
enum Edit {
    /// Another value in the place of one.
    Replace(Index, usize),
    /// A key goes.
    Remove(Index),
    /// A value of another place.
    Copy(Index, Index),
    /// The text is cut.
    Cut(Index),
    /// Other bytes in the place of one line.
    Line(Index, String),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        6 => (any::<Index>(), 0..VALUES.len()).prop_map(|(at, value)| Edit::Replace(at, value)),
        3 => any::<Index>().prop_map(Edit::Remove),
        3 => (any::<Index>(), any::<Index>()).prop_map(|(to, from)| Edit::Copy(to, from)),
        1 => any::<Index>().prop_map(Edit::Cut),
        1 => (any::<Index>(), "[ -~\t]{0,20}").prop_map(|(at, text)| Edit::Line(at, text)),
    ];
    proptest::collection::vec(edit, 0..4)
}

/// The valid files, as values.
fn corpus() -> Vec<Value> {
    let mut paths: Vec<_> = fs::read_dir(repository::path("tests/configs/valid"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path| Source { name: "config.yaml".to_owned(), text: fs::read_to_string(path).unwrap() };
    paths.iter().map(|path| lisa_config::document(&read(path)).unwrap().value().clone()).collect()
}

/// Pointers to every value of a document.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => Vec::new(),
    };
    for (step, child) in children {
        let path = format!("{at}/{}", step.replace('~', "~0").replace('/', "~1"));
        pointers(child, &path, found);
        found.push(path);
    }
}

fn edited(mut value: Value, edits: &[Edit]) -> String {
    let mut text = None;
    for edit in edits {
        let mut places = Vec::new();
        pointers(&value, "", &mut places);
        let place = |index: &Index| places.get(index.index(places.len().max(1))).cloned().unwrap_or_default();
        match edit {
            Edit::Replace(at, new) => set(&mut value, &place(at), serde_json::from_str(VALUES[*new]).ok()),
            Edit::Remove(at) => set(&mut value, &place(at), None),
            Edit::Copy(to, from) => {
                let copied = value.pointer(&place(from)).cloned();
                set(&mut value, &place(to), copied);
            }
            Edit::Cut(at) => {
                let whole = text.take().unwrap_or_else(|| format!("{value:#}"));
                let end =
                    (0..=at.index(whole.len() + 1)).rev().find(|end| whole.is_char_boundary(*end)).unwrap();
                text = Some(whole[..end].to_owned());
            }
            Edit::Line(at, line) => {
                let whole = text.take().unwrap_or_else(|| format!("{value:#}"));
                let mut lines: Vec<&str> = whole.lines().collect();
                let index = at.index(lines.len().max(1));
                if let Some(slot) = lines.get_mut(index) {
                    *slot = line;
                }
                text = Some(lines.join("\n"));
            }
        }
    }
    text.unwrap_or_else(|| format!("{value:#}"))
}

fn set(value: &mut Value, pointer: &str, new: Option<Value>) {
    let (parent, last) = pointer.rsplit_once('/').unwrap_or_default();
    let last = last.replace("~1", "/").replace("~0", "~");
    match (value.pointer_mut(parent), new) {
        (Some(Value::Object(entries)), Some(new)) => drop(entries.insert(last, new)),
        (Some(Value::Object(entries)), None) => drop(entries.remove(&last)),
        (Some(Value::Array(items)), new) => {
            if let Some(index) = last.parse().ok().filter(|index: &usize| *index < items.len()) {
                match new {
                    Some(new) => items[index] = new,
                    None => drop(items.remove(index)),
                }
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_config_becomes_sound_templates_or_is_refused(at in any::<Index>(), edits in edits()) {
        let corpus = corpus();
        let text = edited(corpus[at.index(corpus.len())].clone(), &edits);
        let source = Source { name: "config.yaml".to_owned(), text };
        match lisa_config::load(&source, &Overrides::default(), &Options::default()) {
            Err(problems) => {
                prop_assert!(problems.errors() > 0);
                prop_assert!(problems.0.iter().all(|problem| !problem.message.is_empty()));
                prop_assert!(problems.0.iter().all(|problem| problem.rule != "internal"), "{problems}");
            }
            Ok(loaded) => match lisa_stacks::synthesize(&loaded.config, &Assets::not_built()) {
                Ok(app) => for stack in &app.stacks {
                    let violations = stack.template.check();
                    prop_assert!(violations.is_empty(), "{}: {violations:?}", stack.name);
                },
                Err(errors) => prop_assert!(!errors.0.is_empty() && !errors.to_string().is_empty()),
            },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_command_never_panics(at in any::<Index>(), edits in edits()) {
        let corpus = corpus();
        let project = Project::with(&edited(corpus[at.index(corpus.len())].clone(), &edits));
        let conversation = project.lisa(&["synth", "--stdout"]);
        prop_assert!(matches!(conversation.exit, Some(0 | 3 | 4)), "{conversation}");
        prop_assert!(conversation.exit == Some(0) || !conversation.stderr.is_empty());
    }
}
