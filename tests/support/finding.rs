//! What a linter found, in one shape for all of them.

use std::fmt;

use serde::Deserialize;

/// One complaint about one template.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The template file as it was passed to the linter.
    pub path: String,
    /// The linter's own id of the rule.
    pub rule: String,
    /// Logical id, if the complaint is about one resource.
    pub resource: Option<String>,
    /// The linter's words.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resource = self.resource.as_deref().unwrap_or("-");
        write!(formatter, "{} {resource} {}: {}", self.path, self.rule, self.message.trim())
    }
}

/// One run of a linter over many templates.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Report {
    /// How many resources it says it has looked at.
    pub resources: usize,
    /// How many distinct rules it has applied, or knows.
    pub rules: usize,
    /// What it found.
    pub findings: Vec<Finding>,
}

/// Findings as lines, for an assertion's message.
pub fn list<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let lines: Vec<String> = findings.into_iter().map(|finding| format!("  {finding}")).collect();
    lines.join("\n")
}
