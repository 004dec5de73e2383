//! What must hold of the front end whatever text it reads. One function per fuzz target; none may panic or take long.
//!
//! The fuzzer calls them with texts it makes, the tests with the texts that lie in the repository.

use lisa_api::models::CreateModelRequest;
use lisa_config::{Options, Overrides, Problem, Source, load};
use lisa_stacks::model::ModelSpec;
use serde_json::Value;

/// A `config.yaml`: it is accepted, or refused with at least one error.
pub fn config(text: &str) {
    for allow_unknown in [false, true] {
        match load(&source(text), &Overrides::default(), &Options { allow_unknown }) {
            Ok(loaded) => {
                let meaning = serde_json::to_value(&loaded.config).expect("a config can be written");
                for key in meaning.as_object().expect("a config is a mapping").keys() {
                    loaded.config.locate(key);
                }
                known(&loaded.warnings);
            }
            Err(problems) => {
                assert!(problems.errors() > 0, "refused without an error");
                known(&problems.0);
            }
        }
    }
}

/// A request for a model: it becomes a model's stack's settings, or is refused with a message.
pub fn model(text: &str) {
    let Ok(document) = lisa_config::document(&source(text)) else { return };
    match CreateModelRequest::parse(document.value()) {
        Ok(request) => match ModelSpec::from_request(&request) {
            Ok(spec) => assert!(spec.stack_name().starts_with("model-")),
            Err(errors) => assert!(!errors.to_string().is_empty(), "refused without a message"),
        },
        Err(errors) => {
            assert!(!errors.is_empty(), "refused without a reason");
            for error in errors {
                assert!(!error.message.is_empty(), "`{}` is refused without a message", error.path);
                document.locate(&error.path);
            }
        }
    }
}

/// Problems as `--output json` prints them: the same again when read, and each in a place that the text has.
pub fn problems(text: &str) {
    let found = match load(&source(text), &Overrides::default(), &Options::default()) {
        Ok(loaded) => loaded.warnings,
        Err(problems) => problems.0,
    };
    let printed = serde_json::to_string_pretty(&found).expect("problems can be written");
    let read: Value = serde_json::from_str(&printed).expect("what is printed is JSON");
    assert_eq!(read.as_array().map(Vec::len), Some(found.len()));
    for (problem, read) in found.iter().zip(read.as_array().into_iter().flatten()) {
        assert_eq!(read["message"], problem.message.as_str());
        assert_eq!(read["line"], problem.line);
        in_place(text, problem);
    }
}

fn source(text: &str) -> Source {
    Source { name: "config.yaml".to_owned(), text: text.to_owned() }
}

/// Every problem has a rule that is documented, and none is the program's own fault.
fn known(problems: &[Problem]) {
    for problem in problems {
        assert_ne!(problem.rule, "internal", "{problem:?}");
        assert!(lisa_config::rules::ALL.iter().any(|rule| rule.id == problem.rule), "{problem:?}");
        assert!(!problem.message.is_empty(), "{problem:?}");
    }
}

/// Spans cut no character in two, and line and column are those of the span's start.
fn in_place(text: &str, problem: &Problem) {
    for (span, _) in &problem.related {
        assert!(text.get(span.clone()).is_some(), "{problem:?} points outside the text");
    }
    let Some(span) = &problem.span else { return };
    assert!(text.get(span.clone()).is_some(), "{problem:?} is outside the text");
    let line = text[..span.start].matches('\n').count() + 1;
    assert_eq!(problem.line, line, "{problem:?} is in another line");
    assert!(problem.column > 0, "columns start at 1: {problem:?}");
}
