//! Who a statement is about: a service, an account, an ARN or anyone.

use std::collections::BTreeMap;

use serde_json::Value as JsonValue;

use crate::value::Value;

/// Who a statement of a resource's policy or of a role's trust is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    class: &'static str,
    value: JsonValue,
}

/// How CloudWatch Logs is named in key policies.
pub(crate) const LOGS: &str = "logs.${AWS::Region}.${AWS::URLSuffix}";

impl Principal {
    /// An AWS service, always `<service>.amazonaws.com`: IAM reads that name in every partition, and refuses the
    /// partition's own suffix for most services. [`crate::Template::check`] reports any other suffix.
    pub fn service(name: impl Into<Value<String>>) -> Self {
        Self { class: "Service", value: name.into().into_json() }
    }

    /// CloudWatch Logs in key policies: named with its region and, alone among services, with the partition's own
    /// suffix in China and the isolated partitions (`logs.cn-north-1.amazonaws.com.cn`).
    pub fn logs_in_region() -> Self {
        Self::service(Value::sub(LOGS))
    }

    /// This stack's account: whoever its IAM policies allow.
    pub fn account_root() -> Self {
        Self::arn(Value::sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root"))
    }

    /// A role, user or session by its ARN, or another account by its 12 digits.
    pub fn arn(arn: impl Into<Value<String>>) -> Self {
        Self { class: "AWS", value: arn.into().into_json() }
    }

    /// An identity provider by its ARN or host name (`sts:AssumeRoleWithWebIdentity`).
    pub fn federated(provider: impl Into<Value<String>>) -> Self {
        Self { class: "Federated", value: provider.into().into_json() }
    }

    /// Anyone, also without credentials. To allow anyone anything, a condition must narrow it.
    pub fn any() -> Self {
        Self { class: "*", value: "*".into() }
    }
}

/// The principals of one statement, as a policy writes them.
pub(super) fn to_json(principals: &[Principal]) -> JsonValue {
    // `{"AWS": "*"}` also means anyone; one spelling keeps documents comparable.
    if principals.iter().any(|principal| principal.class == "*") {
        return "*".into();
    }
    let mut classes: BTreeMap<&str, Vec<JsonValue>> = BTreeMap::new();
    for principal in principals {
        classes.entry(principal.class).or_default().push(principal.value.clone());
    }
    let one_or_many = |mut values: Vec<JsonValue>| {
        super::statement::sort_and_deduplicate(&mut values);
        if values.len() == 1 { values.remove(0) } else { JsonValue::Array(values) }
    };
    JsonValue::Object(classes.into_iter().map(|(class, of)| (class.to_owned(), one_or_many(of))).collect())
}
