//! Values as people read them: references by name, lists in brackets, no quotes where none are needed.

use serde_json::{Map, Value};

use super::intrinsic::call;

/// A value on one line: `${Bucket.Arn}`, `[a, b]`, `{Key: k, Value: v}`.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => one_line(text),
        Value::Array(items) => format!("[{}]", list(items)),
        Value::Object(object) => {
            call(object).map_or_else(|| members(object), |(name, argument)| function(name, argument))
        }
    }
}

fn one_line(text: &str) -> String {
    if text.is_empty() { "\"\"".to_owned() } else { text.replace('\n', "\\n") }
}

fn list(items: &[Value]) -> String {
    items.iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn members(object: &Map<String, Value>) -> String {
    let members = object.iter().map(|(name, value)| format!("{name}: {}", shown(value)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

fn function(name: &str, argument: &Value) -> String {
    match (name, argument) {
        ("Ref", Value::String(name)) => format!("${{{name}}}"),
        ("Fn::GetAtt", Value::Array(parts)) => {
            let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
            format!("${{{}}}", parts.join("."))
        }
        ("Fn::Sub", Value::String(text)) => one_line(text),
        (name, Value::Array(items)) => format!("{}({})", word(name), list(items)),
        (name, other) => format!("{}({})", word(name), shown(other)),
    }
}

/// `Fn::GetAZs` as `GetAZs`.
fn word(name: &str) -> &str {
    name.strip_prefix("Fn::").unwrap_or(name)
}

/// Two texts cut so that they fit and still show where they differ.
pub(super) fn excerpt(before: &str, after: &str, width: usize) -> (String, String) {
    let (before, after): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    let same = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let start = if before.len().max(after.len()) <= width { 0 } else { same.saturating_sub(width / 4) };
    (cut(&before, start, width), cut(&after, start, width))
}

/// At most `width` characters from `start`, with marks where something is left out.
fn cut(text: &[char], start: usize, width: usize) -> String {
    let start = start.min(text.len().saturating_sub(width));
    let end = text.len().min(start + width);
    let (open, close) = (if start > 0 { ".." } else { "" }, if end < text.len() { ".." } else { "" });
    format!("{open}{}{close}", text[start..end].iter().collect::<String>())
}
