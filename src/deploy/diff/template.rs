//! A template as it is compared: read from text of any layout, its sections at hand.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

/// A CloudFormation template in JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    sections: Map<String, Value>,
}

/// Why a text is no template that can be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is not JSON; a template that somebody else deployed may be YAML.
    #[error("the template is not JSON (line {line}, column {column}): it was not deployed by lisa")]
    NotJson {
        /// 1-based.
        line: usize,
        /// 1-based.
        column: usize,
    },
    /// It is JSON, but no object with an object of resources.
    #[error("the template has no object `Resources`")]
    NoResources,
}

impl Template {
    /// Reads a template's text.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| TemplateError::NotJson { line: error.line(), column: error.column() })?;
        Self::from_value(value)
    }

    /// Takes a template that is JSON already.
    pub fn from_value(value: Value) -> Result<Self, TemplateError> {
        match value {
            Value::Object(sections) if sections.get("Resources").is_some_and(Value::is_object) => {
                Ok(Self { sections })
            }
            _ => Err(TemplateError::NoResources),
        }
    }

    /// A section by name, such as `Resources`: its entries, none where the template lacks it.
    pub(super) fn section(&self, name: &str) -> BTreeMap<&str, &Value> {
        let entries = self.sections.get(name).and_then(Value::as_object).into_iter().flatten();
        entries.map(|(id, value)| (id.as_str(), value)).collect()
    }

    /// The names of its sections with what they hold.
    pub(super) fn sections(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.sections.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The resources.
    pub(super) fn resources(&self) -> BTreeMap<&str, Resource<'_>> {
        self.section("Resources").into_iter().map(|(id, value)| (id, Resource(value))).collect()
    }

    /// Values that must not be shown: defaults of the parameters that CloudFormation does not echo.
    pub(super) fn secrets(&self) -> impl Iterator<Item = String> {
        let parameters = self.section("Parameters").into_values();
        let hidden = parameters.filter(|parameter| is_true(parameter.get("NoEcho")));
        hidden.filter_map(|parameter| text(parameter.get("Default")?))
    }
}

/// Whether a parameter's definition says that its value is not to be shown.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.as_bool() == Some(true) || value.as_str() == Some("true"))
}

/// A scalar as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        _ => None,
    }
}

/// One resource of a template.
#[derive(Clone, Copy)]
pub(super) struct Resource<'a>(pub(super) &'a Value);

impl<'a> Resource<'a> {
    /// `AWS::S3::Bucket`.
    pub(super) fn kind(self) -> &'a str {
        self.attribute("Type").and_then(Value::as_str).unwrap_or_default()
    }

    /// Something that it says beside its type, such as `Properties` or `DeletionPolicy`.
    pub(super) fn attribute(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    /// Its properties.
    pub(super) fn properties(self) -> Option<&'a Value> {
        self.attribute("Properties")
    }

    /// A property of its first level.
    pub(super) fn property(self, name: &str) -> Option<&'a Value> {
        self.properties()?.get(name)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::Object(self.sections.clone()).fmt(f)
    }
}
