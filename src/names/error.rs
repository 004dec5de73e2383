//! What is said when a text is not a name: the kind, what was found, what is allowed, what to write.

use std::fmt;

/// A text that breaks the rule of its kind.
///
/// Displays as one lowercase line, for example
/// ``"`1234` is not an AWS account number: it has 4 characters, allowed are exactly 12 digits"``.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not {kind}: {fault}, {allowed}", Excerpt(found))]
pub struct NameError {
    kind: &'static str,
    found: String,
    fault: String,
    allowed: String,
    help: Option<String>,
}

impl NameError {
    pub(crate) fn new(kind: &'static str, found: &str, fault: String, allowed: impl Into<String>) -> Self {
        Self { kind, found: found.to_owned(), fault, allowed: allowed.into(), help: None }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What the text should have been, with its article: `an AWS account number`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The text as it was given, whole.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What is wrong with it: `it has 4 characters`.
    pub fn fault(&self) -> &str {
        &self.fault
    }

    /// What would be right: `allowed are exactly 12 digits`.
    pub fn allowed(&self) -> &str {
        &self.allowed
    }

    /// A sentence that says what to write instead, where there is a likely answer.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

/// A text as far as a message has room for it, without control characters.
struct Excerpt<'a>(&'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ROOM: usize = 80;
        for c in self.0.chars().take(ROOM) {
            write!(f, "{}", if c.is_control() { '\u{fffd}' } else { c })?;
        }
        if self.0.chars().nth(ROOM).is_some() { f.write_str("…") } else { Ok(()) }
    }
}
