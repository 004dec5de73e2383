//! Every name's rule against its published expression, and that no text makes a constructor panic.

use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;

use crate::*;

/// A constructor, and the expression that is published for it.
type Kind = (&'static str, Regex, fn(&str) -> Result<String, NameError>);

macro_rules! kinds {
    ($($name:ident),* $(,)?) => {
        vec![$((stringify!($name), Regex::new($name::PATTERN).unwrap(), |text| $name::new(text).map(String::from)),)*]
    };
}

static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    kinds![
        AccountId,
        AppName,
        BucketName,
        DeploymentName,
        DomainName,
        ModelId,
        ParameterName,
        PolicyName,
        Region,
        RepositoryId,
        RoleName,
        SecurityGroupId,
        StackName,
        StageName,
        SubnetId,
        TableName,
        VpcId,
    ]
});

/// The kinds whose rule says more than an expression well can: reserved names, lengths of parts.
const STRICTER: &[&str] = &["BucketName", "DomainName", "ParameterName", "Region"];

fn holds_to_its_pattern(text: &str) {
    for (name, pattern, make) in KINDS.iter() {
        let matches = pattern.is_match(text);
        match make(text) {
            Ok(made) => {
                assert_eq!(made, text);
                assert!(matches, "{name} takes `{text}`, its pattern does not");
            }
            Err(error) => {
                assert!(!matches || STRICTER.contains(name), "{name}'s pattern takes `{text}`: {error}");
            }
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_constructor_panic(text in any::<String>()) {
        holds_to_its_pattern(&text);
        let _ = (Arn::new(&text), ImageRef::new(&text), InstanceType::new(&text), text.parse::<Partition>());
    }

    #[test]
    fn rules_and_patterns_agree_on_likely_texts(text in "[a-zA-Z0-9/:@._-]{0,70}") {
        holds_to_its_pattern(&text);
        let _ = (Arn::new(&text), ImageRef::new(&text));
    }

    #[test]
    fn rules_and_patterns_agree_on_ids(text in "(vpc|subnet|sg|arn)[:-][0-9a-g]{7,18}") {
        holds_to_its_pattern(&text);
    }
}

#[test]
fn rules_and_patterns_agree_at_the_edges() {
    for (letter, digit) in [("a", "1"), ("A", "0"), ("-", "."), ("/", "_")] {
        for length in [1, 2, 3, 11, 12, 13, 20, 21, 32, 33, 63, 64, 65, 128, 129, 253, 255, 256, 1011, 1012] {
            holds_to_its_pattern(&letter.repeat(length));
            holds_to_its_pattern(&digit.repeat(length));
            holds_to_its_pattern(&format!("a{}", digit.repeat(length)));
            holds_to_its_pattern(&format!("{}z", letter.repeat(length)));
        }
    }
}

#[test]
fn a_message_says_what_was_found_and_what_is_allowed() {
    let message = |result: Result<AccountId, NameError>| result.unwrap_err().to_string();
    assert_eq!(
        message(AccountId::new("1234")),
        "`1234` is not an AWS account number: it has 4 characters, allowed are exactly 12 digits"
    );
    assert_eq!(
        message(AccountId::new("12345678901x")),
        "`12345678901x` is not an AWS account number: character 12 is `x`, allowed are exactly 12 digits"
    );
    assert_eq!(
        message(AccountId::new("")),
        "`` is not an AWS account number: it is empty, allowed are exactly 12 digits"
    );
}

#[test]
fn names_are_read_from_and_written_as_json_strings() {
    let account: AccountId = serde_json::from_str("\"012345678901\"").unwrap();
    assert_eq!(serde_json::to_string(&account).unwrap(), "\"012345678901\"");
    assert!(serde_json::from_str::<AccountId>("\"12\"").is_err());
    let region: Region = serde_json::from_str("\"us-gov-west-1\"").unwrap();
    assert_eq!(region.partition(), Partition::AwsUsGov);
    let instance: InstanceType = serde_json::from_str("\"g5.xlarge\"").unwrap();
    assert_eq!(serde_json::to_string(&instance).unwrap(), "\"g5.xlarge\"");
}
