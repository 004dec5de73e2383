//! What is known of each stack, asset and part, from the events so far.

use std::collections::BTreeMap;
use std::time::Duration;

use lisa_deploy::cause::{Around, Cause};
use lisa_deploy::event::{AssetStep, Event, StackStep};
use lisa_deploy::ports::cloudformation::StackEvent;
use lisa_deploy::status::StackStatus;

/// Everything that is shown, in the order in which it came up.
#[derive(Debug, Default)]
pub(super) struct Board {
    pub(super) assets: Vec<(String, AssetStep)>,
    pub(super) stacks: Vec<StackRow>,
    pub(super) parts: BTreeMap<String, Option<u16>>,
    pub(super) retry: Option<Retry>,
}

/// A call that is made again.
#[derive(Debug)]
pub(super) struct Retry {
    pub(super) says: String,
    pub(super) until: Duration,
}

/// One stack.
#[derive(Debug)]
pub(super) struct StackRow {
    pub(super) name: String,
    pub(super) state: State,
    /// Since when something is done about it.
    pub(super) since: Option<Duration>,
    /// When it came to an end.
    pub(super) until: Option<Duration>,
    /// Resources in work, oldest first, with the time when each was begun.
    pub(super) in_work: Vec<(String, String, Duration)>,
    /// Resources that are finished.
    pub(super) finished: usize,
    /// The first resource that failed.
    pub(super) failed: Option<String>,
}

/// How a stack stands.
#[derive(Debug)]
pub(super) enum State {
    Waiting(Vec<String>),
    Planning,
    Working(StackStatus),
    Done { changed: bool },
    Failed(StackStatus),
    Skipped(String),
}

impl State {
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Failed(_) | Self::Skipped(_))
    }
}

impl Board {
    /// Takes in an event that happened at `now`. Returns why a stack fails, as soon as that is to be seen.
    pub(super) fn take(&mut self, event: Event, now: Duration) -> Option<String> {
        let cause = self.cause(&event);
        match event {
            Event::Asset { name, step } => match self.assets.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = step,
                None => self.assets.push((name, step)),
            },
            Event::Stack { name, step } => self.stack(name).take(step, now),
            Event::Ready { what, status, .. } => drop(self.parts.insert(what, status)),
            Event::Retry { action, why, after } => {
                self.retry = Some(Retry { says: format!("{action}: {why}"), until: now + after });
            }
            Event::Note(_) => {}
        }
        cause
    }

    /// The first line of the cause that an event shows, if it is the stack's first failure.
    fn cause(&self, event: &Event) -> Option<String> {
        let Event::Stack { name, step: StackStep::Resource(event) } = event else { return None };
        let failed_before = self.stacks.iter().any(|row| row.name == *name && row.failed.is_some());
        let cause = Cause::of_events(name, "", std::slice::from_ref(event), Around::default());
        cause.filter(|_| !failed_before).map(|cause| cause.headline())
    }

    fn stack(&mut self, name: String) -> &mut StackRow {
        let index = self.stacks.iter().position(|row| row.name == name).unwrap_or_else(|| {
            self.stacks.push(StackRow::new(name));
            self.stacks.len() - 1
        });
        &mut self.stacks[index]
    }
}

impl StackRow {
    fn new(name: String) -> Self {
        let (state, in_work) = (State::Waiting(Vec::new()), Vec::new());
        Self { name, state, since: None, until: None, in_work, finished: 0, failed: None }
    }

    fn take(&mut self, step: StackStep, now: Duration) {
        if !matches!(step, StackStep::Waiting(_) | StackStep::Skipped(_)) {
            self.since.get_or_insert(now);
        }
        match step {
            StackStep::Waiting(stacks) => self.state = State::Waiting(stacks),
            StackStep::Planning => self.state = State::Planning,
            StackStep::Working(status) => self.state = State::Working(status),
            StackStep::Resource(event) => self.resource(event, now),
            StackStep::Done { changed } => self.state = State::Done { changed },
            StackStep::Failed(status) => self.state = State::Failed(status),
            StackStep::Skipped(why) => self.state = State::Skipped(why),
        }
        if self.state.is_over() {
            self.until.get_or_insert(now);
        }
    }

    fn resource(&mut self, event: StackEvent, now: Duration) {
        if event.kind == "AWS::CloudFormation::Stack" {
            return;
        }
        let known = self.in_work.iter().position(|(id, ..)| *id == event.logical_id);
        if event.status.is_in_progress() {
            if known.is_none() {
                self.in_work.push((event.logical_id, event.kind, now));
            }
            return;
        }
        if let Some(known) = known {
            self.in_work.remove(known);
        }
        self.finished += 1;
        let is_cause = || Cause::of_events("", "", std::slice::from_ref(&event), Around::default()).is_some();
        if event.status.is_failure() && self.failed.is_none() && is_cause() {
            self.failed = Some(event.logical_id);
        }
    }
}
