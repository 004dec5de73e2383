//! Template parameters: what a stack is given when it is deployed.

use serde_json::{Map, Value as JsonValue, json};

use crate::value::{List, Value};

/// How CloudFormation treats a parameter's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterType {
    /// Plain text.
    String,
    /// The name of an SSM parameter whose value CloudFormation reads at each deployment.
    Ssm,
    /// The name of an SSM parameter that holds a comma-separated list.
    SsmList,
    /// The name of an SSM parameter that holds an AMI id.
    SsmImageId,
    /// A comma-separated list of subnet ids.
    SubnetIds,
}

impl ParameterType {
    const fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Ssm => "AWS::SSM::Parameter::Value<String>",
            Self::SsmList => "AWS::SSM::Parameter::Value<List<String>>",
            Self::SsmImageId => "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
            Self::SubnetIds => "List<AWS::EC2::Subnet::Id>",
        }
    }
}

/// One parameter of a template.
#[derive(Clone, Debug)]
pub struct Parameter {
    name: String,
    kind: ParameterType,
    description: String,
    default: Option<String>,
}

impl Parameter {
    /// A parameter without a default.
    pub fn new(name: impl Into<String>, kind: ParameterType, description: impl Into<String>) -> Self {
        Self { name: name.into(), kind, description: description.into(), default: None }
    }

    /// The text to use when none is given; for the SSM kinds, the SSM parameter's name.
    #[must_use]
    pub fn default(mut self, text: impl Into<String>) -> Self {
        self.default = Some(text.into());
        self
    }

    /// The parameter's name in the template.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How CloudFormation treats the parameter's text.
    pub const fn kind(&self) -> ParameterType {
        self.kind
    }

    /// The text used when none is given.
    pub fn default_text(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// `Ref` to the parameter.
    pub fn value(&self) -> Value<String> {
        Value::from_json(json!({ "Ref": self.name }))
    }

    /// `Ref` to a parameter of a list kind.
    pub fn list(&self) -> Value<List<String>> {
        Value::from_json(json!({ "Ref": self.name }))
    }

    pub(crate) fn to_json(&self) -> JsonValue {
        let mut object = Map::new();
        object.insert("Type".into(), self.kind.name().into());
        if !self.description.is_empty() {
            object.insert("Description".into(), self.description.as_str().into());
        }
        if let Some(default) = &self.default {
            object.insert("Default".into(), default.as_str().into());
        }
        JsonValue::Object(object)
    }
}
