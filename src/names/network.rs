//! Ids of network parts, and domain names.

use crate::word::{Rule, alphanumeric, alphanumeric_or_hyphen, lower_or_digit, word};

word! {
    /// The id of a VPC.
    VpcId, r"^vpc-([0-9a-f]{8}|[0-9a-f]{17})$", Rule {
        kind: "a VPC id",
        allowed: "`vpc-` and 8 or 17 hexadecimal digits",
        min: 12, max: 21, first: lower_or_digit, inner: alphanumeric_or_hyphen, last: alphanumeric,
        also: |text| hexadecimal_after(text, "vpc-"),
    }
}

word! {
    /// The id of a subnet.
    SubnetId, r"^subnet-([0-9a-f]{8}|[0-9a-f]{17})$", Rule {
        kind: "a subnet id",
        allowed: "`subnet-` and 8 or 17 hexadecimal digits",
        min: 15, max: 24, first: lower_or_digit, inner: alphanumeric_or_hyphen, last: alphanumeric,
        also: |text| hexadecimal_after(text, "subnet-"),
    }
}

word! {
    /// The id of a security group.
    SecurityGroupId, r"^sg-([0-9a-f]{8}|[0-9a-f]{17})$", Rule {
        kind: "a security group id",
        allowed: "`sg-` and 8 or 17 hexadecimal digits",
        min: 11, max: 20, first: lower_or_digit, inner: alphanumeric_or_hyphen, last: alphanumeric,
        also: |text| hexadecimal_after(text, "sg-"),
    }
}

fn hexadecimal_after(text: &str, prefix: &str) -> Option<&'static str> {
    let Some(digits) = text.strip_prefix(prefix) else {
        return Some("it starts otherwise");
    };
    if !digits.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)) {
        return Some("what follows the prefix is not hexadecimal in lower case");
    }
    (!matches!(digits.len(), 8 | 17)).then_some("it has neither 8 nor 17 digits")
}

word! {
    /// A host or domain name, without scheme, port or path.
    DomainName, r"^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$",
    Rule {
        kind: "a domain name",
        allowed: "up to 253 letters, digits, hyphens and dots, such as `lisa.example.com`, without `https://`",
        min: 3, max: 253, first: alphanumeric, inner: domain_character, last: alphanumeric,
        also: bad_labels,
    }
}

fn domain_character(c: char) -> bool {
    alphanumeric_or_hyphen(c) || c == '.'
}

fn bad_labels(text: &str) -> Option<&'static str> {
    if !text.contains('.') {
        return Some("it has no dot");
    }
    text.split('.').find_map(|label| {
        if label.is_empty() {
            Some("it has two dots in a row")
        } else if label.len() > 63 {
            Some("one of its labels has more than 63 characters")
        } else if label.starts_with('-') || label.ends_with('-') {
            Some("one of its labels begins or ends with a hyphen")
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_say_what_is_wrong_with_them() {
        let fault = |text| SubnetId::new(text).unwrap_err().fault().to_owned();
        assert_eq!(fault("vpc-0123456789abcdef0"), "it starts otherwise");
        assert_eq!(fault("subnet-0123456789"), "it has neither 8 nor 17 digits");
        assert_eq!(fault("subnet-0123456z"), "what follows the prefix is not hexadecimal in lower case");
        assert!(SubnetId::new("subnet-01234567").is_ok());
    }

    #[test]
    fn a_url_is_not_a_domain_name() {
        let error = DomainName::new("https://lisa.example.com").unwrap_err();
        assert_eq!(error.fault(), "character 6 is `:`");
        assert_eq!(DomainName::new("localhost").unwrap_err().fault(), "it has no dot");
        assert!(DomainName::new("lisa.example.com").is_ok());
    }
}
