//! One stack's part of a run as a state machine without I/O: it is told what was answered and says what to do next.
//!
//! [`Machine::next`] takes the result of the last action and returns the next one: a call, a wait, or the end. What
//! the world should know meanwhile is fetched with [`Machine::told`]. It never retries by itself: a call that fails
//! here has used up what [`crate::retry`] gives it.

mod action;
mod change_set;
mod decide;
mod failure;
mod follow;
mod phase;
mod undo;
mod work;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::control::Control;
use crate::outcome::StackOutcome;
use crate::ports::cloudformation::{ObservedStack, StackEvent, StackStatus};
use crate::ports::{CallError, CallErrorKind};

pub use action::{Action, Answer, Finish, Input, Prepared, Request, Told};
pub use work::{Accepted, Options, Poll, Work};

use failure::Why;
use phase::{Begin, Kind, Operation, Phase, Then};

/// One stack's part of a run.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Machine {
    work: Work,
    phase: Phase,
    stack: Option<ObservedStack>,
    /// The stack's id, also when it is gone.
    id: Option<String>,
    creates: bool,
    made: bool,
    retry: u32,
    misses: u32,
    refused: bool,
    healed: BTreeSet<&'static str>,
    operation: Option<Operation>,
    events: Vec<StackEvent>,
    seen: BTreeSet<String>,
    cursor: Option<String>,
    wait: Duration,
    pending: Option<Request>,
    control: Control,
    noted: bool,
    told: Vec<Told>,
}

impl Machine {
    /// A machine that has not begun.
    pub fn new(work: Work) -> Self {
        let wait = work.options.poll.first;
        Self {
            work,
            phase: Phase::Observe,
            stack: None,
            id: None,
            creates: false,
            made: false,
            retry: 0,
            misses: 0,
            refused: false,
            healed: BTreeSet::new(),
            operation: None,
            events: Vec::new(),
            seen: BTreeSet::new(),
            cursor: None,
            wait,
            pending: None,
            control: Control::Run,
            noted: false,
            told: Vec::new(),
        }
    }

    /// Takes the result of the last action and returns the next.
    pub fn next(&mut self, input: Input) -> Action {
        let action = match input {
            Input::Start => self.observe(),
            Input::Slept => match self.pending.take() {
                Some(request) => Action::Call(request),
                None => self.observe(),
            },
            Input::Answer(answer) => self.answered(answer),
            Input::Failed(error) => self.refused(error),
        };
        self.heeding(action)
    }

    /// Tells the machine something; it acts on it at the next step.
    pub fn heed(&mut self, control: Control) {
        self.control = control;
    }

    /// Takes what observers should be told by now, in order.
    pub fn told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    /// The stack's short name.
    pub fn name(&self) -> &str {
        &self.work.target.name
    }

    /// Ends without another call, leaving everything to a later run.
    pub fn leave(&self) -> StackOutcome {
        StackOutcome::Detached { status: self.status() }
    }

    fn answered(&mut self, answer: Answer) -> Action {
        match (self.phase.clone(), answer) {
            (Phase::Observe, Answer::Stack(stack)) => self.decide(stack),
            (Phase::Seek, Answer::ChangeSet(found)) => self.sought(found),
            (Phase::Await, Answer::ChangeSet(found)) => self.awaited(found),
            (Phase::Make, Answer::Done) => self.ask(),
            (Phase::Adopt, Answer::Stack(stack)) => self.adopted(stack),
            (Phase::Mark(begin), Answer::Events(events)) => self.marked(begin, &events),
            (Phase::Begin(_), Answer::Done) => self.follow(),
            (Phase::Follow, Answer::Stack(stack)) => self.followed(stack),
            (Phase::Events, Answer::Events(events)) => self.happened(events),
            (Phase::Drop(then), Answer::Done) => self.dropped(then),
            (Phase::Clear(finish), Answer::Done) => Action::Finish(*finish),
            (Phase::Unprotect, Answer::Done) => self.delete(),
            // An answer to another question: asking again is always right.
            _ => self.observe(),
        }
    }

    fn refused(&mut self, error: CallError) -> Action {
        let (conflict, gone) = (error.kind == CallErrorKind::Conflict, error.kind == CallErrorKind::NotFound);
        match self.phase.clone() {
            Phase::Drop(then) => self.dropped(then),
            Phase::Clear(finish) => Action::Finish(*finish),
            Phase::Observe if gone => self.decide(None),
            Phase::Follow if gone => self.followed(None),
            Phase::Events if gone => self.happened(Vec::new()),
            Phase::Seek if gone => self.sought(None),
            Phase::Await if gone => self.awaited(None),
            Phase::Adopt if gone => self.adopted(None),
            // Somebody was faster; what they did is looked at once.
            Phase::Make if (conflict || gone) && !std::mem::replace(&mut self.refused, true) => {
                self.observe()
            }
            // A change set of this name is on its way out, and nobody can look at it.
            Phase::Make if error.code == "AlreadyExistsException" && self.retry + 1 < change_set::RETRIES => {
                self.again()
            }
            Phase::Begin(Begin::Execute(_)) if conflict => self.ask(),
            Phase::Begin(Begin::Delete { .. }) if gone => self.follow(),
            // It was taken before, and the answer was lost.
            Phase::Begin(_) if error.code == "TokenAlreadyExistsException" => self.follow(),
            Phase::Begin(Begin::CancelUpdate) if error.kind != CallErrorKind::Expired => self.follow(),
            phase => {
                let unknown = matches!(phase, Phase::Begin(_)) && error.kind.is_transient();
                self.fail(Why::call(error, unknown))
            }
        }
    }

    fn observe(&mut self) -> Action {
        self.phase = Phase::Observe;
        Action::Call(Request::Stack(self.work.target.deployed_name.clone()))
    }

    /// Makes a call after a wait that grows.
    fn later(&mut self, request: Request) -> Action {
        self.pending = Some(request);
        let wait = self.wait;
        self.wait = (wait + wait / 2).min(self.work.options.poll.most);
        Action::Sleep(wait)
    }

    fn status(&self) -> Option<StackStatus> {
        self.stack.as_ref().map(|stack| stack.status)
    }

    /// What calls about the stack name it by: its id, once that is known.
    fn id(&self) -> String {
        self.id.clone().unwrap_or_else(|| self.work.target.deployed_name.clone())
    }

    /// Takes note of the stack as it is now. Events of a stack of before are not this one's.
    fn see(&mut self, stack: Option<ObservedStack>) {
        self.stack = stack.filter(|stack| stack.status != StackStatus::DeleteComplete);
        let id = self.stack.as_ref().map(|stack| stack.id.clone());
        if id.is_some() && id != self.id {
            (self.cursor, self.id) = (None, id);
            self.seen.clear();
        }
    }

    fn done(&self, changed: bool) -> Action {
        end(self.success(changed))
    }

    fn success(&self, changed: bool) -> StackOutcome {
        StackOutcome::Done { changed, stack: self.stack.clone().map(Box::new) }
    }
}

/// The end of the stack's part of a run.
fn end(outcome: StackOutcome) -> Action {
    Action::Finish(Finish::Ended(outcome))
}
