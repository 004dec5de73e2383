//! How a name is checked and what every name type can do: the rule of a word, and the macro that makes its type.

use crate::error::NameError;

/// Which characters may stand in one place of a word.
pub(crate) type Class = fn(char) -> bool;

/// The rule of one kind of word: a length, and the characters allowed first, between and last.
pub(crate) struct Rule {
    /// With its article, as in "`x` is not {kind}".
    pub(crate) kind: &'static str,
    /// Completes "allowed are ...".
    pub(crate) allowed: &'static str,
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) first: Class,
    pub(crate) inner: Class,
    pub(crate) last: Class,
    /// What the classes cannot say: the fault of a text whose characters are all allowed.
    pub(crate) also: fn(&str) -> Option<&'static str>,
}

impl Rule {
    /// Passes a text that keeps the rule.
    pub(crate) fn check(&self, text: &str) -> Result<(), NameError> {
        match self.fault(text) {
            None => Ok(()),
            Some(fault) => {
                Err(NameError::new(self.kind, text, fault, format!("allowed are {}", self.allowed)))
            }
        }
    }

    fn fault(&self, text: &str) -> Option<String> {
        let length = text.chars().count();
        if length == 0 {
            return Some("it is empty".to_owned());
        }
        if let Some((at, c)) = self.stranger(text, length) {
            return Some(match c {
                ' ' => format!("character {at} is a space"),
                c if c.is_control() => format!("character {at} is a control character"),
                c => format!("character {at} is `{c}`"),
            });
        }
        if length < self.min || length > self.max {
            return Some(format!("it has {length} {}", if length == 1 { "character" } else { "characters" }));
        }
        (self.also)(text).map(str::to_owned)
    }

    /// The first character that may not stand where it stands, counted from 1.
    fn stranger(&self, text: &str, length: usize) -> Option<(usize, char)> {
        text.chars().enumerate().map(|(index, c)| (index + 1, c)).find(|&(at, c)| {
            !(self.inner)(c) || (at == 1 && !(self.first)(c)) || (at == length && !(self.last)(c))
        })
    }
}

pub(crate) fn digit(c: char) -> bool {
    c.is_ascii_digit()
}

pub(crate) fn letter(c: char) -> bool {
    c.is_ascii_alphabetic()
}

pub(crate) fn alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

pub(crate) fn alphanumeric_or_hyphen(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

pub(crate) fn lower_or_digit(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

pub(crate) fn lower_digit_or_hyphen(c: char) -> bool {
    lower_or_digit(c) || c == '-'
}

pub(crate) fn nothing_more(_: &str) -> Option<&'static str> {
    None
}

/// Makes the type of a word from its documentation, its regular expression and its [`Rule`].
///
/// The expression is for JSON Schema and for readers; a test of each word holds it against the rule.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $pattern:literal, $rule:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The rule as a regular expression that ECMA-262 and Rust read alike.
            pub const PATTERN: &'static str = $pattern;

            /// Takes a text that keeps the rule of this kind of name.
            pub fn new(text: &str) -> Result<Self, $crate::error::NameError> {
                const RULE: $crate::word::Rule = $rule;
                RULE.check(text).map(|()| Self(text.to_owned()))
            }

            /// The text of the name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        $crate::word::text_impls!($name);
    };
}

/// What every type with `new` and `as_str` can do: be shown, be read as text, be parsed.
macro_rules! text_impls {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.as_str().to_owned()
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::error::NameError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::error::NameError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }
    };
}

pub(crate) use {text_impls, word};

#[cfg(test)]
mod tests;
