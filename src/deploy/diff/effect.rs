//! What changing a property does to its resource, by the resource schemas and by what they leave out.

use lisa_cfn::{ResourceShape, Update};
use serde::Serialize;
use serde_json::Value;

/// What a changed property does to its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// The resource is updated.
    InPlace,
    /// The resource may be made anew; only the service, or the deployment, knows.
    MayReplace,
    /// A new resource takes its place.
    Replaces,
}

impl Effect {
    /// What it adds to a property's line.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::InPlace => "",
            Self::MayReplace => " (may replace)",
            Self::Replaces => " (replaces)",
        }
    }
}

/// Changes of which the resource type's reference says that they may replace the resource, and its schema does not.
const NOT_IN_SCHEMAS: [(&str, &str); 2] =
    [("AWS::DynamoDB::Table", "LocalSecondaryIndexes"), ("AWS::RDS::DBInstance", "Port")];

/// The same, for edits of what is there already and stays: another entry beside it does no harm.
const EDITS_NOT_IN_SCHEMAS: [(&str, &str); 1] = [("AWS::DynamoDB::Table", "AttributeDefinitions/*/*")];

/// Types that hold what cannot be made again, and are not said to: images stay in their repository alone.
const HOLDS_DATA: [&str; 1] = ["AWS::ECR::Repository"];

/// The shape of a type; `None` where it is not known here.
pub(super) fn shape(kind: &str) -> Option<&'static ResourceShape> {
    lisa_cfn::aws::all().iter().copied().find(|shape| shape.cfn_type == kind)
}

/// Whether a resource of this type holds data. One that is not known here is taken as if it did.
pub(crate) fn holds_data(kind: &str) -> bool {
    HOLDS_DATA.contains(&kind) || shape(kind).is_none_or(|shape| shape.stateful)
}

/// What a change at `path` does, from `before` to `after`. Of a type or a property that is not known here, anything.
pub(super) fn of(kind: &str, path: &[String], before: Option<&Value>, after: Option<&Value>) -> Effect {
    let Some(shape) = shape(kind) else { return Effect::MayReplace };
    let Some(first) = path.first() else { return Effect::InPlace };
    if !shape.properties.properties.iter().any(|property| property.name == first) {
        return Effect::MayReplace;
    }
    let listed = shape.updates.iter().filter(|(pattern, _)| touches(pattern, path, before, after));
    let worst = listed.map(|(_, update)| Effect::from(*update)).max().unwrap_or(Effect::InPlace);
    let more =
        NOT_IN_SCHEMAS.iter().any(|(of, pattern)| *of == kind && touches(pattern, path, before, after));
    let edit =
        EDITS_NOT_IN_SCHEMAS.iter().any(|(of, pattern)| *of == kind && touches(pattern, path, None, None));
    if more || edit { worst.max(Effect::MayReplace) } else { worst }
}

impl From<Update> for Effect {
    fn from(update: Update) -> Self {
        match update {
            Update::Replaces => Self::Replaces,
            Update::MayReplace => Self::MayReplace,
        }
    }
}

/// Whether a change at `path` changes what stands at `pattern`: at or under it, or above it where a value is there.
fn touches(pattern: &str, path: &[String], before: Option<&Value>, after: Option<&Value>) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let alike = pattern.iter().zip(path).all(|(part, step)| *part == "*" || part == step);
    let below = pattern.get(path.len()..).unwrap_or_default();
    alike && (below.is_empty() || [before, after].into_iter().flatten().any(|value| reaches(below, value)))
}

/// Whether a value has something at the rest of a pattern. A value that is not yet known has.
fn reaches(below: &[&str], value: &Value) -> bool {
    let Some((first, rest)) = below.split_first() else { return true };
    match value {
        Value::Object(_) if super::intrinsic::is_call(value) => true,
        Value::Object(object) if *first == "*" => object.values().any(|value| reaches(rest, value)),
        Value::Object(object) => object.get(*first).is_some_and(|value| reaches(rest, value)),
        Value::Array(items) => items.iter().any(|value| reaches(rest, value)),
        _ => false,
    }
}
