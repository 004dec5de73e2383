//! The normal form of a policy document: lists where one text may stand, in an order that IAM does not read.

use serde_json::{Map, Value, json};

/// Whether an object is a policy document.
pub(super) fn is_document(object: &Map<String, Value>) -> bool {
    let is_statement = |value: &Value| value.get("Effect").is_some() || value.get("Fn::If").is_some();
    match object.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().all(is_statement),
        Some(statement) => is_statement(statement),
        None => false,
    }
}

/// The document in normal form. Its values are free of two spellings of one intrinsic already.
pub(super) fn normal(mut document: Map<String, Value>) -> Value {
    if let Some(found) = document.get_mut("Statement") {
        let mut statements = list(found.take());
        statements = statements.into_iter().map(statement).collect();
        sort(&mut statements);
        *found = Value::Array(statements);
    }
    Value::Object(document)
}

fn statement(value: Value) -> Value {
    let Value::Object(object) = value else { return value };
    let members = object.into_iter().map(|(name, value)| {
        let value = match name.as_str() {
            "Action" | "NotAction" | "Resource" | "NotResource" => set(value),
            "Principal" | "NotPrincipal" => principals(value),
            "Condition" => conditions(value),
            _ => value,
        };
        (name, value)
    });
    Value::Object(members.collect())
}

/// One or many as a sorted list.
fn set(value: Value) -> Value {
    let mut items = list(value);
    sort(&mut items);
    items.dedup();
    Value::Array(items)
}

fn principals(value: Value) -> Value {
    match value {
        // Both spellings mean anyone.
        Value::String(text) if text == "*" => json!({ "AWS": ["*"] }),
        Value::Object(classes) if !classes.contains_key("Fn::If") => {
            Value::Object(classes.into_iter().map(|(class, of)| (class, set(of))).collect())
        }
        other => other,
    }
}

fn conditions(value: Value) -> Value {
    let Value::Object(operators) = value else { return value };
    let operators = operators.into_iter().map(|(operator, keys)| match keys {
        Value::Object(keys) if !operator.starts_with("Fn::") => {
            let keys = keys.into_iter().map(|(key, values)| (key, texts(values)));
            (operator, Value::Object(keys.collect()))
        }
        other => (operator, other),
    });
    Value::Object(operators.collect())
}

/// A condition's values: IAM reads them as texts, whatever they are.
fn texts(values: Value) -> Value {
    let text = |value: Value| match value {
        Value::Bool(bool) => Value::String(bool.to_string()),
        Value::Number(number) => Value::String(number.to_string()),
        other => other,
    };
    set(Value::Array(list(values).into_iter().map(text).collect()))
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        one => vec![one],
    }
}

fn sort(values: &mut [Value]) {
    values.sort_by_cached_key(Value::to_string);
}
