//! Names of CloudFormation stacks.

use crate::word::{Rule, alphanumeric_or_hyphen, letter, nothing_more, word};

word! {
    /// A stack's name as CloudFormation takes it: unique in an account and region.
    StackName, r"^[A-Za-z][A-Za-z0-9-]{0,127}$", Rule {
        kind: "a stack name",
        allowed: "1 to 128 letters, digits and hyphens, starting with a letter",
        min: 1, max: 128, first: letter, inner: alphanumeric_or_hyphen, last: alphanumeric_or_hyphen,
        also: nothing_more,
    }
}
