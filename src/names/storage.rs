//! Names of buckets and tables.

use crate::word::{Rule, lower_or_digit, nothing_more, word};

word! {
    /// A general-purpose S3 bucket's name.
    BucketName, r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", Rule {
        kind: "a bucket name",
        allowed: "3 to 63 lowercase letters, digits, dots and hyphens, from a letter or digit to a letter or digit",
        min: 3, max: 63, first: lower_or_digit, inner: bucket_character, last: lower_or_digit,
        also: reserved_bucket,
    }
}

fn bucket_character(c: char) -> bool {
    lower_or_digit(c) || matches!(c, '-' | '.')
}

/// The names that S3 refuses although their characters are right.
fn reserved_bucket(text: &str) -> Option<&'static str> {
    let prefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
    let suffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    if text.contains("..") {
        Some("it has two dots in a row")
    } else if text.parse::<std::net::Ipv4Addr>().is_ok() {
        Some("it is an IP address")
    } else if prefixes.iter().any(|prefix| text.starts_with(prefix)) {
        Some("it begins as a name that S3 keeps for itself")
    } else if suffixes.iter().any(|suffix| text.ends_with(suffix)) {
        Some("it ends as a name that S3 keeps for itself")
    } else {
        None
    }
}

word! {
    /// A DynamoDB table's name.
    TableName, r"^[A-Za-z0-9_.-]{3,255}$", Rule {
        kind: "a table name",
        allowed: "3 to 255 letters, digits, underscores, hyphens and dots",
        min: 3, max: 255, first: table_character, inner: table_character, last: table_character,
        also: nothing_more,
    }
}

fn table_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_s3_keeps_are_refused_with_the_reason() {
        let fault = |text| BucketName::new(text).unwrap_err().fault().to_owned();
        assert_eq!(fault("10.0.0.1"), "it is an IP address");
        assert_eq!(fault("my..models"), "it has two dots in a row");
        assert_eq!(fault("xn--models"), "it begins as a name that S3 keeps for itself");
        assert_eq!(fault("models--x-s3"), "it ends as a name that S3 keeps for itself");
        assert_eq!(fault("Models"), "character 1 is `M`");
    }
}
