//! What every generated resource file uses: the property map, the shapes and three macros for what repeats.

pub(crate) use crate::handle::Handle;
pub(crate) use crate::json::Json;
pub(crate) use crate::properties::{Properties, Resource};
pub(crate) use crate::shape::{Kind, ObjectShape, Property, ResourceShape, Update};
pub(crate) use crate::value::{List, Literal, Map, Value};
pub(crate) use crate::{Tag, choices, property, resource};

/// Text without bounds.
pub(crate) const TEXT: Kind = Kind::Text { min: None, max: None, pattern: None, allowed: &[] };

/// A whole number without bounds.
pub(crate) const INTEGER: Kind = Kind::Integer { min: None, max: None };

/// A tag, as most types spell it. Bounds are those of the tagging API.
pub(crate) static TAG: ObjectShape = ObjectShape {
    properties: &[
        Property {
            name: "Key",
            kind: Kind::Text { min: Some(1), max: Some(128), pattern: None, allowed: &[] },
        },
        Property {
            name: "Value",
            kind: Kind::Text { min: None, max: Some(256), pattern: None, allowed: &[] },
        },
    ],
    required: &["Key", "Value"],
    any_of: &[],
    one_of: &[],
    excludes: &[],
    requires: &[],
    open: false,
};

/// Makes a property map a resource type.
#[macro_export]
#[doc(hidden)]
macro_rules! resource {
    ($name:ident, $reference:ty, $shape:ident) => {
        impl Resource for $name {
            const SHAPE: &'static ResourceShape = &$shape;
            type Ref = $reference;

            fn into_properties(self) -> Properties {
                self.0
            }
        }
    };
}

/// Makes a property map a nested property type.
#[macro_export]
#[doc(hidden)]
macro_rules! property {
    ($name:ident) => {
        impl Literal for $name {
            fn into_json(self) -> serde_json::Value {
                self.0.into_json()
            }
        }
    };
}

/// An enumeration: a text that can only be one of its constants.
#[macro_export]
#[doc(hidden)]
macro_rules! choices {
    ($name:ident { $($constant:ident = $text:literal;)* }) => {
        #[doc = concat!("The texts that `", stringify!($name), "` may be.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(&'static str);

        impl $name {
            /// Every text.
            pub const TEXTS: &'static [&'static str] = &[$($text),*];
            $(
                #[doc = concat!("`", $text, "`.")]
                pub const $constant: Self = Self($text);
            )*

            /// The constant of this text, if there is one.
            pub fn parse(text: &str) -> Option<Self> {
                Self::TEXTS.iter().find(|known| **known == text).map(|known| Self(known))
            }
        }

        impl Literal for $name {
            fn into_json(self) -> serde_json::Value {
                self.0.into()
            }
        }
    };
}
