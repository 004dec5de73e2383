//! Stacks, resources and events of the SDK in the engine's terms.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_cloudformation::primitives::DateTime;
use aws_sdk_cloudformation::types;
use lisa_deploy::ports::cloudformation::{ObservedStack, ResourceStatus, StackEvent, StackResource};
use lisa_deploy::ports::{Call, CallError, CallErrorKind};

use crate::error::incomplete;

pub(super) const DESCRIBE_STACKS: &str = "cloudformation:DescribeStacks";

pub(super) fn stack(stack: &types::Stack) -> Call<ObservedStack> {
    let status = stack.stack_status().ok_or_else(|| incomplete(DESCRIBE_STACKS, "status"))?;
    let status = status.as_str().parse().map_err(|error| unknown(&error))?;
    Ok(ObservedStack {
        id: stack.stack_id().ok_or_else(|| incomplete(DESCRIBE_STACKS, "id"))?.to_owned(),
        name: stack.stack_name().ok_or_else(|| incomplete(DESCRIBE_STACKS, "name"))?.to_owned(),
        status,
        reason: stack.stack_status_reason().filter(|reason| !reason.is_empty()).map(str::to_owned),
        parameters: pairs(stack.parameters(), |it| (it.parameter_key(), it.parameter_value())),
        outputs: pairs(stack.outputs(), |it| (it.output_key(), it.output_value())),
        tags: pairs(stack.tags(), |it| (it.key(), it.value())),
        protected: stack.enable_termination_protection().unwrap_or_default(),
        created: stack.creation_time().and_then(time),
        updated: stack.last_updated_time().and_then(time),
    })
}

/// A status that is newer than this program must not be taken for another one.
fn unknown(error: &lisa_deploy::status::UnknownStatus) -> CallError {
    CallError {
        action: DESCRIBE_STACKS,
        kind: CallErrorKind::Unsupported,
        code: "UnknownStackStatus".to_owned(),
        message: error.to_string(),
    }
}

pub(super) fn resource(resource: &types::StackResourceSummary) -> StackResource {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    StackResource {
        logical_id: text(resource.logical_resource_id()),
        physical_id: text(resource.physical_resource_id()),
        kind: text(resource.resource_type()),
        status: status(resource.resource_status()),
    }
}

pub(super) fn event(event: &types::StackEvent) -> StackEvent {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let some = |value: Option<&str>| value.filter(|value| !value.is_empty()).map(str::to_owned);
    StackEvent {
        id: text(event.event_id()),
        at: event.timestamp().and_then(time).unwrap_or(UNIX_EPOCH),
        logical_id: text(event.logical_resource_id()),
        physical_id: text(event.physical_resource_id()),
        kind: text(event.resource_type()),
        status: status(event.resource_status()),
        reason: some(event.resource_status_reason()),
        token: some(event.client_request_token()),
    }
}

fn status(status: Option<&types::ResourceStatus>) -> ResourceStatus {
    ResourceStatus::new(status.map_or("", types::ResourceStatus::as_str))
}

pub(super) fn time(at: &DateTime) -> Option<SystemTime> {
    (*at).try_into().ok()
}

fn pairs<T>(items: &[T], pair: impl Fn(&T) -> (Option<&str>, Option<&str>)) -> BTreeMap<String, String> {
    let known = items.iter().filter_map(|item| match pair(item) {
        (Some(key), value) => Some((key.to_owned(), value.unwrap_or_default().to_owned())),
        (None, _) => None,
    });
    known.collect()
}
