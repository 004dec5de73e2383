//! The name of a state: a type, so that a transition cannot be given any other text.

use std::borrow::Cow;
use std::fmt;

/// The name of a state, unique in its machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateName(Cow<'static, str>);

impl StateName {
    /// The most characters that the States Language allows.
    pub const MAX_CHARS: usize = 80;

    /// A name known when the machine is written.
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name of a state that serves this one: `PollStack` and `Wait` make `PollStackWait`.
    pub fn with(&self, suffix: &str) -> Self {
        Self(Cow::Owned(format!("{self}{suffix}")))
    }

    /// The name as it stands in the States Language.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
