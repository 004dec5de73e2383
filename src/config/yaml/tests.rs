//! The traps of YAML, one by one. A new release of the YAML crate that changes an answer is noticed here.

use super::parse;
use crate::report::Report;
use serde_json::{Value, json};

fn value(text: &str) -> Value {
    let mut report = Report::new(text);
    parse(text, &mut report).unwrap_or_else(|| panic!("{:?}", report.into_problems())).to_json()
}

/// Rule, marked text, and message of the first problem.
fn problem(text: &str) -> (String, String, String) {
    let mut report = Report::new(text);
    parse(text, &mut report);
    let problem = report.into_problems().0.remove(0);
    let marked = problem.span.map(|span| text[span].to_owned()).unwrap_or_default();
    (problem.rule.to_owned(), marked, problem.message)
}

#[test]
fn scalars_are_what_they_look_like() {
    let text = "[012345678901, 123456789012, 1_000, 017, 0x1F, 0o17, 1e3, 1.20, no, on, yes, y, true, ~, '', 2027-06-30, 12:30]";
    let expected = json!([
        "012345678901",
        123_456_789_012_u64,
        "1_000",
        "017",
        31,
        15,
        1000,
        1.2,
        "no",
        "on",
        "yes",
        "y",
        true,
        null,
        "",
        "2027-06-30",
        "12:30"
    ]);
    assert_eq!(value(text), expected);
}

#[test]
fn merge_keys_give_way_to_explicit_ones() {
    let text = "base: &base {a: 1, b: 2}\nown:\n  <<: *base\n  b: 3\nlist:\n  <<: [*base, {c: 4}]\n";
    let expected =
        json!({"base": {"a": 1, "b": 2}, "own": {"a": 1, "b": 3}, "list": {"a": 1, "b": 2, "c": 4}});
    assert_eq!(value(text), expected);
}

#[test]
fn a_value_behind_an_alias_knows_both_places() {
    let text = "first: &it hello\nsecond: *it\n";
    let tree = parse(text, &mut Report::new(text)).unwrap();
    let second = &tree.entry("second").unwrap().value;
    assert_eq!(&text[second.span.clone().unwrap()], "*it");
    assert_eq!(&text[second.anchor.clone().unwrap()], "hello");
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_not_shift_places() {
    let text = "\u{feff}first: 1\r\nsecond: ü\r\n";
    let tree = parse(text, &mut Report::new(text)).unwrap();
    let entry = tree.entry("second").unwrap();
    assert_eq!(&text[entry.key_span.clone().unwrap()], "second");
    assert_eq!(&text[entry.value.span.clone().unwrap()], "ü");
    let first = tree.entry("first").unwrap().key_span.clone().unwrap();
    assert_eq!(&text[first.clone()], "first");
    assert_eq!(crate::report::position(text, first.start), (1, 1));
}

#[test]
fn a_duplicate_key_is_shown_in_both_places() {
    let text = "a: 1\nb: 2\na: 3\n";
    let mut report = Report::new(text);
    assert_eq!(parse(text, &mut report).unwrap().to_json(), json!({"a": 3, "b": 2}));
    let problems = report.into_problems().0;
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].line, problems[0].column), (3, 1));
    assert_eq!(problems[0].related, [(0..1, "first here".to_owned())]);
}

#[test]
fn a_tab_is_named_and_shown() {
    let (rule, marked, message) = problem("a:\n\tb: 1\n");
    assert_eq!((rule.as_str(), marked.as_str()), ("yaml-tab", "\t"));
    assert_eq!(message, "a tab stands where indentation belongs");
}

#[test]
fn what_is_no_configuration_is_named() {
    assert_eq!(problem("a: !Ref b\n").0, "yaml-tag");
    assert_eq!(problem("a: 1\n---\nb: 2\n").0, "yaml-several-documents");
    assert_eq!(problem("a: *b\n").0, "yaml-unknown-anchor");
    assert_eq!(problem("a: .nan\n").0, "yaml-not-finite");
    assert_eq!(problem("? [a]\n: 1\n").0, "yaml-syntax");
}

#[test]
fn comments_may_be_many() {
    let text = format!("a: 1\n{}b: 2\n", "# a comment\n".repeat(1_000));
    assert_eq!(value(&text), json!({"a": 1, "b": 2}));
}

#[test]
fn what_is_written_reads_back_the_same() {
    for text in
        ["012345678901", "no", "1_000", "1.20", "true", "", "a: b", "- x", "#", "*", "ü", "two\nlines"]
    {
        let line = format!("key: {}\n", super::scalar(&json!(text)));
        assert_eq!(value(&line), json!({"key": text}), "{line}");
    }
}
