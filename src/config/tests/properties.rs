//! Whatever the text, reading it ends soon and without a panic.

use super::{files, read};
use crate::{Overrides, Severity, Source, load};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// A second, as promised; a debug build on a busy machine is many times slower.
const SOON: Duration = Duration::from_secs(if cfg!(debug_assertions) { 15 } else { 1 });

/// Reads the text and checks what every answer must be.
fn check(text: &str) {
    let start = Instant::now();
    let result = read(text);
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());
    let Err(problems) = result else { return };
    assert!(problems.errors() > 0);
    let mut last = 0;
    for problem in &problems.0 {
        assert_ne!(problem.rule, "internal", "{problem:?}");
        assert!(crate::rules::ALL.iter().any(|rule| rule.id == problem.rule));
        let Some(span) = &problem.span else { continue };
        assert!(text.get(span.clone()).is_some(), "{problem:?} is outside the text");
        assert!(problem.line > 0 && problem.column > 0);
        assert!(span.start >= last, "problems are in the order of the file");
        last = span.start;
    }
}

fn valid_texts() -> Vec<String> {
    files("valid").iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// One change to a valid file.
#[derive(Debug, Clone)]
enum Change {
    Remove(usize, usize),
    Insert(usize, String),
    SwapLines(usize, usize),
    Value(usize, String),
}

fn change() -> impl Strategy<Value = Change> {
    let token = prop::sample::select(vec![
        "\t",
        "  ",
        ":",
        "- ",
        "&a ",
        "*a",
        "<<: ",
        "!tag ",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "#",
        "|",
        ">",
        "---\n",
        "\u{feff}",
        "null",
        "~",
        "no",
        ".nan",
        "0",
        "-1",
        "1e999",
        "99999999999999999999",
        "ü",
        "\0",
        "? ",
        "%",
    ]);
    prop_oneof![
        (any::<usize>(), 0..40_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<usize>(), token.prop_map(str::to_owned)).prop_map(|(at, token)| Change::Insert(at, token)),
        (any::<usize>(), any::<usize>()).prop_map(|(one, other)| Change::SwapLines(one, other)),
        (any::<usize>(), "[a-zA-Z0-9:/._ -]{0,20}").prop_map(|(at, value)| Change::Value(at, value)),
    ]
}

fn apply(text: &str, change: &Change) -> String {
    let boundary = |at: usize| {
        let at = at % (text.len() + 1);
        (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    match change {
        Change::Remove(at, length) => {
            let start = boundary(*at);
            let end =
                text[start..].char_indices().nth(*length).map_or(text.len(), |(offset, _)| start + offset);
            format!("{}{}", &text[..start], &text[end..])
        }
        Change::Insert(at, token) => {
            let at = boundary(*at);
            format!("{}{token}{}", &text[..at], &text[at..])
        }
        Change::SwapLines(one, other) if !lines.is_empty() => {
            let count = lines.len();
            lines.swap(one % count, other % count);
            lines.join("\n")
        }
        Change::Value(at, value) if !lines.is_empty() => {
            let count = lines.len();
            let line = &mut lines[at % count];
            if let Some((key, _)) = line.clone().split_once(": ") {
                *line = format!("{key}: {value}");
            }
            lines.join("\n")
        }
        _ => text.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_yaml_like_text_is_read_or_refused(text in "([a-z]{1,4}: ?|- |\\{|\\}|\\[|\\]|\n|  |&a |\\*a|<<: |[0-9]{1,3}|\"|'|#|\t|\\||>|!x |, ){0,60}") {
        check(&text);
    }

    #[test]
    fn any_change_to_a_valid_file_is_read_or_refused(which in any::<prop::sample::Index>(), changes in prop::collection::vec(change(), 1..6)) {
        let texts = valid_texts();
        let text = changes.iter().fold(which.get(&texts).clone(), |text, change| apply(&text, change));
        check(&text);
    }

    #[test]
    fn any_override_is_taken_or_refused(value in "\\PC{0,40}", digits in "[0-9]{0,14}") {
        let text = &valid_texts()[0];
        let source = Source { name: "config.yaml".to_owned(), text: text.clone() };
        let overrides = Overrides {
            env: None,
            profile: Some(value.clone()),
            deployment_name: Some(value.clone()),
            account_number: Some(digits),
            region: Some(value),
        };
        if let Err(problems) = load(&source, &overrides, &crate::Options::default()) {
            prop_assert!(problems.0.iter().all(|problem| problem.rule != "internal"));
        }
    }
}

#[test]
fn hostile_files_are_refused_soon() {
    let bomb: String = (0..9).fold("x-0: &a0 [x]\n".to_owned(), |text, level| {
        let aliases = vec![format!("*a{level}"); 10].join(", ");
        format!("{text}x-{0}: &a{0} [{aliases}]\n", level + 1)
    });
    let hostile = [
        ("alias bomb", bomb, "yaml-too-big"),
        ("deep lists", "[".repeat(100_000), "yaml-too-big"),
        ("deep mappings", "{a: ".repeat(50_000), "yaml-too-big"),
        (
            "deep blocks",
            (0..400).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n"),
            "yaml-too-big",
        ),
        ("many values", format!("tags: [{}]", "x,".repeat(300_000)), "yaml-too-big"),
        ("large file", "#".repeat(crate::yaml::MAX_BYTES + 1), "file-too-large"),
        ("itself", "tags: &a [*a]".to_owned(), "yaml-too-big"),
    ];
    for (name, text, rule) in hostile {
        let start = Instant::now();
        let problems = read(&text).err().unwrap_or_else(|| panic!("{name} was accepted"));
        assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
        let errors: Vec<_> =
            problems.0.iter().filter(|problem| problem.severity == Severity::Error).collect();
        assert!(errors.iter().any(|problem| problem.rule == rule), "{name}: {errors:?}");
    }
}
