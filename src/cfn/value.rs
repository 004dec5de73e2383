//! A property's value: a literal of its type, or an intrinsic function that yields one at deploy time.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde_json::Value as JsonValue;

/// What a property takes: a literal `T`, or an intrinsic that yields a `T` when the stack is deployed.
///
/// The type is a promise to the compiler alone: underneath lies the JSON that goes into the template, so that the
/// generated resource types stay small. Literals enter by [`From`]; intrinsics by [`crate::Handle`],
/// [`crate::Parameter`] and the constructors in `intrinsic.rs`.
#[derive(Debug)]
pub struct Value<T> {
    json: JsonValue,
    carries: PhantomData<fn() -> T>,
}

impl<T> Clone for Value<T> {
    fn clone(&self) -> Self {
        Self::from_json(self.json.clone())
    }
}

impl<T> PartialEq for Value<T> {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl<T> Value<T> {
    pub(crate) const fn from_json(json: JsonValue) -> Self {
        Self { json, carries: PhantomData }
    }

    /// The value as it stands in the template.
    pub const fn as_json(&self) -> &JsonValue {
        &self.json
    }

    /// The value as it stands in the template.
    pub fn into_json(self) -> JsonValue {
        self.json
    }
}

/// A Rust type that can stand in a template as a literal.
pub trait Literal {
    /// The literal's JSON.
    fn into_json(self) -> JsonValue;
}

impl<T: Literal> From<T> for Value<T> {
    fn from(literal: T) -> Self {
        Self::from_json(literal.into_json())
    }
}

macro_rules! plain_literals {
    ($($type:ty),*) => { $(impl Literal for $type {
        fn into_json(self) -> JsonValue {
            JsonValue::from(self)
        }
    })* };
}
plain_literals!(String, bool, i64, f64);

impl From<&str> for Value<String> {
    fn from(text: &str) -> Self {
        Self::from_json(JsonValue::from(text))
    }
}

impl From<&String> for Value<String> {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

macro_rules! integers {
    ($($type:ty),*) => { $(
        impl From<$type> for Value<i64> {
            fn from(number: $type) -> Self {
                Self::from_json(JsonValue::from(number))
            }
        }
        impl From<$type> for Value<f64> {
            fn from(number: $type) -> Self {
                Self::from_json(JsonValue::from(number))
            }
        }
    )* };
}
integers!(i32, u8, u16, u32);

/// A property that holds several `T`, in order.
#[derive(Clone, Debug)]
pub struct List<T> {
    items: Vec<JsonValue>,
    carries: PhantomData<fn() -> T>,
}

impl<T> Literal for List<T> {
    fn into_json(self) -> JsonValue {
        JsonValue::Array(self.items)
    }
}

impl<T, I: Into<Value<T>>> FromIterator<I> for List<T> {
    fn from_iter<A: IntoIterator<Item = I>>(items: A) -> Self {
        Self { items: items.into_iter().map(|item| item.into().json).collect(), carries: PhantomData }
    }
}

impl<T, I: Into<Value<T>>> From<Vec<I>> for Value<List<T>> {
    fn from(items: Vec<I>) -> Self {
        Self::from(items.into_iter().collect::<List<T>>())
    }
}

impl<T, I: Into<Value<T>>, const N: usize> From<[I; N]> for Value<List<T>> {
    fn from(items: [I; N]) -> Self {
        Self::from(items.into_iter().collect::<List<T>>())
    }
}

/// A property that holds `T` by name, such as a function's environment variables.
#[derive(Clone, Debug)]
pub struct Map<T> {
    entries: BTreeMap<String, JsonValue>,
    carries: PhantomData<fn() -> T>,
}

impl<T> Literal for Map<T> {
    fn into_json(self) -> JsonValue {
        JsonValue::Object(self.entries.into_iter().collect())
    }
}

impl<K: Into<String>, T, I: Into<Value<T>>> FromIterator<(K, I)> for Map<T> {
    fn from_iter<A: IntoIterator<Item = (K, I)>>(entries: A) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value.into().json)).collect();
        Self { entries, carries: PhantomData }
    }
}

#[cfg(test)]
mod tests;
