//! Texts as templates compose them, brought into the one form of `Fn::Sub`.

use serde_json::Value;

use crate::walk::intrinsic;

/// More combinations of `Fn::If` branches than this in one text are not told apart.
const MOST_VARIANTS: usize = 16;

/// Every text that the value may become, with `${Id}` and `${Id.Attribute}` for references, `${?}` for what
/// cannot be known, and one text per element of a list. Both branches of `Fn::If` are there; `AWS::NoValue` is
/// not.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Null => Vec::new(),
        Value::Object(_) => match intrinsic(value) {
            Some((name, argument)) => composed(name, argument),
            None => Vec::new(),
        },
    }
}

fn composed(name: &str, argument: &Value) -> Vec<String> {
    match (name, argument) {
        ("Ref", Value::String(id)) if id == "AWS::NoValue" => Vec::new(),
        ("Ref", Value::String(id)) => vec![format!("${{{id}}}")],
        ("Fn::GetAtt", Value::String(path)) => vec![format!("${{{path}}}")],
        ("Fn::GetAtt", Value::Array(parts)) => {
            let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
            vec![format!("${{{}}}", parts.join("."))]
        }
        ("Fn::Sub", Value::String(text)) => vec![text.clone()],
        ("Fn::Sub", Value::Array(parts)) => substituted(parts),
        ("Fn::If", Value::Array(parts)) => parts.iter().skip(1).flat_map(texts).collect(),
        ("Fn::Join", Value::Array(parts)) => joined(parts),
        _ => vec!["${?}".to_owned()],
    }
}

fn substituted(parts: &[Value]) -> Vec<String> {
    let [Value::String(text), Value::Object(names)] = parts else {
        return vec!["${?}".to_owned()];
    };
    let mut variants = vec![text.clone()];
    for (name, value) in names {
        let marker = format!("${{{name}}}");
        variants = product(&variants, &texts(value), |text, value| text.replace(&marker, value));
    }
    variants
}

fn joined(parts: &[Value]) -> Vec<String> {
    let [Value::String(delimiter), Value::Array(items)] = parts else {
        return vec!["${?}".to_owned()];
    };
    let mut variants = vec![String::new()];
    for (index, item) in items.iter().enumerate() {
        let delimiter = if index == 0 { "" } else { delimiter };
        variants = product(&variants, &texts(item), |text, item| format!("{text}{delimiter}{item}"));
    }
    variants
}

fn product(left: &[String], right: &[String], combine: impl Fn(&str, &str) -> String) -> Vec<String> {
    let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
    pairs.take(MOST_VARIANTS).map(|(a, b)| combine(a, b)).collect()
}

/// The names between `${` and `}` in a text, as `(Id, Attribute)`; literals such as `${!x}` are not names.
pub(crate) fn names(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    text.split("${").skip(1).filter_map(|rest| {
        let name = rest.split('}').next()?;
        if name.starts_with(['!', '?']) || name.starts_with("AWS::") {
            return None;
        }
        Some(name.split_once('.').map_or((name, None), |(id, attribute)| (id, Some(attribute))))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{names, texts};

    #[test]
    fn one_form_for_all() {
        let arn = "arn:${AWS::Partition}:s3:::${Bucket}/*";
        for value in [
            json!({"Fn::Sub": arn}),
            json!({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Bucket"}, "/*"]]}),
            json!({"Fn::Sub": ["arn:${AWS::Partition}:s3:::${Name}/*", {"Name": {"Ref": "Bucket"}}]}),
        ] {
            assert_eq!(texts(&value), [arn]);
        }
        assert_eq!(texts(&json!({"Fn::GetAtt": ["A", "Arn"]})), ["${A.Arn}"]);
        assert_eq!(texts(&json!({"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]})), ["a"]);
        assert_eq!(texts(&json!({"Fn::Join": ["-", ["x", {"Fn::If": ["C", "a", "b"]}]]})), ["x-a", "x-b"]);
        assert_eq!(texts(&json!({"Fn::ImportValue": "x"})), ["${?}"]);
    }

    #[test]
    fn names_in_a_text() {
        let found: Vec<_> = names("${AWS::Region}-${A}-${B.Arn}-${!C}-${?}").collect();
        assert_eq!(found, [("A", None), ("B", Some("Arn"))]);
    }
}
