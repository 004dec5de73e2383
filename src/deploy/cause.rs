//! Why a stack failed: what failed first by itself, what to do about it, and the line of the configuration behind it.
//!
//! All of it is pure: from the events that were captured, the template and the configuration to a [`Cause`], within
//! milliseconds of the failed event. What could be asked for besides, such as a container's last words, is named in
//! [`Cause::needs`] and added by whoever can ask.

mod call;
mod clean;
mod denied;
mod early;
mod facts;
mod first;
mod logs;
mod place;
pub mod remedies;
mod render;

use lisa_config::{Config, Location};
use lisa_stacks::Stack;
use serde::Serialize;

use crate::outcome::StackFailure;
use crate::ports::CallError;
use crate::ports::account::LogEvent;
use crate::ports::cloudformation::StackEvent;
use crate::status::StackStatus;
use clean::Cleaned;
use first::First;
use remedies::Moment;

/// Why a stack failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// The stack's short name.
    pub stack: String,
    /// The resource that failed; `None` where it was a call or the stack as a whole.
    pub logical_id: Option<String>,
    /// The resource's type.
    pub kind: Option<String>,
    /// The resource's physical id, where it has one.
    pub physical_id: Option<String>,
    /// The service's words, without request ids and the like.
    pub reason: String,
    /// The service's error code, where it tells one.
    pub code: Option<String>,
    /// What to do next.
    pub remedy: Remedy,
    /// What of the configuration led to it.
    pub config: Option<Place>,
    /// Why the rollback began, where the rollback is what failed.
    pub began: Option<Folded>,
    /// What else failed, by itself or because of this, in the order of the events.
    pub folded: Vec<Folded>,
    /// Where the container's last words are, if that is where the reason is to be found.
    pub needs: Option<LogHint>,
    /// The last words, once they are fetched.
    pub log: Vec<String>,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// Which remedy it is: kebab-case, stable.
    pub id: &'static str,
    /// What to do, in sentences.
    pub text: String,
    /// Whether the same command may succeed later without anybody's doing.
    pub transient: bool,
}

/// A key of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The key, such as `restApiConfig.instanceType`.
    pub path: String,
    /// Where it stands; `None` where a default stands in.
    pub location: Option<Location>,
}

/// A failure that is told after the cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Folded {
    /// The resource.
    pub logical_id: String,
    /// Its type.
    pub kind: String,
    /// What CloudFormation says, cleaned.
    pub reason: String,
    /// How it hangs together with the cause.
    pub how: Fold,
}

/// How a failure hangs together with the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Fold {
    /// It failed by itself, later.
    Failed,
    /// It was cancelled because of the cause.
    Cancelled,
}

/// A log group to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogHint {
    /// Its name.
    pub group: String,
}

/// What is known around a failure; all of it may be missing, as for a stack that the configuration no longer has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// The configuration.
    pub config: Option<&'a Config>,
    /// The stack as it was synthesized.
    pub stack: Option<&'a Stack>,
}

impl Cause {
    /// The cause of a failed stack.
    pub fn of(failure: &StackFailure, around: Around<'_>) -> Self {
        let mut cause = Self::found(failure, around);
        // What the engine knows in general gives way to what is known of the very reason.
        if let Some(told) = failure.remedy.as_ref().filter(|_| cause.remedy.id == remedies::UNKNOWN) {
            cause.remedy = Remedy { id: "told", text: told.clone(), transient: false };
        }
        let is_stuck = failure.status == Some(StackStatus::UpdateRollbackFailed);
        if let Some(id) = cause.logical_id.as_ref().filter(|_| is_stuck) {
            let way_out = format!(
                " If it cannot be repaired, `lisa deploy --skip {}/{id}` rolls the rest back without it.",
                failure.stack
            );
            cause.remedy.text.push_str(&way_out);
        }
        cause
    }

