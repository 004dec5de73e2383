//! Following an operation to its end: the stack is asked, then its events are read, again and again.
//!
//! The stack is asked first, so that its last events are there to be read when it has ended.

use super::{Action, Begin, Kind, Machine, Operation, Phase, Request, Told, Why};
use crate::event::StackStep;
use crate::ports::cloudformation::{DeleteRequest, ObservedStack, StackEvent, StackStatus};
use crate::target::{state_of, token};

/// How often a stack may look untouched after CloudFormation took a call that changes it.
const UNTOUCHED: u32 = 8;

impl Machine {
    /// Sets an operation up to be followed.
    pub(super) fn start(&mut self, kind: Kind) {
        let begun = kind == Kind::Found;
        let stack = self.stack.as_ref().filter(|_| !begun);
        let from = stack.map(|stack| (stack.status, state_of(stack)));
        if kind != Kind::Undo {
            self.events.clear();
        }
        let (over, polls, is_ours, was_found) = (false, 0, false, false);
        self.operation = Some(Operation { kind, from, begun, over, polls, is_ours, was_found });
        self.wait = self.work.options.poll.first;
    }

    /// Reads what had happened before an operation begins: its events are those after it.
    pub(super) fn mark(&mut self, begin: Begin) -> Action {
        self.phase = Phase::Mark(begin);
        Action::Call(Request::Events { stack: self.id(), after: self.cursor.clone() })
    }

    pub(super) fn marked(&mut self, begin: Begin, events: &[StackEvent]) -> Action {
        self.seen.extend(events.iter().map(|event| event.id.clone()));
        if let Some(last) = events.last() {
            self.cursor = Some(last.id.clone());
        }
        let stack = self.id();
        let token = |what: &str| token(what, &stack, self.cursor.as_deref().unwrap_or_default());
        let request = match &begin {
            Begin::Execute(name) => {
                // Not of what had happened before: a run that was killed must say the same again.
                let token = crate::target::token(name, &stack, "");
                Request::Execute { name: name.clone(), token, stack: stack.clone() }
            }
            Begin::Delete { retain, force } => Request::Delete(self.deletion(retain.clone(), *force)),
            Begin::ContinueRollback => {
                let skip = self.work.options.skip.clone();
                Request::ContinueRollback { token: token("lisa-continue"), skip, stack: stack.clone() }
            }
            Begin::RollBack => Request::RollBack { token: token("lisa-rollback"), stack: stack.clone() },
            Begin::CancelUpdate => {
                Request::CancelUpdate { token: token("lisa-cancel"), stack: stack.clone() }
            }
        };
        self.phase = Phase::Begin(begin);
        Action::Call(request)
    }

    pub(super) fn deletion(&self, retain: Vec<String>, force: bool) -> DeleteRequest {
        let stack = self.id();
        let token = token("lisa-delete", &stack, self.cursor.as_deref().unwrap_or_default());
        DeleteRequest { stack, retain, force, token }
    }

    /// Asks how the stack is.
    pub(super) fn follow(&mut self) -> Action {
        self.phase = Phase::Follow;
        Action::Call(Request::Stack(self.id()))
    }

    pub(super) fn followed(&mut self, stack: Option<ObservedStack>) -> Action {
        let before = self.status();
        self.see(stack);
        let status = self.status();
        let now = self.stack.as_ref().map(|stack| (stack.status, state_of(stack)));
        let Some(operation) = &mut self.operation else { return self.observe() };
        operation.begun |= now != operation.from;
        operation.over = operation.begun && !status.is_some_and(StackStatus::is_in_progress);
        operation.polls += 1;
        if let Some(status) = status.filter(|_| status != before || operation.polls == 1)
            && status.is_in_progress()
        {
            self.told.push(Told::Step(StackStep::Working(status)));
        }
        self.phase = Phase::Events;
        Action::Call(Request::Events { stack: self.id(), after: self.cursor.clone() })
    }

    pub(super) fn happened(&mut self, events: Vec<StackEvent>) -> Action {
        let new = self.new_events(events);
        let id = self.id();
        let mut touched = false;
        for event in new {
            self.cursor = Some(event.id.clone());
            self.seen.insert(event.id.clone());
            touched |= event.physical_id == id;
            if event.physical_id != id {
                self.told.push(Told::Step(StackStep::Resource(event.clone())));
            }
            self.events.push(event);
        }
        let Some(operation) = &mut self.operation else { return self.observe() };
        operation.begun |= touched;
        match (operation.over, operation.begun) {
            (true, _) => self.ended(),
            (false, false) if operation.polls > UNTOUCHED => self.untouched(),
            _ => {
                let question = Request::Stack(id);
                let action = self.later(question);
                self.phase = Phase::Follow;
                action
            }
        }
    }

    /// The events that are new; of an operation that was under way already, those since its beginning.
    fn new_events(&mut self, events: Vec<StackEvent>) -> Vec<StackEvent> {
        let id = self.id();
        let is_found = self.operation.as_ref().is_some_and(|operation| operation.kind == Kind::Found);
        let from = match (is_found, &self.cursor) {
            (true, None) => events.iter().rposition(|event| begins(event, &id)).unwrap_or(0),
            _ => 0,
        };
        if let (Some(operation), Some(first), true) =
            (&mut self.operation, events.get(from), self.cursor.is_none())
        {
            let prefix = self.work.target.content.prefix();
            operation.is_ours = first.token.as_ref().is_some_and(|token| token.starts_with(&prefix));
        }
        events.into_iter().skip(from).filter(|event| !self.seen.contains(&event.id)).collect()
    }

    /// A call was taken, and nothing came of it.
    fn untouched(&mut self) -> Action {
        let was_found = self.operation.take().is_some_and(|operation| operation.was_found);
        if was_found {
            return self.again();
        }
        self.fail(Why::known("CloudFormation took the call and did not begin", "Run it again.").unknown())
    }
}

/// Whether the event is the beginning of an operation on the stack of this id.
fn begins(event: &StackEvent, id: &str) -> bool {
    let verbs = ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"];
    event.physical_id == id && verbs.contains(&event.status.as_str())
}
