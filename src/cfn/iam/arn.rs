//! ARNs that are right in every partition, region and account: `arn:${AWS::Partition}:...`.

use crate::value::Value;

/// Of a resource in this stack's region and account: `regional("dynamodb", "table/Sessions")`. The resource's text may
/// hold `${LogicalId}` and `*`.
pub fn regional(service: &str, resource: &str) -> Value<String> {
    Value::sub(format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"))
}

/// Of a resource in this stack's account that belongs to no region: `global("iam", "role/app-*")`.
pub fn global(service: &str, resource: &str) -> Value<String> {
    Value::sub(format!("arn:${{AWS::Partition}}:{service}::${{AWS::AccountId}}:{resource}"))
}

/// Of a resource in this stack's region that AWS owns: `aws_owned("bedrock", "foundation-model/*")`.
pub fn aws_owned(service: &str, resource: &str) -> Value<String> {
    Value::sub(format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}::{resource}"))
}

/// Of an AWS managed policy: `managed_policy("service-role/AWSLambdaVPCAccessExecutionRole")`.
pub fn managed_policy<R>(path: &str) -> Value<crate::Arn<R>> {
    Value::<String>::sub(format!("arn:${{AWS::Partition}}:iam::aws:policy/{path}")).as_arn()
}

/// Of a bucket. The name may be an intrinsic, such as a bucket's [`crate::Handle::reference`].
pub fn s3_bucket(name: impl Into<Value<String>>) -> Value<String> {
    extend("arn:${AWS::Partition}:s3:::", name.into(), "")
}

/// Of the objects of a bucket whose key matches: `s3_object("models", "llama/*")`.
pub fn s3_object(bucket: impl Into<Value<String>>, key: &str) -> Value<String> {
    extend("arn:${AWS::Partition}:s3:::", bucket.into(), &format!("/{key}"))
}

/// An ARN with something after it: `within(&table.arn(), "/index/*")`, `within(&bucket.arn(), "/*")`.
pub fn within(arn: impl Into<Value<String>>, suffix: &str) -> Value<String> {
    extend("", arn.into(), suffix)
}

/// Joins text around a value. A literal is put into the text; an intrinsic is substituted.
fn extend(before: &str, value: Value<String>, after: &str) -> Value<String> {
    let json = value.as_json();
    let inner = json.as_str().map(str::to_owned).or_else(|| substitution(json));
    match inner {
        Some(inner) if before.is_empty() && json.is_string() => (inner + after).into(),
        Some(inner) => Value::sub(format!("{before}{inner}{after}")),
        None => Value::sub_with(&format!("{before}${{Value}}{after}"), [("Value", value)]),
    }
}

/// `{"Ref": "X"}` as `${X}`, `{"Fn::GetAtt": ["X", "Arn"]}` as `${X.Arn}`, `{"Fn::Sub": "text"}` as its text.
fn substitution(json: &serde_json::Value) -> Option<String> {
    let object = json.as_object().filter(|object| object.len() == 1)?;
    if let Some(name) = object.get("Ref").and_then(serde_json::Value::as_str) {
        return Some(format!("${{{name}}}"));
    }
    if let Some(text) = object.get("Fn::Sub").and_then(serde_json::Value::as_str) {
        return Some(text.to_owned());
    }
    if let Some([resource, attribute]) = object.get("Fn::GetAtt")?.as_array().map(Vec::as_slice) {
        return Some(format!("${{{}.{}}}", resource.as_str()?, attribute.as_str()?));
    }
    None
}