    fn found(failure: &StackFailure, around: Around<'_>) -> Self {
        let first = First::of(&failure.deployed_name, &failure.events, failure.status);
        if let Some(first) = first.filter(|first| !first.is_of_stack || failure.error.is_none()) {
            return Self::of_event(&failure.stack, &first, around);
        }
        if let Some(error) = &failure.error {
            return Self::of_call(&failure.stack, error, around);
        }
        let nothing = "CloudFormation gives no reason";
        Self::of_reason(&failure.stack, failure.reason.as_deref().unwrap_or(nothing), around)
    }

    /// The cause by the events of a stack's last operation; `None` where none of them failed.
    pub fn of_events(
        stack: &str,
        deployed_name: &str,
        events: &[StackEvent],
        around: Around<'_>,
    ) -> Option<Self> {
        let first = First::of(deployed_name, events, None)?;
        Some(Self::of_event(stack, &first, around))
    }

    /// The cause by a reason alone, such as a change set's; what it tells of single resources is theirs.
    pub fn of_reason(stack: &str, reason: &str, around: Around<'_>) -> Self {
        let events = early::events(reason, around);
        let Some((event, others)) = events.split_first() else {
            return Self::judged(stack, None, Cleaned::of(reason), Moment::Change, around);
        };
        let cleaned = Cleaned::of(event.reason.as_deref().unwrap_or_default());
        let mut cause = Self::judged(stack, Some(event), cleaned, Moment::Change, around);
        cause.folded = others.iter().map(|event| Folded::of(event, Fold::Failed)).collect();
        cause
    }

    /// The cause where a call failed.
    pub fn of_call(stack: &str, error: &CallError, around: Around<'_>) -> Self {
        call::cause(stack, error, around)
    }

    fn of_event(stack: &str, first: &First<'_>, around: Around<'_>) -> Self {
        let event = first.event;
        let cleaned = Cleaned::of(first.reason());
        let resource = Some(event).filter(|_| !first.is_of_stack);
        let mut cause = Self::judged(stack, resource, cleaned, Moment::of(&event.status), around);
        cause.began = first.began.map(|event| Folded::of(event, Fold::Failed));
        cause.folded = first.others.iter().map(|(event, how)| Folded::of(event, *how)).collect();
        cause
    }

    fn judged(
        stack: &str,
        event: Option<&StackEvent>,
        cleaned: Cleaned,
        moment: Moment,
        around: Around<'_>,
    ) -> Self {
        let kind = event.map_or("", |event| &event.kind);
        let logical_id = event.map_or("", |event| &event.logical_id);
        let entry = remedies::find(&cleaned, kind, moment);
        let config = place::of(entry, logical_id, kind, &cleaned.text, around);
        let needs = logs::hint(entry, logical_id, around);
        let (place, log) = (config.as_ref(), needs.as_ref());
        let facts = facts::Facts { cleaned: &cleaned, event, config: place, needs: log, action: None };
        Self {
            stack: stack.to_owned(),
            logical_id: event.map(|event| event.logical_id.clone()),
            kind: event.map(|event| event.kind.clone()).filter(|kind| !kind.is_empty()),
            physical_id: event.map(|event| event.physical_id.clone()).filter(|id| !id.is_empty()),
            remedy: Remedy { id: entry.id, text: facts.fill(entry.text), transient: entry.transient },
            config,
            began: None,
            folded: Vec::new(),
            needs,
            log: Vec::new(),
            reason: cleaned.text,
            code: cleaned.code,
        }
    }

    /// Adds what the log says, its end being the most telling.
    #[must_use]
    pub fn with_log(mut self, events: &[LogEvent]) -> Self {
        const TOLD: usize = 12;
        let last = events.iter().skip(events.len().saturating_sub(TOLD));
        self.log = last.map(|event| event.message.trim_end().to_owned()).collect();
        self
    }
}

impl Folded {
    fn of(event: &StackEvent, how: Fold) -> Self {
        let reason = Cleaned::of(event.reason.as_deref().unwrap_or_default()).text;
        Self { logical_id: event.logical_id.clone(), kind: event.kind.clone(), reason, how }
    }
}
