//! Which event started a failure: the first of the operation that failed by itself, and what followed from it.

use crate::ports::cloudformation::StackEvent;
use crate::status::StackStatus;

use super::Fold;

/// The event that started a failure.
pub(super) struct First<'a> {
    /// The event.
    pub event: &'a StackEvent,
    /// Whether it is the stack's own event, because none of a resource says anything.
    pub is_of_stack: bool,
    /// Why the rollback began, where the rollback is what failed.
    pub began: Option<&'a StackEvent>,
    /// What else failed, each resource once.
    pub others: Vec<(&'a StackEvent, Fold)>,
    /// What a hook says of the resource; the event itself names the hook only.
    hook: Option<&'a str>,
}

/// Reasons that tell of another resource's failure.
const CANCELLED: [&str; 3] =
    ["Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled"];

/// Reasons that sum up what other events tell.
const SUMMARIES: [&str; 3] =
    ["The following resource(s) failed to", "Embedded stack arn:", "One or more resources failed"];

impl<'a> First<'a> {
    /// The event that started the failure of the last operation in `events`; `None` where nothing failed. `status` is
    /// the stack's at the end, where it is known: it tells whether the rollback itself is what failed.
    pub(super) fn of(
        deployed_name: &str,
        events: &'a [StackEvent],
        status: Option<StackStatus>,
    ) -> Option<Self> {
        let own = |event: &StackEvent| is_stack(event) && event.logical_id == deployed_name;
        let operation = last_operation(events, own);
        let (work, rollback) = operation.split_at(start_of_rollback(operation, own));
        let ended = status.map(StackStatus::as_str);
        let ended =
            ended.or_else(|| operation.iter().rev().find(|event| own(event)).map(|e| e.status.as_str()));
        let is_rollback = ended.is_some_and(|status| status.ends_with("ROLLBACK_FAILED"));
        if is_rollback && let Some(first) = Self::among(rollback, own) {
            let began = Self::among(work, own).map(|first| first.event);
            return Some(Self { began, ..first });
        }
        Self::among(work, own).or_else(|| Self::of_stack(operation, own))
    }

    fn among(events: &'a [StackEvent], own: impl Fn(&StackEvent) -> bool) -> Option<Self> {
        let failed = || events.iter().filter(|event| event.status.is_failure() && !own(event));
        let event = failed().find(|event| !is_cancelled(event) && !is_summary(event))?;
        let mut others: Vec<(&StackEvent, Fold)> = Vec::new();
        for other in failed().filter(|other| other.logical_id != event.logical_id) {
            let known = others.iter().any(|(known, _)| known.logical_id == other.logical_id);
            if !known && !is_summary(other) {
                others.push((other, if is_cancelled(other) { Fold::Cancelled } else { Fold::Failed }));
            }
        }
        let hook = hook_words(events, event);
        Some(Self { event, is_of_stack: false, began: None, others, hook })
    }

    /// The stack's own words, where no resource failed by itself.
    fn of_stack(events: &'a [StackEvent], own: impl Fn(&StackEvent) -> bool) -> Option<Self> {
        let telling = |event: &&StackEvent| {
            let bad = event.status.is_failure() || event.status.as_str().contains("ROLLBACK");
            bad && own(event) && event.reason.is_some()
        };
        let event = events.iter().find(telling)?;
        Some(Self { event, is_of_stack: true, began: None, others: Vec::new(), hook: None })
    }

    /// What is said of the reason.
    pub(super) fn reason(&self) -> &'a str {
        self.hook.or(self.event.reason.as_deref()).unwrap_or("no reason is given")
    }
}

fn is_stack(event: &StackEvent) -> bool {
    event.kind == "AWS::CloudFormation::Stack"
}

fn is_cancelled(event: &StackEvent) -> bool {
    event.reason.as_deref().is_some_and(|reason| CANCELLED.iter().any(|start| reason.starts_with(start)))
}

fn is_summary(event: &StackEvent) -> bool {
    event.reason.as_deref().is_some_and(|reason| SUMMARIES.iter().any(|start| reason.starts_with(start)))
}

/// From the event with which the last creation, update or deletion began.
fn last_operation(events: &[StackEvent], own: impl Fn(&StackEvent) -> bool) -> &[StackEvent] {
    const STARTS: [&str; 4] =
        ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"];
    let start = events.iter().rposition(|event| own(event) && STARTS.contains(&event.status.as_str()));
    &events[start.unwrap_or(0)..]
}

/// Where the last rollback began; the length where none did.
fn start_of_rollback(events: &[StackEvent], own: impl Fn(&StackEvent) -> bool) -> usize {
    let starts = |event: &StackEvent| own(event) && event.status.as_str().ends_with("ROLLBACK_IN_PROGRESS");
    events.iter().rposition(starts).unwrap_or(events.len())
}

/// What the hook that stopped a resource says, which stands in an event of its own.
fn hook_words<'a>(events: &'a [StackEvent], stopped: &StackEvent) -> Option<&'a str> {
    stopped.reason.as_deref().filter(|reason| reason.starts_with("The following hook(s) failed"))?;
    let of_resource = events.iter().filter(|event| event.logical_id == stopped.logical_id);
    of_resource
        .filter_map(|event| event.reason.as_deref())
        .find(|reason| reason.starts_with("Hook failed with"))
}
