//! JSON as DynamoDB writes it: every value under the name of its type.
//!
//! Sets and bytes are read, because people write items by hand as well, and never written.

use serde_json::{Value, json};

use crate::number;
use crate::table::Item;

/// An item's attributes.
pub(super) fn write_item(item: Item) -> Value {
    item.into_iter().map(|(name, value)| (name, write(value))).collect::<serde_json::Map<_, _>>().into()
}

/// A value.
pub(super) fn write(value: Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(truth) => json!({ "BOOL": truth }),
        Value::Number(number) => json!({ "N": number::written(&number) }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(values) => json!({ "L": values.into_iter().map(write).collect::<Vec<_>>() }),
        Value::Object(fields) => json!({ "M": write_item(fields) }),
    }
}

/// An item from its attributes.
pub(super) fn read_item(attributes: &Value) -> Result<Item, String> {
    let attributes = attributes.as_object().ok_or("it is no object")?;
    attributes.iter().map(|(name, value)| Ok((name.clone(), read(value)?))).collect()
}

fn read(attribute: &Value) -> Result<Value, String> {
    let typed = attribute.as_object().and_then(|attribute| attribute.iter().next());
    let (kind, value) = typed.ok_or("an attribute has no type")?;
    let number = |value: &Value| value.as_str().and_then(number::parse).map(Value::Number);
    match (kind.as_str(), value) {
        ("NULL", _) => Ok(Value::Null),
        ("BOOL" | "S" | "B", value) => Ok(value.clone()),
        ("N", value) => number(value).ok_or_else(|| format!("`{value}` is no number")),
        ("L", Value::Array(values)) => values.iter().map(read).collect(),
        ("SS" | "BS", Value::Array(values)) => Ok(values.clone().into()),
        ("NS", Value::Array(values)) => values
            .iter()
            .map(number)
            .collect::<Option<Value>>()
            .ok_or_else(|| "a set has no numbers".to_owned()),
        ("M", fields) => Ok(read_item(fields)?.into()),
        (kind, _) => Err(format!("the type `{kind}` is not known")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{read_item, write_item};

    #[test]
    fn what_is_written_is_read_again() {
        let item = json!({ "a": "x", "b": [1, -2.5, null, true, {}], "c": { "d": [], "e": "" } });
        let item = item.as_object().unwrap();
        assert_eq!(&read_item(&write_item(item.clone())).unwrap(), item);
    }

    #[test]
    fn what_others_write_is_read_as_well() {
        let item = json!({ "s": { "SS": ["a"] }, "n": { "NS": ["1"] }, "b": { "B": "AA==" } });
        let read = read_item(&item).unwrap();
        assert_eq!(serde_json::Value::Object(read), json!({ "s": ["a"], "n": [1], "b": "AA==" }));
        assert!(read_item(&json!({ "x": { "Q": 1 } })).unwrap_err().contains("`Q`"));
    }
}
