//! A text, or a list of parts: how most protocols write what was said.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A text, or a list of parts.
///
/// Read by a visitor of its own, so that parts may keep values as they are written; an untagged enum reads twice and
/// loses that.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Text<T> {
    /// A text.
    One(String),
    /// Parts.
    Many(Vec<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = Text<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<T>, E> {
                Ok(Text::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Text<T>, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Text::Many)
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}

/// A value of JSON as it is written, so that neither the order of keys nor the digits of a number change.
pub type Raw = Box<serde_json::value::RawValue>;

/// A value of JSON in place of one that is missing or unreadable: an empty object.
pub fn empty_object() -> Raw {
    serde_json::value::RawValue::from_string("{}".to_owned()).unwrap_or_default()
}

/// Text as a raw value, where it is JSON.
pub fn raw(text: &str) -> Option<Raw> {
    serde_json::value::RawValue::from_string(text.to_owned()).ok()
}

/// Text as an object of JSON, as arguments of tools are written; models write nothing at all for a tool without any.
pub fn object(text: &str) -> Option<Raw> {
    if text.trim().is_empty() {
        return Some(empty_object());
    }
    raw(text).filter(|value| value.get().trim_start().starts_with('{'))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{Raw, Text, object};

    #[derive(Debug, Deserialize)]
    struct Part {
        value: Raw,
    }

    #[test]
    fn values_stay_as_they_are_written() {
        let text: Text<Part> = serde_json::from_str(r#"[{"value":{"z":1.10,"a":2}}]"#).unwrap();
        let Text::Many(parts) = text else { panic!("a list") };
        assert_eq!(parts[0].value.get(), r#"{"z":1.10,"a":2}"#);
        assert!(matches!(serde_json::from_str::<Text<Part>>("\"x\""), Ok(Text::One(text)) if text == "x"));
        assert!(serde_json::from_str::<Text<Part>>("7").is_err());
    }

    #[test]
    fn arguments_are_objects() {
        assert_eq!(object(" ").map(|value| value.get().to_owned()).as_deref(), Some("{}"));
        assert!(object("[1]").is_none() && object("{\"a\":").is_none() && object("{\"a\":1}").is_some());
    }
}
