//! What a write may ask of the item that it is about.

use std::cmp::Ordering;

use serde_json::Value;

use crate::table::Item;

/// What has to be true of the item that is there before a write, as DynamoDB judges it.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// There is one.
    Exists,
    /// There is none.
    Missing,
    /// It has the attribute.
    Has(String),
    /// It does not have the attribute, or there is no item.
    Lacks(String),
    /// The attribute is there and equal to the value.
    Equals(String, Value),
    /// The attribute is there, of the value's kind (text or number), and before it.
    Less(String, Value),
    /// The attribute is there, of the value's kind (text or number), and after it.
    More(String, Value),
    /// All of these hold.
    All(Vec<Condition>),
    /// One of these holds.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
}

impl Condition {
    /// That the attribute equals the value.
    pub fn equals(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Equals(name.into(), value.into())
    }

    /// That this holds and the other one too.
    pub fn and(self, other: Self) -> Self {
        Self::All(vec![self, other])
    }

    /// That this holds or the other one.
    pub fn or(self, other: Self) -> Self {
        Self::Any(vec![self, other])
    }

    /// Whether it holds of an item, or of there being none.
    pub fn holds(&self, item: Option<&Item>) -> bool {
        let field = |name: &String| item.and_then(|item| item.get(name));
        match self {
            Self::Exists => item.is_some(),
            Self::Missing => item.is_none(),
            Self::Has(name) => field(name).is_some(),
            Self::Lacks(name) => field(name).is_none(),
            Self::Equals(name, value) => field(name).is_some_and(|field| equal(field, value)),
            Self::Less(name, value) => compare(field(name), value) == Some(Ordering::Less),
            Self::More(name, value) => compare(field(name), value) == Some(Ordering::Greater),
            Self::All(all) => all.iter().all(|one| one.holds(item)),
            Self::Any(any) => any.iter().any(|one| one.holds(item)),
            Self::Not(one) => !one.holds(item),
        }
    }
}

/// Numbers are equal by value, everything else by form.
fn equal(left: &Value, right: &Value) -> bool {
    let (mut left, mut right) = (left.clone(), right.clone());
    let is_kept = crate::number::normalize(&mut left).is_ok() && crate::number::normalize(&mut right).is_ok();
    is_kept && left == right
}

fn compare(field: Option<&Value>, value: &Value) -> Option<Ordering> {
    match (field?, value) {
        (Value::String(field), Value::String(value)) => Some(field.as_bytes().cmp(value.as_bytes())),
        (Value::Number(field), Value::Number(value)) => match (field.as_i64(), value.as_i64()) {
            (Some(field), Some(value)) => Some(field.cmp(&value)),
            _ => field.as_f64()?.partial_cmp(&value.as_f64()?),
        },
        _ => None,
    }
}
