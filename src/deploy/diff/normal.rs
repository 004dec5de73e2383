//! The normal form of a property's value: what means the same is the same, and nothing else.

use lisa_cfn::{Kind, ObjectShape, ResourceShape};
use serde_json::{Map, Number, Value, json};

use super::intrinsic::{canonical, is_call};
use super::policy_text;

/// A resource's properties in normal form; an empty object where it has none.
pub(super) fn properties(shape: Option<&ResourceShape>, properties: Option<&Value>) -> Value {
    let Some(Value::Object(object)) = properties.and_then(canonical) else { return json!({}) };
    let Some(shape) = shape else { return Value::Object(object.into_iter().map(loosely).collect()) };
    let normal = object.into_iter().map(|(name, value)| {
        let value = typed(property(shape.properties, &name), value);
        let value = if shape.tags == Some(name.as_str()) { sorted_tags(value) } else { value };
        (name, value)
    });
    Value::Object(normal.collect())
}

/// A value that no shape describes.
pub(super) fn untyped(value: &Value) -> Option<Value> {
    canonical(value).map(|value| typed(None, value))
}

fn loosely((name, value): (String, Value)) -> (String, Value) {
    let value = typed(None, value);
    let value = if name == "Tags" { sorted_tags(value) } else { value };
    (name, value)
}

fn property<'a>(shape: &'a ObjectShape, name: &str) -> Option<&'a Kind> {
    let index = shape.properties.binary_search_by(|property| property.name.cmp(name)).ok()?;
    Some(&shape.properties[index].kind)
}

/// A value as its kind takes it: CloudFormation reads `"1"` as a number and `true` as text where the schema says so.
fn typed(kind: Option<&Kind>, value: Value) -> Value {
    if is_call(&value) {
        return value;
    }
    match (kind, value) {
        (_, Value::Object(object)) if policy_text::is_document(&object) => policy_text::normal(object),
        (Some(Kind::Boolean), Value::String(text)) if text == "true" || text == "false" => {
            Value::Bool(text == "true")
        }
        (Some(Kind::Integer { .. } | Kind::Number { .. }), Value::String(text)) => as_number(text),
        (Some(Kind::Text { .. }), Value::Bool(bool)) => bool.to_string().into(),
        (Some(Kind::Text { .. }), Value::Number(found)) => number(&found).to_string().into(),
        (_, Value::Number(found)) => Value::Number(number(&found)),
        (kind, Value::Array(items)) => {
            let item = if let Some(Kind::Array { item, .. }) = kind { Some(*item) } else { None };
            Value::Array(items.into_iter().map(|value| typed(item, value)).collect())
        }
        (kind, Value::Object(object)) => Value::Object(typed_members(kind, object)),
        (_, value) => value,
    }
}

fn typed_members(kind: Option<&Kind>, object: Map<String, Value>) -> Map<String, Value> {
    let member = |name: &str| match kind {
        Some(Kind::Object(shape)) => property(shape, name),
        Some(Kind::Map(kind)) => Some(*kind),
        _ => None,
    };
    object.into_iter().map(|(name, value)| (name.clone(), typed(member(&name), value))).collect()
}

fn as_number(text: String) -> Value {
    match text.parse::<Number>() {
        Ok(found) => Value::Number(number(&found)),
        Err(_) => Value::String(text),
    }
}

/// `1.0` as `1`.
fn number(found: &Number) -> Number {
    let whole = found.as_f64().filter(|float| found.is_f64() && float.fract() == 0.0 && float.abs() < 9e15);
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    whole.map_or_else(|| found.clone(), |float| Number::from(float as i64))
}

/// Tags by their keys: their order says nothing.
fn sorted_tags(value: Value) -> Value {
    match value {
        Value::Array(mut tags) => {
            tags.sort_by_cached_key(Value::to_string);
            Value::Array(tags)
        }
        other => other,
    }
}
