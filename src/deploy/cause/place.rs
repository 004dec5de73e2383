//! What of the configuration led to a failure: by the template's record of which key set which property.

use super::{Around, Place};
use crate::cause::remedies::{Entry, Source};

/// The key behind a failure of a resource; `logical_id` and `kind` are empty where there is none.
pub(super) fn of(
    entry: &Entry,
    logical_id: &str,
    kind: &str,
    reason: &str,
    around: Around<'_>,
) -> Option<Place> {
    let whole = || origin(around, logical_id, "");
    let path = match entry.source {
        Source::Key(key) => Some(key.to_owned()),
        Source::Property { kind: of, property } => property_origin(around, logical_id, kind, of, property),
        Source::Resource => None,
    };
    let path = path.or_else(|| named_property(around, reason)).or_else(whole)?;
    let config = around.config?;
    let location = config.locate(&path);
    // A key that is nowhere in the file is worth naming only where the remedy speaks of it.
    let told = location.is_some() || matches!(entry.source, Source::Key(_));
    told.then_some(Place { path, location })
}

/// What set a property of the resource, or of the first resource of the type that has it.
fn property_origin(
    around: Around<'_>,
    logical_id: &str,
    kind: &str,
    of: &str,
    property: &str,
) -> Option<String> {
    if kind == of {
        return origin(around, logical_id, property);
    }
    let template = &around.stack?.template;
    let mut others = template.resource_types().filter(|(_, shape)| shape.cfn_type == of);
    others.find_map(|(id, _)| origin(around, id, property))
}

/// What set the property that a validation names: `/Resources/Listener/Properties/Certificates/0`.
fn named_property(around: Around<'_>, reason: &str) -> Option<String> {
    let (_, rest) = reason.split_once("/Resources/")?;
    let rest = rest.split([' ', ')', ',', ']']).next()?;
    let (id, property) = rest.split_once("/Properties/")?;
    origin(around, id, property)
}

fn origin(around: Around<'_>, logical_id: &str, property: &str) -> Option<String> {
    around.stack?.template.origin(logical_id, property)
}
