//! Fields of a `config.json`: the names that each quantity goes by, and what is too large to be true.

use serde_json::{Map, Value};

/// Why a `config.json` does not say what a model needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// It is no object.
    #[error("it is no JSON object")]
    NoObject,
    /// A field is missing.
    #[error("`{field}` is missing, which a model of the type `{model_type}` has")]
    Missing {
        /// The first of the names that the field goes by.
        field: &'static str,
        /// The model's type.
        model_type: String,
    },
    /// A field is not what it should be.
    #[error("`{field}` is `{value}`, and {expected}")]
    Wrong {
        /// The field.
        field: String,
        /// What it is.
        value: String,
        /// What it should be, as a sentence without its end.
        expected: String,
    },
}

/// A width is at most this; layers, heads and experts at most [`COUNT`]. The product of two widths and two counts, and a
/// few, still is a `u64` of bytes.
pub(super) const WIDTH: u64 = 1 << 18;

/// See [`WIDTH`].
pub(super) const COUNT: u64 = 1 << 10;

/// Words at most.
pub(super) const WORDS: u64 = 1 << 24;

/// Tokens of a sequence at most.
pub(super) const TOKENS: u64 = 1 << 32;

/// An object of the configuration.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value) -> Result<Self, ConfigError> {
        value.as_object().map(Self).ok_or(ConfigError::NoObject)
    }

    pub(super) fn object(self, name: &str) -> Option<Self> {
        self.0.get(name)?.as_object().map(Self)
    }

    pub(super) fn values(self) -> impl Iterator<Item = &'a Value> {
        self.0.values()
    }

    pub(super) fn model_type(self) -> &'a str {
        self.text("model_type").unwrap_or("unknown")
    }

    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    pub(super) fn flag(self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// A whole number from 0 to `most`, by the first of its names that is there; `null` is nothing.
    pub(super) fn number(self, names: &[&'static str], most: u64) -> Result<Option<u64>, ConfigError> {
        let Some((name, value)) = names.iter().find_map(|name| Some((*name, self.present(name)?))) else {
            return Ok(None);
        };
        let number = value.as_u64().filter(|number| *number <= most);
        number.map(Some).ok_or_else(|| wrong(name, value, &format!("should be a whole number up to {most}")))
    }

    /// As [`Self::number`], of a field that has to be there and is at least 1.
    pub(super) fn need(self, names: &[&'static str], most: u64) -> Result<u64, ConfigError> {
        match self.number(names, most)? {
            Some(0) => Err(wrong(names[0], &0.into(), "should be at least 1")),
            Some(number) => Ok(number),
            None => Err(ConfigError::Missing { field: names[0], model_type: self.model_type().to_owned() }),
        }
    }

    /// Thousandths of a number up to [`COUNT`], which need not be whole.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked before"
    )]
    pub(super) fn thousandths(self, name: &str) -> Option<u64> {
        let most = f64::from(u32::try_from(COUNT).ok()?);
        let number = self.0.get(name)?.as_f64().filter(|number| (0.0..=most).contains(number))?;
        Some((number * 1000.0).round() as u64)
    }

    fn present(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The words of a list.
    pub(super) fn list(self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }
}

pub(super) fn wrong(field: &str, value: &Value, expected: &str) -> ConfigError {
    ConfigError::Wrong { field: field.to_owned(), value: value.to_string(), expected: expected.to_owned() }
}
