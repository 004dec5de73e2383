//! Checks a template's literals against the static tables of its resource types, its references against what it
//! holds, and its size against CloudFormation's limits.

mod limits;
pub(crate) mod policies;
mod references;
mod walk;

use std::fmt;

use serde::Serialize;
use serde_json::Value as JsonValue;

use crate::shape::{ObjectShape, ResourceShape};

pub(crate) use limits::check as limits;
pub(crate) use references::check as references;

/// A property that CloudFormation or the service would refuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The resource; empty where the template as a whole is meant.
    pub logical_id: String,
    /// The property's path, `/` between the steps and list items by number (`Listeners/0/Port`).
    pub property: String,
    /// Which kind of rule is broken (`pattern`, `maximum`, `required`, `unknown property`, `reference`, ...).
    pub rule: &'static str,
    /// What is allowed, in words.
    pub expected: String,
    /// What was found, shortened.
    pub found: String,
    /// The configuration key that set the property, where a stack recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_by: Option<String>,
}

impl Violation {
    pub(crate) fn new(
        logical_id: &str,
        property: &str,
        rule: &'static str,
        expected: String,
        found: &str,
    ) -> Self {
        let mut found = found.to_owned();
        if let Some((cut, _)) = found.char_indices().nth(120) {
            found.truncate(cut);
            found.push('…');
        }
        let (logical_id, property) = (logical_id.to_owned(), property.to_owned());
        Self { logical_id, property, rule, expected, found, set_by: None }
    }

    pub(crate) fn duplicate(logical_id: &str) -> Self {
        Self::new(logical_id, "", "logical id", "a logical id of its own".into(), logical_id)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = [self.logical_id.as_str(), self.property.as_str()];
        let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
        write!(f, "{}: {} must be {}, found `{}`", place.join("/"), self.rule, self.expected, self.found)?;
        self.set_by.as_ref().map_or(Ok(()), |path| write!(f, " (set by `{path}`)"))
    }
}

/// Stands for a resource that is configured before it is added, which [`resource`] reports.
pub(crate) static UNKNOWN: ResourceShape = ResourceShape {
    cfn_type: "AWS::CloudFormation::Unknown",
    properties: &ObjectShape {
        properties: &[],
        required: &["resource"],
        any_of: &[],
        one_of: &[],
        excludes: &[],
        requires: &[],
        open: false,
    },
    read_only: &[],
    updates: &[],
    write_only: &[],
    stateful: false,
    tags: None,
};

pub(crate) fn resource(logical_id: &str, shape: &ResourceShape, properties: &JsonValue) -> Vec<Violation> {
    let mut walker = walk::Walker::new(logical_id);
    walker.object(shape.properties, properties);
    let mut violations = walker.violations;
    for name in shape.read_only {
        if properties.get(name).is_some() {
            let expected = "left to the service".to_owned();
            violations.push(Violation::new(logical_id, name, "read-only property", expected, name));
        }
    }
    violations
}
