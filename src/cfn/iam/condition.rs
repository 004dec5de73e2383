//! Conditions of a statement: operators that IAM knows, keys by constant, values that may be intrinsics.

use std::collections::BTreeMap;

use serde_json::Value as JsonValue;

use crate::value::Value;

/// The condition keys that policies here name most.
pub mod keys {
    /// The account of the resource on whose behalf a service calls.
    pub const SOURCE_ACCOUNT: &str = "aws:SourceAccount";
    /// The ARN of the resource on whose behalf a service calls.
    pub const SOURCE_ARN: &str = "aws:SourceArn";
    /// Whether the request came over TLS.
    pub const SECURE_TRANSPORT: &str = "aws:SecureTransport";
    /// The VPC that the request came from.
    pub const SOURCE_VPC: &str = "aws:SourceVpc";
    /// The VPC endpoint that the request came through.
    pub const SOURCE_VPCE: &str = "aws:SourceVpce";
    /// The ARN of the caller.
    pub const PRINCIPAL_ARN: &str = "aws:PrincipalArn";
    /// The account of the caller.
    pub const PRINCIPAL_ACCOUNT: &str = "aws:PrincipalAccount";
    /// Whether the caller is an AWS service.
    pub const PRINCIPAL_IS_AWS_SERVICE: &str = "aws:PrincipalIsAWSService";
    /// The account that owns the resource.
    pub const RESOURCE_ACCOUNT: &str = "aws:ResourceAccount";
    /// The region that is called.
    pub const REQUESTED_REGION: &str = "aws:RequestedRegion";
    /// The names of the tags in the request.
    pub const TAG_KEYS: &str = "aws:TagKeys";
    /// The service that a role is passed to.
    pub const PASSED_TO_SERVICE: &str = "iam:PassedToService";
    /// The service through which a key is used (`s3.us-east-1.amazonaws.com`).
    pub const KMS_VIA_SERVICE: &str = "kms:ViaService";
    /// The account that uses a key.
    pub const KMS_CALLER_ACCOUNT: &str = "kms:CallerAccount";
    /// Whether a grant is made for an AWS service.
    pub const KMS_GRANT_IS_FOR_AWS_RESOURCE: &str = "kms:GrantIsForAWSResource";
    /// The cluster that a container call concerns.
    pub const ECS_CLUSTER: &str = "ecs:cluster";
    /// The namespace of a metric.
    pub const CLOUDWATCH_NAMESPACE: &str = "cloudwatch:namespace";

    /// The resource's tag of this name.
    pub fn resource_tag(name: &str) -> String {
        format!("aws:ResourceTag/{name}")
    }

    /// The request's tag of this name.
    pub fn request_tag(name: &str) -> String {
        format!("aws:RequestTag/{name}")
    }
}

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// How a condition compares.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Operator { $( $(#[$doc])* $name ),* }

        impl Operator {
            /// Every operator.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As a policy writes it.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}
operators! {
    /// ARN pattern (the same as [`Operator::ArnLike`]).
    ArnEquals,
    /// ARN pattern.
    ArnLike,
    /// No ARN pattern matches (the same as [`Operator::ArnNotLike`]).
    ArnNotEquals,
    /// No ARN pattern matches.
    ArnNotLike,
    /// Bytes, in base64.
    BinaryEquals,
    /// `true` or `false`.
    Bool,
    /// The same instant.
    DateEquals,
    /// Later.
    DateGreaterThan,
    /// Later or the same.
    DateGreaterThanEquals,
    /// Earlier.
    DateLessThan,
    /// Earlier or the same.
    DateLessThanEquals,
    /// Another instant.
    DateNotEquals,
    /// In the CIDR block.
    IpAddress,
    /// Not in the CIDR block.
    NotIpAddress,
    /// Whether the key is absent.
    Null,
    /// The same number.
    NumericEquals,
    /// Greater.
    NumericGreaterThan,
    /// Greater or equal.
    NumericGreaterThanEquals,
    /// Less.
    NumericLessThan,
    /// Less or equal.
    NumericLessThanEquals,
    /// Another number.
    NumericNotEquals,
    /// The same text.
    StringEquals,
    /// The same text in any case.
    StringEqualsIgnoreCase,
    /// Text with `*` and `?`.
    StringLike,
    /// Other text.
    StringNotEquals,
    /// Other text in any case.
    StringNotEqualsIgnoreCase,
    /// Text that does not match.
    StringNotLike,
}

impl Operator {
    /// Whether `text` is an operator, with or without `ForAllValues:`, `ForAnyValue:` and `IfExists`.
    pub fn is_known(text: &str) -> bool {
        let bare =
            text.strip_prefix("ForAllValues:").or_else(|| text.strip_prefix("ForAnyValue:")).unwrap_or(text);
        // `Null` asks whether the key is there, so that it has no form for keys that may be absent.
        let bare = bare.strip_suffix("IfExists").filter(|bare| *bare != "Null").unwrap_or(bare);
        Self::ALL.iter().any(|operator| operator.text() == bare)
    }
}

/// One comparison: an operator, a key and the values of which one must fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    operator: String,
    key: String,
    values: Vec<JsonValue>,
}

