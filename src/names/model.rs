//! Ids that administrators give: of a model, and of a RAG repository.

use crate::word::{
    Rule, alphanumeric, alphanumeric_or_hyphen, lower_digit_or_hyphen, lower_or_digit, nothing_more, word,
};

word! {
    /// A model's id: what clients put into `model`, the key of its row, and a part of its stack's name.
    ///
    /// The web page of upstream has this rule, its API only asks for one character. CloudFormation refuses
    /// anything else in a stack's name, and a `/` would not survive the route `/models/{id}`.
    ModelId, r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$", Rule {
        kind: "a model id",
        allowed: "1 to 63 letters, digits and hyphens, neither first nor last a hyphen",
        min: 1, max: 63, first: alphanumeric, inner: alphanumeric_or_hyphen, last: alphanumeric,
        also: nothing_more,
    }
}

impl ModelId {
    /// The id without its hyphens, as upstream uses it in names of clusters, roles and parameters.
    pub fn identifier(&self) -> String {
        self.as_str().chars().filter(char::is_ascii_alphanumeric).collect()
    }
}

word! {
    /// A RAG repository's id: the key of its row, and a part of its store's name (`lisa-rag-<id>` is an
    /// OpenSearch domain, whose 28 characters leave 20).
    RepositoryId, r"^[a-z0-9][a-z0-9-]{1,18}[a-z0-9]$", Rule {
        kind: "a repository id",
        allowed: "3 to 20 lowercase letters, digits and hyphens, neither first nor last a hyphen",
        min: 3, max: 20, first: lower_or_digit, inner: lower_digit_or_hyphen, last: lower_or_digit,
        also: nothing_more,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_keeps_letters_and_digits() {
        let id = ModelId::new("mistral-7b-vllm").unwrap();
        assert_eq!(id.identifier(), "mistral7bvllm");
    }
}
