//! References typed by what they carry: the ARN, the id or the name of one kind of resource.
//!
//! A property that takes a role's ARN has the type `Value<Arn<iam::Role>>`: a subnet's id, a role's name or a plain
//! string does not compile there. A string known from elsewhere (configuration, a parameter) enters by `literal` or by
//! [`Value::<String>::as_arn`] and its sisters, which say at the call what is being promised.

use std::marker::PhantomData;

use serde_json::Value as JsonValue;

use crate::value::{List, Literal, Value};

macro_rules! reference {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name<R> {
            text: String,
            of: PhantomData<fn() -> R>,
        }

        impl<R> $name<R> {
            /// A reference whose text is already known.
            pub fn literal(text: impl Into<String>) -> Value<Self> {
                Value::from(Self { text: text.into(), of: PhantomData })
            }
        }

        impl<R> Literal for $name<R> {
            fn into_json(self) -> JsonValue {
                JsonValue::String(self.text)
            }
        }

        impl<R> From<Value<$name<R>>> for Value<String> {
            fn from(reference: Value<$name<R>>) -> Self {
                Self::from_json(reference.into_json())
            }
        }

        impl<R> From<&Value<$name<R>>> for Value<String> {
            fn from(reference: &Value<$name<R>>) -> Self {
                Self::from_json(reference.as_json().clone())
            }
        }
    };
}

reference! {
    /// The ARN of an `R`.
    Arn
}
reference! {
    /// The id of an `R` (`vpc-…`, `subnet-…`, a key's UUID).
    Id
}
reference! {
    /// The name of an `R`.
    Name
}

impl Value<String> {
    /// States that this text is the ARN of an `R`.
    pub fn as_arn<R>(&self) -> Value<Arn<R>> {
        Value::from_json(self.as_json().clone())
    }

    /// States that this text is the id of an `R`.
    pub fn as_id<R>(&self) -> Value<Id<R>> {
        Value::from_json(self.as_json().clone())
    }

    /// States that this text is the name of an `R`.
    pub fn as_name<R>(&self) -> Value<Name<R>> {
        Value::from_json(self.as_json().clone())
    }
}

impl Value<List<String>> {
    /// States that these texts are the ids of `R`s.
    pub fn as_ids<R>(&self) -> Value<List<Id<R>>> {
        Value::from_json(self.as_json().clone())
    }
}
