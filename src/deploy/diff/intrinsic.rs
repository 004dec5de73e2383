//! Intrinsic functions brought into one spelling: `Fn::Join` and `Fn::Sub` of the same parts are the same text, a
//! substitution of one reference is that reference, and `AWS::NoValue` is nothing.

use serde_json::{Map, Value, json};

/// The value in its one spelling; `None` where it is `AWS::NoValue`.
pub(super) fn canonical(value: &Value) -> Option<Value> {
    match value {
        Value::Array(items) => Some(Value::Array(items.iter().filter_map(canonical).collect())),
        Value::Object(object) => match call(object) {
            Some((name, argument)) => function(name, argument),
            None => Some(Value::Object(members(object))),
        },
        _ => Some(value.clone()),
    }
}

fn members(object: &Map<String, Value>) -> Map<String, Value> {
    object.iter().filter_map(|(name, value)| Some((name.clone(), canonical(value)?))).collect()
}

/// The function that an object calls, with its argument: `{"Ref": "X"}`, `{"Fn::Sub": ..}`.
pub(super) fn call(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = object.iter().next().filter(|_| object.len() == 1)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

/// Whether a value is a call of a function, known only when it is deployed.
pub(super) fn is_call(value: &Value) -> bool {
    value.as_object().is_some_and(|object| call(object).is_some())
}

fn function(name: &str, argument: &Value) -> Option<Value> {
    if name == "Ref" && argument == "AWS::NoValue" {
        return None;
    }
    let argument = match argument {
        // A branch without a value is a branch all the same.
        Value::Array(parts) if name == "Fn::If" => {
            parts.iter().map(|part| canonical(part).unwrap_or_else(no_value)).collect()
        }
        other => canonical(other).unwrap_or(Value::Null),
    };
    let spelled = match name {
        "Fn::GetAtt" => attribute(&argument),
        "Fn::Sub" => substitution(&argument).map(|text| from_text(&text)),
        "Fn::Join" => joined(&argument).map(|text| from_text(&text)),
        "Fn::If" => same_either_way(&argument),
        _ => None,
    };
    Some(spelled.unwrap_or_else(|| json!({ name: argument })))
}

fn no_value() -> Value {
    json!({ "Ref": "AWS::NoValue" })
}

fn attribute(argument: &Value) -> Option<Value> {
    let (resource, attribute) = match argument {
        Value::String(text) => text.split_once('.').map(|(id, name)| (id.to_owned(), name.to_owned()))?,
        Value::Array(parts) => {
            let parts: Vec<&str> = parts.iter().map(Value::as_str).collect::<Option<_>>()?;
            let (id, rest) = parts.split_first()?;
            ((*id).to_owned(), rest.join("."))
        }
        _ => return None,
    };
    Some(json!({ "Fn::GetAtt": [resource, attribute] }))
}

/// A substitution as one text without names of its own, where each of these stands for a text or a reference.
fn substitution(argument: &Value) -> Option<String> {
    if let Value::String(text) = argument {
        return Some(text.clone());
    }
    let [Value::String(text), Value::Object(names)] = argument.as_array()?.as_slice() else { return None };
    let mut result = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => result.push_str(&escaped(&text)),
            Piece::Name(name) => match names.get(name) {
                Some(value) => result.push_str(&as_piece(value)?),
                None => result.extend(["${", name, "}"]),
            },
        }
    }
    Some(result)
}

fn joined(argument: &Value) -> Option<String> {
    let [Value::String(separator), Value::Array(items)] = argument.as_array()?.as_slice() else {
        return None;
    };
    let items: Vec<String> = items.iter().map(as_piece).collect::<Option<_>>()?;
    Some(items.join(&escaped(separator)))
}

/// A value as it stands within a substitution's text.
fn as_piece(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(escaped(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        Value::Object(object) => match call(object)? {
            ("Ref", Value::String(name)) => Some(format!("${{{name}}}")),
            ("Fn::GetAtt", Value::Array(parts)) => {
                let parts: Vec<&str> = parts.iter().map(Value::as_str).collect::<Option<_>>()?;
                Some(format!("${{{}}}", parts.join(".")))
            }
            ("Fn::Sub", Value::String(text)) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn escaped(text: &str) -> String {
    text.replace("${", "${!")
}

/// A substitution's text as a literal, a reference or a substitution.
fn from_text(text: &str) -> Value {
    let pieces = pieces(text);
    match pieces.as_slice() {
        [] => "".into(),
        [Piece::Text(text)] => text.as_str().into(),
        [Piece::Name(name)] => match name.split_once('.') {
            Some((resource, attribute)) => json!({ "Fn::GetAtt": [resource, attribute] }),
            None => json!({ "Ref": name }),
        },
        _ => json!({ "Fn::Sub": text }),
    }
}

fn same_either_way(argument: &Value) -> Option<Value> {
    match argument.as_array()?.as_slice() {
        [_, yes, no] if yes == no => Some(yes.clone()),
        _ => None,
    }
}

/// A part of a substitution's text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece<'a> {
    /// Text as it is meant, `${!X}` as `${X}`.
    Text(String),
    /// What stands between `${` and `}`.
    Name(&'a str),
}

/// The parts of a substitution's text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut result, mut literal, mut rest) = (Vec::new(), String::new(), text);
    while let Some(open) = rest.find("${") {
        let (before, after) = rest.split_at(open);
        literal.push_str(before);
        let Some(close) = after.find('}') else {
            rest = after;
            break;
        };
        let name = &after[2..close];
        if let Some(kept) = name.strip_prefix('!') {
            literal.extend(["${", kept, "}"]);
        } else {
            if !literal.is_empty() {
                result.push(Piece::Text(std::mem::take(&mut literal)));
            }
            result.push(Piece::Name(name.trim()));
        }
        rest = &after[close + 1..];
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        result.push(Piece::Text(literal));
    }
    result
}
