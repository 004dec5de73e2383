//! What is wrong with a config file: one problem, and all of them together.

use serde::Serialize;
use std::fmt;
use std::ops::Range;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file is accepted.
    Warning,
    /// The file is refused.
    Error,
}

/// One thing that is wrong with a config file, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The rule that is broken: a key of [`crate::rules::ALL`].
    pub rule: &'static str,
    /// Whether the file is refused for it.
    pub severity: Severity,
    /// What is wrong: a lowercase fragment without full stop.
    pub message: String,
    /// The key it is about, such as `restApiConfig.autoScalingConfig.minCapacity`. Empty for the whole file.
    pub path: String,
    /// The text it is about, as bytes of the file. `None` when it comes from outside the file.
    pub span: Option<Range<usize>>,
    /// Line of the text's start, from 1. 0 without a span.
    pub line: usize,
    /// Column of the text's start in characters, from 1. 0 without a span.
    pub column: usize,
    /// A word or two to stand under the text.
    pub label: String,
    /// What to write instead, as a sentence.
    pub help: Option<String>,
    /// Other texts that have to do with it, each with what it is.
    pub related: Vec<(Range<usize>, String)>,
}

/// Everything that is wrong with a config file, in the order of the file; at least one is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(transparent)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// How many of the problems are errors.
    pub fn errors(&self) -> usize {
        self.0.iter().filter(|problem| problem.severity == Severity::Error).count()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        write!(f, "{}", self.message)
    }
}
