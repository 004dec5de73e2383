//! JSON, and files with a JSON value on each line: a block for each entry of the outermost value, under its key.

use serde_json::Value;

use crate::document::Kind;
use crate::error::ExtractError;
use crate::format::Format;
use crate::table::Table;
use crate::writer::Writer;

/// Reads JSON.
pub(crate) fn read(text: &str, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        writer.budget.object()?;
        values.push(value.map_err(|error| ExtractError::broken(Format::Json, error.to_string()))?);
    }
    match <[Value; 1]>::try_from(values) {
        Ok([Value::Object(entries)]) => {
            for (key, value) in entries {
                writer.enter(1, &key)?;
                entry(Some(&key), &value, writer)?;
            }
            Ok(())
        }
        Ok([Value::Array(items)]) => list(&items, writer),
        Ok([value]) => entry(None, &value, writer),
        Err(values) => list(&values, writer),
    }
}

/// Objects that all have plain values only are rows of a table.
fn list(items: &[Value], writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    if let Some(table) = rows(items) {
        return table.write(writer);
    }
    for item in items {
        entry(None, item, writer)?;
    }
    Ok(())
}

fn rows(items: &[Value]) -> Option<Table> {
    let first = items.first()?.as_object().filter(|first| first.len() > 1 && items.len() > 1)?;
    let keys: Vec<&String> = first.keys().collect();
    let mut table = Table::default();
    table.row(keys.iter().map(|key| (*key).clone()).collect());
    for item in items {
        let item = item.as_object().filter(|item| item.len() == keys.len())?;
        let cells = keys.iter().map(|key| item.get(*key).and_then(plain));
        table.row(cells.collect::<Option<Vec<_>>>()?);
    }
    Some(table)
}

/// A value that has no others in it.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn entry(key: Option<&str>, value: &Value, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let name = key.map(|key| format!("{key}: ")).unwrap_or_default();
    match (value, plain(value)) {
        (Value::String(text), _) if text.contains('\n') => {
            writer.block(Kind::Paragraph, &format!("{name}{text}"))
        }
        (_, Some(text)) => writer.block(Kind::Paragraph, &format!("{name}{text}")),
        (_, None) => {
            let text = serde_json::to_string_pretty(value)
                .map_err(|error| ExtractError::broken(Format::Json, error.to_string()))?;
            writer.block(Kind::Code, &format!("{name}{text}"))
        }
    }
}
