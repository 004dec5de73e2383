//! Intrinsic functions and pseudo parameters, typed by what they yield.

use serde_json::{Value as JsonValue, json};

use crate::value::{List, Value};

/// A condition of a template, made by [`crate::Template::condition`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition(pub(crate) String);

impl Condition {
    /// The condition's name in the template.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// The parameters that every stack has.
pub mod pseudo {
    use serde_json::json;

    use crate::value::Value;

    macro_rules! pseudo {
        ($($(#[$doc:meta])* $name:ident = $parameter:literal;)*) => { $(
            $(#[$doc])*
            pub fn $name() -> Value<String> {
                Value::from_json(json!({ "Ref": $parameter }))
            }
        )* };
    }
    pseudo! {
        /// The account's 12 digits.
        account_id = "AWS::AccountId";
        /// The partition (`aws`, `aws-us-gov`, ...).
        partition = "AWS::Partition";
        /// The region's name.
        region = "AWS::Region";
        /// The stack's ARN.
        stack_id = "AWS::StackId";
        /// The stack's name.
        stack_name = "AWS::StackName";
        /// The partition's DNS suffix (`amazonaws.com`, `c2s.ic.gov`, ...).
        url_suffix = "AWS::URLSuffix";
    }
}

impl<T> Value<T> {
    /// `Fn::If`: `then` where the condition holds, else `otherwise`.
    pub fn when(condition: &Condition, then: impl Into<Self>, otherwise: impl Into<Self>) -> Self {
        Self::from_json(
            json!({ "Fn::If": [condition.0, then.into().into_json(), otherwise.into().into_json()] }),
        )
    }

    /// `AWS::NoValue`: as if the property had not been set.
    pub fn none() -> Self {
        Self::from_json(json!({ "Ref": "AWS::NoValue" }))
    }
}

impl Value<String> {
    /// `Fn::Sub`: the template's text with `${LogicalId}`, `${LogicalId.Attribute}` and `${AWS::Region}` filled in.
    pub fn sub(text: impl Into<String>) -> Self {
        Self::from_json(json!({ "Fn::Sub": text.into() }))
    }

    /// `Fn::Sub` with values of its own for some of the `${Name}`s.
    pub fn sub_with<K: Into<String>>(
        text: &str,
        values: impl IntoIterator<Item = (K, Value<String>)>,
    ) -> Self {
        let values: JsonValue =
            values.into_iter().map(|(key, value)| (key.into(), value.into_json())).collect();
        Self::from_json(json!({ "Fn::Sub": [text, values] }))
    }

    /// `Fn::Join` of the parts with `delimiter` between them.
    pub fn join<I: Into<Value<String>>>(delimiter: &str, parts: impl IntoIterator<Item = I>) -> Self {
        let parts: Vec<JsonValue> = parts.into_iter().map(|part| part.into().into_json()).collect();
        Self::from_json(json!({ "Fn::Join": [delimiter, parts] }))
    }

    /// A secret's field, read by CloudFormation when it needs the value: it stands in no template, log or state.
    pub fn secret_field(secret_arn: impl Into<Value<String>>, field: &str) -> Self {
        let reference = "{{resolve:secretsmanager:${Secret}:SecretString:";
        Self::sub_with(&format!("{reference}{field}}}}}"), [("Secret", secret_arn.into())])
    }

    /// `Fn::Split` of this text at `delimiter`.
    pub fn split(&self, delimiter: &str) -> Value<List<String>> {
        Value::from_json(json!({ "Fn::Split": [delimiter, self.as_json()] }))
    }

    /// `Fn::Base64` of this text.
    pub fn base64(&self) -> Self {
        Self::from_json(json!({ "Fn::Base64": self.as_json() }))
    }
}

impl<T> Value<List<T>> {
    /// `Fn::Select`: the list's item at `index`, counted from 0.
    pub fn select(&self, index: usize) -> Value<T> {
        Value::from_json(json!({ "Fn::Select": [index, self.as_json()] }))
    }

    /// `Fn::Join` of the list's items with `delimiter` between them.
    pub fn joined(&self, delimiter: &str) -> Value<String> {
        Value::from_json(json!({ "Fn::Join": [delimiter, self.as_json()] }))
    }
}

impl Value<List<String>> {
    /// `Fn::GetAZs`: the availability zones of the stack's region.
    pub fn availability_zones() -> Self {
        Self::from_json(json!({ "Fn::GetAZs": { "Ref": "AWS::Region" } }))
    }
}

/// Whether a JSON value is an intrinsic: an object whose one key is `Ref`, `Condition` or starts with `Fn::`.
pub(crate) fn is_intrinsic(json: &JsonValue) -> bool {
    intrinsic_key(json).is_some()
}

/// The function's name (`Ref`, `Fn::Sub`, ...) and its argument, where `json` is an intrinsic.
pub(crate) fn intrinsic_key(json: &JsonValue) -> Option<(&str, &JsonValue)> {
    let object = json.as_object().filter(|object| object.len() == 1)?;
    let (key, argument) = object.iter().next()?;
    (key == "Ref" || key.starts_with("Fn::")).then_some((key.as_str(), argument))
}
