//! What a machine does when the run is told to detach or to cancel, wherever it stands.

use super::{Action, Begin, Finish, Kind, Machine, Phase, Then, Told, end};
use crate::control::Control;
use crate::outcome::StackOutcome;
use crate::ports::cloudformation::StackStatus;

impl Machine {
    /// Puts another action in the place of the next one where the run was told something.
    pub(super) fn heeding(&mut self, action: Action) -> Action {
        match (self.control, &action) {
            (Control::Run, _) | (_, Action::Finish(_)) => action,
            (Control::Detach, _) => end(self.leave()),
            (Control::Cancel, _) => self.cancelling(action),
        }
    }

    fn cancelling(&mut self, action: Action) -> Action {
        let has_not_begun = match &self.phase {
            Phase::Observe | Phase::Seek | Phase::Make | Phase::Await | Phase::Unprotect => true,
            Phase::Mark(begin) | Phase::Begin(begin) => !self.is_undoing() && *begin != Begin::CancelUpdate,
            Phase::Follow | Phase::Events => return self.turn_back(action),
            Phase::Drop(_) | Phase::Clear(_) | Phase::Adopt => false,
        };
        if has_not_begun { self.give_up() } else { action }
    }

    fn is_undoing(&self) -> bool {
        self.operation.as_ref().is_some_and(|operation| operation.kind == Kind::Undo)
    }

    /// Ends before anything was changed: the change set that was made is of no use any more.
    fn give_up(&mut self) -> Action {
        let status = self.status().filter(|status| !self.creates || *status != StackStatus::ReviewInProgress);
        let finish = Box::new(Finish::Ended(StackOutcome::Cancelled { status }));
        self.pending = None;
        if !self.made {
            return Action::Finish(*finish);
        }
        let name = self.own();
        self.discard(name, Then::Clear(finish))
    }

    /// Takes back an operation that is under way, as far as CloudFormation can.
    fn turn_back(&mut self, action: Action) -> Action {
        let Some(operation) = &self.operation else { return action };
        let (kind, is_ours, begun) = (operation.kind, operation.is_ours, operation.begun);
        match (kind, self.status()) {
            (Kind::Found, status) if !is_ours => end(StackOutcome::Cancelled { status }),
            (Kind::Heal | Kind::Destroy, _) => {
                self.note("what is under way cannot be cancelled; it is waited for");
                action
            }
            (Kind::Undo, _) => action,
            _ if !begun => action,
            (_, Some(StackStatus::CreateInProgress)) => {
                self.note("the creation is cancelled: what was created is deleted");
                self.undo(Begin::Delete { retain: Vec::new(), force: false })
            }
            (_, Some(StackStatus::UpdateInProgress)) => {
                self.note("the update is cancelled: CloudFormation rolls it back");
                self.undo(Begin::CancelUpdate)
            }
            _ => action,
        }
    }

    fn undo(&mut self, begin: Begin) -> Action {
        self.pending = None;
        self.start(Kind::Undo);
        // What has happened up to here is known: nothing needs to be read first.
        self.marked(begin, &[])
    }

    fn note(&mut self, text: &str) {
        if !std::mem::replace(&mut self.noted, true) {
            self.told.push(Told::Note(format!("{}: {text}", self.work.target.name)));
        }
    }

    /// The end of what was taken back.
    pub(super) fn undone(&mut self, status: Option<StackStatus>) -> Action {
        match status {
            None | Some(StackStatus::UpdateRollbackComplete) => end(StackOutcome::Cancelled { status }),
            // It was too late: the update had ended.
            Some(StackStatus::UpdateComplete) => self.done(true),
            Some(_) => self.fail_as_told(),
        }
    }
}
