//! Change sets that CloudFormation refused before making anything: which resources, by the places in the reason.

use std::time::SystemTime;

use super::Around;
use crate::ports::cloudformation::StackEvent;
use crate::status::ResourceStatus;

/// What the lines of a change set's reason tell of single resources, as the events that these would have had. A line
/// that names none, by a place such as `/Resources/Listener/Properties/Port`, tells of the change set as a whole.
pub(super) fn events(reason: &str, around: Around<'_>) -> Vec<StackEvent> {
    reason.lines().filter_map(|line| event(line, around)).collect()
}

fn event(line: &str, around: Around<'_>) -> Option<StackEvent> {
    let (_, place) = line.split_once("/Resources/")?;
    let logical_id = place.split(|found: char| !found.is_ascii_alphanumeric()).next()?;
    let mut types = around.stack.into_iter().flat_map(|stack| stack.template.resource_types());
    let kind = types.find(|(id, _)| *id == logical_id).map(|(_, shape)| shape.cfn_type);
    let kind = kind.or_else(|| line.split('\'').find(|word| word.starts_with("AWS::")));
    Some(StackEvent {
        id: String::new(),
        at: SystemTime::UNIX_EPOCH,
        logical_id: logical_id.to_owned(),
        physical_id: String::new(),
        kind: kind.unwrap_or_default().to_owned(),
        status: ResourceStatus::new("VALIDATION_FAILED"),
        reason: Some(line.trim().to_owned()),
        token: None,
    })
}
