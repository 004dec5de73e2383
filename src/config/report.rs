//! Where problems are collected while a file is read: findings with byte spans become problems with lines.

use crate::problem::{Problem, Problems, Severity};
use crate::rules::Rule;
use std::ops::Range;

/// A problem before its place in lines and columns is known.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    rule: &'static Rule,
    severity: Severity,
    message: String,
    path: String,
    span: Option<Range<usize>>,
    label: String,
    help: Option<String>,
    related: Vec<(Range<usize>, String)>,
    outside: bool,
}

impl Finding {
    pub(crate) fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            message: message.into(),
            path: String::new(),
            span: None,
            label: String::new(),
            help: None,
            related: Vec::new(),
            outside: false,
        }
    }

    /// Makes it a warning, whatever its rule says.
    pub(crate) fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    pub(crate) fn path(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }

    /// The place; a place that is already known stays.
    pub(crate) fn span(self, span: Option<Range<usize>>) -> Self {
        Self { span: self.span.or(span), ..self }
    }

    /// Says that the value is not the file's when it has no place in it.
    pub(crate) fn outside(self, outside: bool) -> Self {
        Self { outside, ..self }
    }

    /// A clearer place than the one already known, if there is one.
    pub(crate) fn span_instead(self, span: Option<Range<usize>>) -> Self {
        Self { span: span.or(self.span), ..self }
    }

    pub(crate) fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    pub(crate) fn related(mut self, span: Option<Range<usize>>, label: &str) -> Self {
        self.related.extend(span.map(|span| (span, label.to_owned())));
        self
    }
}

const OUTSIDE: &str = "The value comes from an option or environment variable, not from the file.";

/// The problems found so far in one text.
pub(crate) struct Report<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, problems: Vec::new() }
    }

    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Adds a finding, unless its key has an error already: what follows from a mistake is no second mistake.
    pub(crate) fn add(&mut self, finding: Finding) {
        let known = |problem: &Problem| problem.severity == Severity::Error && problem.path == finding.path;
        if !finding.path.is_empty() && self.problems.iter().any(known) {
            return;
        }
        let span = finding.span.and_then(|span| tidy(self.text, span));
        let (line, column) = span.as_ref().map_or((0, 0), |span| position(self.text, span.start));
        let related = finding.related.into_iter();
        self.problems.push(Problem {
            rule: finding.rule.id,
            severity: finding.severity,
            message: finding.message,
            path: finding.path,
            span,
            line,
            column,
            label: if finding.label.is_empty() { "here".to_owned() } else { finding.label },
            help: finding.help.map(|help| if finding.outside { format!("{help} {OUTSIDE}") } else { help }),
            related: related.filter_map(|(span, label)| Some((tidy(self.text, span)?, label))).collect(),
        });
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// All problems in the order of the file; those without a place come first.
    pub(crate) fn into_problems(mut self) -> Problems {
        self.problems.sort_by_key(|problem| problem.span.as_ref().map(|span| (span.start, span.end)));
        Problems(self.problems)
    }
}

/// The span inside the text, on character boundaries, without the white space around what it marks. Blocks are
/// marked by no more than their start: there the rest of the line stands for them.
fn tidy(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let marked = text.get(span.start..span.end.min(text.len()))?;
    if !marked.is_empty() && marked.trim().is_empty() {
        return Some(span.start..span.start + marked.len());
    }
    let line = || text.get(span.start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let marked = if marked.is_empty() { line() } else { marked };
    let start = span.start + (marked.len() - marked.trim_start().len());
    Some(start..start + marked.trim().len())
}

/// Line and column of a byte, both from 1, columns in characters. A byte-order mark is no column.
pub(crate) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before[start..].chars().filter(|c| *c != '\u{feff}').count() + 1;
    (line, column)
}
