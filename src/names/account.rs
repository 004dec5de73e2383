//! AWS account numbers.

use crate::word::{Rule, digit, nothing_more, word};

word! {
    /// An AWS account number: twelve digits, kept as text because a leading zero counts.
    AccountId, r"^[0-9]{12}$", Rule {
        kind: "an AWS account number",
        allowed: "exactly 12 digits",
        min: 12, max: 12, first: digit, inner: digit, last: digit, also: nothing_more,
    }
}
