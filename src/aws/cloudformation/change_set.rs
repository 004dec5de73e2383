//! A change set with all its changes, read over its pages and told in the engine's terms.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::operation::describe_change_set::DescribeChangeSetOutput;
use aws_sdk_cloudformation::types::{
    self, ChangeSetStatus, EvaluationType, ExecutionStatus, RequiresRecreation, ResourceAttribute,
};
use lisa_deploy::ports::cloudformation::{
    ChangeAction, ChangeSet, ChangeSetState, PropertyChange, Replacement, ResourceChange,
};
use lisa_deploy::ports::{Call, CallError, CallErrorKind};

use crate::error::{incomplete, sdk};

const ACTION: &str = "cloudformation:DescribeChangeSet";

/// What CloudFormation says of a change set in which nothing changes: the first of one that was made from a template,
/// the second of one that was refused while it was made.
const NOTHING_CHANGES: [&str; 2] = ["didn't contain changes", "No updates are to be performed"];

/// Reads a change set; `None` where it is being deleted.
pub(super) async fn describe(
    client: &Client,
    stack: &str,
    name: &str,
    with_values: bool,
) -> Call<Option<ChangeSet>> {
    let mut changes = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let call = client.describe_change_set().stack_name(stack).change_set_name(name);
        let call = call.set_include_property_values(with_values.then_some(true)).set_next_token(token);
        let page = call.send().await.map_err(sdk(ACTION))?;
        changes.extend(page.changes().iter().filter_map(types::Change::resource_change).map(change));
        token = page.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if token.is_none() {
            return whole(&page, changes);
        }
    }
}

/// Whether a region's CloudFormation does not tell the values of properties yet.
pub(super) fn refuses_values(error: &CallError) -> bool {
    error.kind == CallErrorKind::Unsupported || error.message.contains("IncludePropertyValues")
}

fn whole(page: &DescribeChangeSetOutput, changes: Vec<ResourceChange>) -> Call<Option<ChangeSet>> {
    let status = page.status().ok_or_else(|| incomplete(ACTION, "status"))?;
    let reason = page.status_reason().filter(|reason| !reason.is_empty()).map(str::to_owned);
    let Some(state) = state(status, page.execution_status(), reason.as_deref()) else { return Ok(None) };
    let id = page.change_set_id().ok_or_else(|| incomplete(ACTION, "id"))?.to_owned();
    Ok(Some(ChangeSet { id, state, reason, changes }))
}

fn state(
    status: &ChangeSetStatus,
    execution: Option<&ExecutionStatus>,
    reason: Option<&str>,
) -> Option<ChangeSetState> {
    let state = match status {
        ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress => ChangeSetState::Pending,
        ChangeSetStatus::CreateComplete => match execution {
            Some(ExecutionStatus::Available) => ChangeSetState::Ready,
            // Made, and the stack's state does not allow it: waiting would not help.
            Some(ExecutionStatus::Unavailable) | None => ChangeSetState::Failed,
            Some(_) => ChangeSetState::Used,
        },
        ChangeSetStatus::Failed => {
            let is_empty =
                reason.is_some_and(|reason| NOTHING_CHANGES.iter().any(|said| reason.contains(said)));
            if is_empty { ChangeSetState::Empty } else { ChangeSetState::Failed }
        }
        ChangeSetStatus::DeletePending
        | ChangeSetStatus::DeleteInProgress
        | ChangeSetStatus::DeleteComplete => {
            return None;
        }
        _ => ChangeSetState::Failed,
    };
    Some(state)
}

fn change(change: &types::ResourceChange) -> ResourceChange {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    ResourceChange {
        action: action(change.action()),
        logical_id: text(change.logical_resource_id()),
        physical_id: text(change.physical_resource_id()),
        kind: text(change.resource_type()),
        replacement: match change.replacement() {
            Some(types::Replacement::True) => Replacement::Always,
            Some(types::Replacement::Conditional) => Replacement::Conditional,
            _ => Replacement::Never,
        },
        properties: properties(change.details()),
    }
}

fn action(action: Option<&types::ChangeAction>) -> ChangeAction {
    match action {
        Some(types::ChangeAction::Add) => ChangeAction::Add,
        Some(types::ChangeAction::Modify) => ChangeAction::Modify,
        Some(types::ChangeAction::Remove) => ChangeAction::Remove,
        Some(types::ChangeAction::Import) => ChangeAction::Import,
        // Whatever else there is by now is known only when it is executed.
        _ => ChangeAction::Dynamic,
    }
}

/// The changed properties, each once: CloudFormation lists one again for each of its causes.
fn properties(details: &[types::ResourceChangeDetail]) -> Vec<PropertyChange> {
    let mut properties: Vec<PropertyChange> = Vec::new();
    for new in details.iter().filter_map(property) {
        match properties.iter_mut().find(|known| known.name == new.name) {
            Some(known) => {
                known.replacement = known.replacement.max(new.replacement);
                known.before = known.before.take().or(new.before);
                known.after = known.after.take().or(new.after);
            }
            None => properties.push(new),
        }
    }
    properties
}

fn property(detail: &types::ResourceChangeDetail) -> Option<PropertyChange> {
    let target = detail.target()?;
    let name = match target.attribute()? {
        ResourceAttribute::Properties => target.name()?.to_owned(),
        attribute => attribute.as_str().to_owned(),
    };
    let replacement = match (target.requires_recreation(), detail.evaluation()) {
        (Some(RequiresRecreation::Always), Some(EvaluationType::Static)) => Replacement::Always,
        // A value that is known only later may turn out to be the same.
        (Some(RequiresRecreation::Always | RequiresRecreation::Conditionally), _) => Replacement::Conditional,
        _ => Replacement::Never,
    };
    let value = |value: Option<&str>| value.map(str::to_owned);
    Some(PropertyChange {
        name,
        before: value(target.before_value()),
        after: value(target.after_value()),
        replacement,
    })
}
