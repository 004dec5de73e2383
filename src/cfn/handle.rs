//! A resource that is in a template: what can be asked of it.

use std::marker::PhantomData;

use serde_json::json;

use crate::properties::Resource;
use crate::value::Value;

/// A resource of type `R` in a template, by its logical id.
///
/// Attributes that the service sets (ARNs, ids, end points) are methods of `Handle<R>`, generated beside each type.
#[derive(Debug)]
pub struct Handle<R> {
    logical_id: String,
    of: PhantomData<fn() -> R>,
}

impl<R> Clone for Handle<R> {
    fn clone(&self) -> Self {
        Self::new(self.logical_id.clone())
    }
}

impl<R> Handle<R> {
    pub(crate) const fn new(logical_id: String) -> Self {
        Self { logical_id, of: PhantomData }
    }

    /// The resource's logical id.
    pub fn logical_id(&self) -> &str {
        &self.logical_id
    }

    pub(crate) fn attribute<T>(&self, name: &str) -> Value<T> {
        Value::from_json(json!({ "Fn::GetAtt": [self.logical_id, name] }))
    }
}

impl<R: Resource> Handle<R> {
    /// `Ref`: the resource's id, name or ARN, as its type has it.
    pub fn reference(&self) -> Value<R::Ref> {
        Value::from_json(json!({ "Ref": self.logical_id }))
    }
}
