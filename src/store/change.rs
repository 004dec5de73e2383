//! What an update may do to an item.

use serde_json::{Number, Value};

use crate::table::Item;

/// A change of one attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Sets the attribute.
    Set(String, Value),
    /// Sets the attribute if it is not there.
    SetOnce(String, Value),
    /// Takes the attribute away.
    Remove(String),
    /// Adds to a number; one that is not there counts as 0.
    Add(String, i64),
    /// Adds to the end of a list; one that is not there counts as empty.
    Append(String, Vec<Value>),
}

impl Change {
    /// Sets the attribute.
    pub fn set(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Set(name.into(), value.into())
    }

    /// Sets the attribute, or takes it away where there is no value.
    pub fn set_or_remove(name: impl Into<String>, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => Self::Set(name.into(), value.into()),
            None => Self::Remove(name.into()),
        }
    }

    /// The attribute.
    pub fn name(&self) -> &str {
        match self {
            Self::Set(name, _)
            | Self::SetOnce(name, _)
            | Self::Remove(name)
            | Self::Add(name, _)
            | Self::Append(name, _) => name,
        }
    }

    /// Does it to an item; the error says why the item does not take it.
    pub(crate) fn apply(&self, item: &mut Item) -> Result<(), String> {
        match self {
            Self::Set(name, value) => {
                item.insert(name.clone(), value.clone());
            }
            Self::SetOnce(name, value) => {
                item.entry(name.as_str()).or_insert_with(|| value.clone());
            }
            Self::Remove(name) => {
                item.remove(name);
            }
            Self::Add(name, more) => {
                let sum = match item.get(name) {
                    None => Number::from(*more),
                    Some(Value::Number(number)) => add(number, *more)?,
                    Some(_) => return Err(format!("`{name}` is no number")),
                };
                item.insert(name.clone(), Value::Number(sum));
            }
            Self::Append(name, more) => {
                match item.entry(name.as_str()).or_insert_with(|| Vec::<Value>::new().into()) {
                    Value::Array(list) => list.extend(more.iter().cloned()),
                    _ => return Err(format!("`{name}` is no list")),
                }
            }
        }
        Ok(())
    }
}

fn add(number: &Number, more: i64) -> Result<Number, String> {
    if let Some(sum) = number.as_i64().and_then(|number| number.checked_add(more)) {
        return Ok(sum.into());
    }
    #[expect(clippy::cast_precision_loss, reason = "beyond 64 bits a number has no more digits than these")]
    let sum = number.as_f64().and_then(|number| Number::from_f64(number + more as f64));
    sum.ok_or_else(|| "the sum cannot be kept".to_owned())
}
