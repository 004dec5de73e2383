//! Who may not do what, read from the words in which AWS refuses.

/// A refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Denied<'a> {
    /// The principal's ARN.
    pub principal: Option<&'a str>,
    /// The IAM action, such as `iam:CreateRole`.
    pub action: Option<&'a str>,
    /// The resource's ARN.
    pub resource: Option<&'a str>,
}

impl<'a> Denied<'a> {
    /// What `reason` tells of a refusal.
    pub(super) fn of(reason: &'a str) -> Self {
        let word = |label: &str| {
            let rest = &reason[reason.find(label)? + label.len()..];
            let word = rest.split_whitespace().next()?.trim_end_matches(['.', ',', ';']);
            Some(word).filter(|word| word.contains(':'))
        };
        Self {
            principal: word("User: "),
            action: word("perform: ").or_else(|| word("API: ")),
            resource: word("on resource: "),
        }
    }
}
