//! The erased property map beneath every resource and nested property type.

use serde_json::{Map, Value as JsonValue};

use crate::shape::ResourceShape;
use crate::value::Value;

/// Properties by name, as they go into the template.
#[derive(Clone, Debug, Default)]
pub struct Properties(Map<String, JsonValue>);

impl Properties {
    /// With one property set; a property set twice keeps the later value.
    #[must_use]
    pub fn with<T>(mut self, name: &'static str, value: Value<T>) -> Self {
        self.0.insert(name.to_owned(), value.into_json());
        self
    }

    /// The properties as a JSON object.
    pub fn into_json(self) -> JsonValue {
        JsonValue::Object(self.0)
    }
}

/// A CloudFormation resource type.
pub trait Resource {
    /// What the type's properties look like and how they may change.
    const SHAPE: &'static ResourceShape;

    /// What `Ref` yields for such a resource.
    type Ref;

    /// The properties that were set.
    fn into_properties(self) -> Properties;
}
