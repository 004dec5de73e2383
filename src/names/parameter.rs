//! Names of SSM parameters.

use crate::word::{Rule, word};

word! {
    /// A parameter's name with its path, `/prod/prod/lisa/lisaServeRestApiUri`: how stacks tell each other ids.
    ///
    /// 1011 characters are what Systems Manager leaves of an ARN's 2048 for the name.
    ParameterName, r"^(/[A-Za-z0-9_.-]+){1,15}$", Rule {
        kind: "an SSM parameter name",
        allowed: "up to 15 parts of letters, digits and `_.-`, each after a `/`, not starting with `aws` or `ssm`",
        min: 2, max: 1011, first: |c| c == '/', inner: parameter_character, last: |c| c != '/',
        also: bad_parts,
    }
}

impl ParameterName {
    /// The parameter `key` under this one: `/prod/prod/lisa` and `roles/REST` give `/prod/prod/lisa/roles/REST`.
    pub fn join(&self, key: &str) -> Result<Self, crate::NameError> {
        Self::new(&format!("{self}/{key}"))
    }
}

fn parameter_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/_.-".contains(c)
}

fn bad_parts(text: &str) -> Option<&'static str> {
    let path = text.strip_prefix('/').unwrap_or(text);
    let first = path.get(..3).unwrap_or_default();
    if path.split('/').any(str::is_empty) {
        Some("it has two slashes in a row")
    } else if path.split('/').count() > 15 {
        Some("it has more than 15 parts")
    } else if first.eq_ignore_ascii_case("aws") || first.eq_ignore_ascii_case("ssm") {
        Some("it starts with a word that AWS keeps for itself")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_by_a_slash() {
        let prefix = ParameterName::new("/prod/prod/lisa").unwrap();
        assert_eq!(prefix.join("roles/REST").unwrap().as_str(), "/prod/prod/lisa/roles/REST");
        assert!(prefix.join("/roles").is_err());
        assert!(ParameterName::new("/aws/service").is_err());
    }
}
