//! Typed CloudFormation: templates, typed references, IAM documents and the resource types generated from AWS's
//! own schemas. Knows nothing of LISA.
//!
//! A resource type is a typed shell over an erased property map: every property is a method that takes a
//! [`Value`] of the right type, required properties are arguments of `new`, read-only attributes exist only on the
//! [`Handle`] that [`Template::add`] returns. What the compiler cannot see (patterns, lengths, ranges, exclusive
//! properties) is checked by [`Template::check`] against static tables.
//!
//! ```
//! use lisa_cfn::{Template, aws::ec2};
//!
//! let mut template = Template::new("A network");
//! let vpc = template.add("Vpc", ec2::Vpc::new().cidr_block("10.0.0.0/22"));
//! template.add("PublicSubnet1", ec2::Subnet::new(vpc.vpc_id()).cidr_block("10.0.0.0/26"));
//! assert!(template.check().is_empty());
//! ```

pub mod aws;
mod check;
mod format;
mod handle;
pub mod iam;
mod intrinsic;
mod json;
mod parameter;
mod prelude;
mod properties;
mod reference;
pub mod regions;
mod shape;
mod template;
mod value;

pub use check::Violation;
pub use format::Format;
pub use handle::Handle;
pub use intrinsic::{Condition, pseudo};
pub use json::Json;
pub use parameter::{Parameter, ParameterType};
pub use properties::{Properties, Resource};
pub use reference::{Arn, Id, Name};
pub use shape::{Kind, ObjectShape, Property, ResourceShape, Update};
pub use template::{Attributes, Escape, Output, Template};
pub use value::{List, Literal, Map, Value};

/// A resource tag, as most resource types spell it.
#[derive(Clone, Debug)]
pub struct Tag(Properties);

impl Tag {
    /// A tag of `key` and `value`.
    pub fn new(key: impl Into<Value<String>>, value: impl Into<Value<String>>) -> Self {
        Self(Properties::default().with("Key", key.into()).with("Value", value.into()))
    }
}

impl Literal for Tag {
    fn into_json(self) -> serde_json::Value {
        self.0.into_json()
    }
}
