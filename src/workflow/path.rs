//! A place in the state that a workflow carries, such as `$.stack.complete`.

use std::fmt;

/// A reference path of the States Language: `$`, then field names with dots before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(&'static str);

impl Path {
    /// Where a caught error stands, as `{"Error": .., "Cause": ..}`: the shape that Step Functions gives
    /// it. The cause of an error that the function reported is itself JSON, with the sentence in
    /// `errorMessage`.
    pub const FAILURE: Self = Self("$.failure");
    /// Where an error of the failure path itself stands, beside the failure that led there.
    pub const SECOND_FAILURE: Self = Self("$.second_failure");
    /// Where what is left of each poll budget stands, by counter.
    pub const POLLS: Self = Self("$.polls");

    /// A path known when the machine is written.
    pub const fn new(path: &'static str) -> Self {
        Self(path)
    }

    /// The path as it stands in the States Language.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The names of the fields, outermost first.
    pub(crate) fn fields(self) -> impl Iterator<Item = &'static str> {
        self.0.split('.').skip(1)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
