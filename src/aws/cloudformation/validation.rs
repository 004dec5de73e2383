//! What CloudFormation found wrong before it made anything, resource by resource: a reason only says that there is
//! something, and refers to `DescribeEvents` for the rest.

use std::time::UNIX_EPOCH;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{EventFilter, EventType, HookFailureMode, OperationEvent};
use lisa_deploy::ports::cloudformation::{ChangeSet, ChangeSetState, ResourceStatus, StackEvent};
use lisa_deploy::ports::{Call, CallErrorKind};

use super::translate;
use crate::error::sdk;

const ACTION: &str = "cloudformation:DescribeEvents";

/// Stands in a change set's or a stack's reason whose particulars are kept apart: "To troubleshoot Early Validation
/// errors, use the `DescribeEvents` API", "Call `DescribeEvents` to retrieve the full list of issues".
/// Source: <https://github.com/aws/aws-cdk-cli/issues/1000>, and "Stack validation" in CloudFormation's user guide.
const REFERENCE: &str = "DescribeEvents";

/// The change set with its particulars in place of a reason that refers to them.
pub(super) async fn of_change_set(client: &Client, mut set: ChangeSet) -> Call<ChangeSet> {
    let Some(reason) = set.reason.take().filter(|_| set.state == ChangeSetState::Failed) else {
        return Ok(set);
    };
    if !reason.contains(REFERENCE) {
        return Ok(ChangeSet { reason: Some(reason), ..set });
    }
    let request = |token| client.describe_events().change_set_name(&set.id).set_next_token(token);
    let told = match read(request).await? {
        Read::Events(events) => {
            let lines: Vec<String> = events.iter().filter_map(words).collect();
            if lines.is_empty() { reason } else { lines.join("\n") }
        }
        Read::Refused(refusal) => format!("{reason}\n{refusal}"),
    };
    Ok(ChangeSet { reason: Some(told), ..set })
}

/// The events of a stack with those of its refused resources before the stack's own that refers to them.
pub(super) async fn of_stack(
    client: &Client,
    stack: &str,
    mut events: Vec<StackEvent>,
) -> Call<Vec<StackEvent>> {
    let refers = |event: &StackEvent| event.reason.as_ref().is_some_and(|reason| reason.contains(REFERENCE));
    let Some(place) = events.iter().position(refers) else { return Ok(events) };
    let request = |token| client.describe_events().stack_name(stack).set_next_token(token);
    match read(request).await? {
        Read::Events(found) => {
            // The operations before this one are still told of.
            let last =
                found.iter().filter(|event| words(event).is_some()).max_by_key(|event| event.timestamp());
            let last = last.and_then(OperationEvent::operation_id).map(str::to_owned);
            let of_last = found.iter().filter(|event| event.operation_id() == last.as_deref());
            let refused: Vec<StackEvent> = of_last.filter_map(event).collect();
            drop(events.splice(place..place, refused));
        }
        Read::Refused(refusal) => {
            let reason = events[place].reason.take().unwrap_or_default();
            events[place].reason = Some(format!("{reason} {refusal}"));
        }
    }
    Ok(events)
}

/// What was answered.
enum Read {
    Events(Vec<OperationEvent>),
    /// The call is not for this caller or this region: what is known without it has to do.
    Refused(String),
}

async fn read(
    request: impl Fn(
        Option<String>,
    )
        -> aws_sdk_cloudformation::operation::describe_events::builders::DescribeEventsFluentBuilder,
) -> Call<Read> {
    let (mut events, mut token) = (Vec::new(), None);
    loop {
        let failed = EventFilter::builder().failed_events(true).build();
        let page = match request(token).filters(failed).send().await.map_err(sdk(ACTION)) {
            Ok(page) => page,
            Err(error) if error.kind.is_transient() || error.kind == CallErrorKind::Expired => {
                return Err(error);
            }
            Err(error) => return Ok(Read::Refused(error.to_string())),
        };
        events.extend_from_slice(page.operation_events());
        token = page.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if token.is_none() {
            return Ok(Read::Events(events));
        }
    }
}

/// What is wrong and where: a line of a change set's reason. `None` for what only warns, and for the operation's own
/// progress.
fn words(event: &OperationEvent) -> Option<String> {
    let (said, mode) = match event.event_type()? {
        EventType::ValidationError => (event.validation_status_reason(), event.validation_failure_mode()),
        EventType::HookInvocationError => (event.hook_status_reason(), event.hook_failure_mode()),
        _ => return None,
    };
    let said = said.filter(|_| mode != Some(&HookFailureMode::Warn))?;
    let of_resource = || event.logical_resource_id().map(|id| format!("/Resources/{id}"));
    let place = event.validation_path().map(str::to_owned).or_else(of_resource);
    Some(place.map_or_else(|| said.to_owned(), |place| format!("{said} (at {place})")))
}

/// The same as an event of the resource.
fn event(event: &OperationEvent) -> Option<StackEvent> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    Some(StackEvent {
        reason: Some(words(event)?),
        id: text(event.event_id()),
        at: event.timestamp().and_then(translate::time).unwrap_or(UNIX_EPOCH),
        logical_id: text(event.logical_resource_id()),
        physical_id: text(event.physical_resource_id()),
        kind: text(event.resource_type()),
        status: ResourceStatus::new("VALIDATION_FAILED"),
        token: event.client_request_token().map(str::to_owned),
    })
}
