//! Names of IAM roles and policies.

use crate::word::{Rule, nothing_more, word};

word! {
    /// An IAM role's name, without path.
    RoleName, r"^[A-Za-z0-9_+=,.@-]{1,64}$", Rule {
        kind: "a role name",
        allowed: "1 to 64 letters, digits and `_+=,.@-`, without path or ARN",
        min: 1, max: 64, first: iam_character, inner: iam_character, last: iam_character, also: nothing_more,
    }
}

word! {
    /// An IAM policy's name, without path: a permissions boundary, for example.
    PolicyName, r"^[A-Za-z0-9_+=,.@-]{1,128}$", Rule {
        kind: "a policy name",
        allowed: "1 to 128 letters, digits and `_+=,.@-`, without path or ARN",
        min: 1, max: 128, first: iam_character, inner: iam_character, last: iam_character, also: nothing_more,
    }
}

fn iam_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)
}