macro_rules! shorthands {
    ($($(#[$doc:meta])* $name:ident = $operator:ident;)*) => { $(
        $(#[$doc])*
        pub fn $name(key: impl Into<String>, value: impl Into<Value<String>>) -> Self {
            Self::new(Operator::$operator, key, [value])
        }
    )* };
}

impl Condition {
    /// A comparison that any of the values satisfies (for the negated operators: that none of them may match).
    pub fn new<V: Into<Value<String>>>(
        operator: Operator,
        key: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(|value| value.into().into_json()).collect();
        Self { operator: operator.text().to_owned(), key: key.into(), values }
    }

    shorthands! {
        /// The same text.
        string_equals = StringEquals;
        /// Other text.
        string_not_equals = StringNotEquals;
        /// Text with `*` and `?`.
        string_like = StringLike;
        /// An ARN pattern.
        arn_like = ArnLike;
        /// An ARN.
        arn_equals = ArnEquals;
        /// A number that is less.
        numeric_less_than = NumericLessThan;
        /// A number that is greater.
        numeric_greater_than = NumericGreaterThan;
    }

    /// `true` or `false`.
    pub fn bool(key: impl Into<String>, value: bool) -> Self {
        Self::new(Operator::Bool, key, [if value { "true" } else { "false" }])
    }

    /// Whether the key is absent from the request.
    pub fn absent(key: impl Into<String>, value: bool) -> Self {
        Self::new(Operator::Null, key, [if value { "true" } else { "false" }])
    }

    /// The caller acts for a resource of this stack's account (`aws:SourceAccount`).
    pub fn source_account() -> Self {
        Self::string_equals(keys::SOURCE_ACCOUNT, crate::pseudo::account_id())
    }

    /// The caller acts for a resource whose ARN matches (`aws:SourceArn`).
    pub fn source_arn(pattern: impl Into<Value<String>>) -> Self {
        Self::arn_like(keys::SOURCE_ARN, pattern)
    }

    /// The role is passed to this service alone (`iam:PassedToService`), such as `ecs-tasks.amazonaws.com`.
    pub fn passed_to(service: &str) -> Self {
        Self::string_equals(keys::PASSED_TO_SERVICE, service)
    }

    /// Holds as well where the request does not have the key (`StringEqualsIfExists`).
    pub fn if_exists(mut self) -> Self {
        if self.operator != Operator::Null.text() && !self.operator.ends_with("IfExists") {
            self.operator.push_str("IfExists");
        }
        self
    }

    /// Holds where every value of the request's key fits (`ForAllValues:`); also where the request has none.
    pub fn for_all(mut self) -> Self {
        self.operator.insert_str(0, "ForAllValues:");
        self
    }

    /// Holds where at least one value of the request's key fits (`ForAnyValue:`).
    pub fn for_any(mut self) -> Self {
        self.operator.insert_str(0, "ForAnyValue:");
        self
    }
}

/// The conditions of one statement, as a policy writes them: all must hold.
pub(super) fn to_json(conditions: &[Condition]) -> JsonValue {
    let mut operators: BTreeMap<&str, BTreeMap<&str, Vec<JsonValue>>> = BTreeMap::new();
    for condition in conditions {
        let values = operators.entry(&condition.operator).or_default().entry(&condition.key).or_default();
        values.extend(condition.values.iter().cloned());
    }
    let keys = |keys: BTreeMap<&str, Vec<JsonValue>>| {
        let entries = keys.into_iter().map(|(key, mut values)| {
            super::statement::sort_and_deduplicate(&mut values);
            let value = if values.len() == 1 { values.remove(0) } else { JsonValue::Array(values) };
            (key.to_owned(), value)
        });
        JsonValue::Object(entries.collect())
    };
    JsonValue::Object(operators.into_iter().map(|(operator, of)| (operator.to_owned(), keys(of))).collect())
}
