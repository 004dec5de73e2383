//! What a template says about one property: a literal, a reference, a parameter, or nothing.

use serde_json::Value;

/// One thing a property may turn out to be. A property under `Fn::If` has several.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaf<'a> {
    /// The value itself.
    Literal(&'a Value),
    /// An intrinsic whose result is another resource's attribute or a composed text: known to be there, not
    /// known as a value.
    Reference(&'a Value),
    /// The parameter of this name, which may hold anything.
    Parameter(&'a str),
    /// No property, or `AWS::NoValue`.
    Missing,
}

impl<'a> Leaf<'a> {
    /// `true`, or the text `true`, as CloudFormation takes either.
    pub(crate) fn is_true(self) -> bool {
        self.is_bool("true", true)
    }

    /// `false`, or the text `false`.
    pub(crate) fn is_false(self) -> bool {
        self.is_bool("false", false)
    }

    fn is_bool(self, word: &str, flag: bool) -> bool {
        match self {
            Self::Literal(Value::Bool(value)) => *value == flag,
            Self::Literal(Value::String(text)) => text.eq_ignore_ascii_case(word),
            _ => false,
        }
    }

    /// The literal text.
    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Self::Literal(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The literal number, which may be written as text.
    pub(crate) fn number(self) -> Option<i64> {
        match self {
            Self::Literal(Value::Number(number)) => number.as_i64(),
            Self::Literal(Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether something is there that is not empty. A parameter counts.
    pub(crate) fn is_present(self) -> bool {
        match self {
            Self::Literal(Value::Null) | Self::Missing => false,
            Self::Literal(Value::String(text)) => !text.is_empty(),
            Self::Literal(Value::Array(items)) => !items.is_empty(),
            Self::Literal(Value::Object(map)) => !map.is_empty(),
            Self::Literal(_) | Self::Reference(_) | Self::Parameter(_) => true,
        }
    }

    /// What is there, as the start of a sentence.
    pub(crate) fn describe(self) -> String {
        match self {
            Self::Literal(Value::Array(_) | Value::Object(_)) => "is not as it must be".to_owned(),
            Self::Literal(value) => match value.as_str() {
                Some(text) => format!("is `{text}`"),
                None => format!("is `{value}`"),
            },
            Self::Reference(_) => "is only known when deployed".to_owned(),
            Self::Parameter(name) => format!("is left to the parameter `{name}`"),
            Self::Missing => "is missing".to_owned(),
        }
    }
}

/// What a rule wants a property to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Want {
    /// `true`, written out.
    True,
    /// `false`, written out.
    False,
    /// `false` or nothing, where nothing means `false`.
    NotTrue,
    /// `true` or nothing, where nothing means `true`.
    NotFalse,
    /// Anything but nothing.
    Present,
    /// Nothing.
    Absent,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A number no smaller than this.
    AtLeast(i64),
    /// A number no greater than this, or nothing, where nothing means a smaller number.
    AtMost(i64),
}

impl Want {
    /// Whether the property is as wanted.
    pub(crate) fn holds(self, leaf: Leaf<'_>) -> bool {
        match self {
            Self::True => leaf.is_true(),
            Self::False => leaf.is_false(),
            Self::NotTrue => leaf.is_false() || matches!(leaf, Leaf::Missing),
            Self::NotFalse => leaf.is_true() || matches!(leaf, Leaf::Missing),
            Self::Present => leaf.is_present(),
            Self::Absent => !leaf.is_present(),
            Self::OneOf(words) => leaf.text().is_some_and(|text| words.contains(&text)),
            Self::AtLeast(least) => leaf.number().is_some_and(|number| number >= least),
            Self::AtMost(most) => match leaf {
                Leaf::Missing => true,
                _ => leaf.number().is_some_and(|number| number <= most),
            },
        }
    }

    /// What is wanted, as the end of a sentence.
    pub(crate) fn describe(self) -> String {
        match self {
            Self::True | Self::NotFalse => "must be `true`".to_owned(),
            Self::False | Self::NotTrue => "must be `false`".to_owned(),
            Self::Present => "must be set".to_owned(),
            Self::Absent => "must not be set".to_owned(),
            Self::OneOf([word]) => format!("must be `{word}`"),
            Self::OneOf(words) => format!("must be one of `{}`", words.join("`, `")),
            Self::AtLeast(least) => format!("must be {least} or more"),
            Self::AtMost(most) => format!("must be {most} or less"),
        }
    }

    /// What is there and what is wanted, in one line.
    pub(crate) fn message(self, leaf: Leaf<'_>) -> String {
        format!("{}, {}", leaf.describe(), self.describe())
    }
}
