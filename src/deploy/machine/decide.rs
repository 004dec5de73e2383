//! From the status of a stack to the first call of its next step, by the table of [`crate::next`].

use super::{Action, Begin, Finish, Kind, Machine, Phase, Prepared, Request, Why, end};
use crate::control::Control;
use crate::next::{Intent, Next, next};
use crate::outcome::StackOutcome;
use crate::ports::cloudformation::{ObservedStack, StackStatus};

impl Machine {
    pub(super) fn decide(&mut self, stack: Option<ObservedStack>) -> Action {
        self.see(stack);
        if self.stack.is_none() {
            self.id = None;
        }
        let step = next(self.status(), self.work.intent);
        match step {
            Next::Create => self.change(true),
            Next::Update | Next::CompareByChangeSet => self.change(false),
            Next::Wait => self.find(),
            Next::DeleteThenCreate => {
                self.heal("deletion", Begin::Delete { retain: Vec::new(), force: false })
            }
            Next::RollBack => self.heal("rollback", Begin::RollBack),
            Next::ContinueRollback => self.heal("rollback", Begin::ContinueRollback),
            Next::Delete => self.unprotect(),
            Next::CompareByTemplate if self.work.options.wait && self.is_under_way() => self.find(),
            Next::CompareWithNothing | Next::CompareByTemplate => self.prepared(step, None, None),
            Next::Done => self.done(false),
            Next::Refuse(refusal) => self.fail(Why::known(refusal.reason, refusal.remedy)),
        }
    }

    fn is_under_way(&self) -> bool {
        self.status().is_some_and(StackStatus::is_in_progress)
    }

    pub(super) fn prepared(
        &mut self,
        how: Next,
        changes: Option<Vec<crate::ports::cloudformation::ResourceChange>>,
        change_set: Option<String>,
    ) -> Action {
        let stack = self.stack.clone();
        Action::Finish(Finish::Prepared(Box::new(Prepared { stack, how, changes, change_set })))
    }

    /// Follows what is under way already.
    fn find(&mut self) -> Action {
        self.start(Kind::Found);
        self.follow()
    }

    /// Clears the way, once: what fails a second time is for a person.
    fn heal(&mut self, what: &'static str, begin: Begin) -> Action {
        if self.healed.insert(what) {
            self.start(Kind::Heal);
            return self.mark(begin);
        }
        let remedy = match begin {
            Begin::Delete { .. } => {
                "Remove what hinders the deletion; `lisa destroy --force` leaves it behind."
            }
            _ => {
                "Repair the resources that fail and run it again, or leave them as they are: `--skip STACK/RESOURCE`."
            }
        };
        let reason = self.reason().unwrap_or_default();
        self.fail(Why::known(format!("the {what} of what an earlier run left has failed: {reason}"), remedy))
    }

    fn unprotect(&mut self) -> Action {
        if !self.stack.as_ref().is_some_and(|stack| stack.protected) {
            return self.delete();
        }
        if self.work.options.unprotect {
            self.phase = Phase::Unprotect;
            return Action::Call(Request::Unprotect(self.id()));
        }
        self.fail(Why::known(
            "the stack is protected from deletion",
            "Lift the protection: `lisa destroy --force` does it.",
        ))
    }

    /// Deletes the stack. Only a stack whose deletion failed may leave resources behind. A removal that has failed in
    /// this run is not begun a second time by it.
    pub(super) fn delete(&mut self) -> Action {
        let failed_before = self.status() == Some(StackStatus::DeleteFailed);
        let options = &self.work.options;
        let (retain, force) =
            if failed_before { (options.retain.clone(), options.force) } else { (Vec::new(), false) };
        self.start(Kind::Destroy);
        self.mark(Begin::Delete { retain, force })
    }

    /// What the end of an operation means.
    pub(super) fn ended(&mut self) -> Action {
        let Some(operation) = self.operation.take() else { return self.observe() };
        let status = self.status();
        let cancelled = self.control == Control::Cancel;
        match operation.kind {
            Kind::Deploy => self.deployed(status),
            Kind::Found if operation.is_ours && self.is_told_of(status) => self.deployed(status),
            Kind::Found | Kind::Heal if cancelled => end(StackOutcome::Cancelled { status }),
            Kind::Found | Kind::Heal => self.observe(),
            Kind::Destroy if status.is_none() => self.done(true),
            Kind::Destroy => self.destroy_failed(),
            Kind::Undo => self.undone(status),
        }
    }

    /// Whether the end of what a run before had begun is this run's: a deployment's always, and where it failed also a
    /// comparison's, because a deployment after that would only fail again.
    fn is_told_of(&self, status: Option<StackStatus>) -> bool {
        let succeeded = matches!(status, Some(StackStatus::CreateComplete | StackStatus::UpdateComplete));
        match self.work.intent {
            Intent::Deploy => true,
            Intent::Diff => !succeeded,
            Intent::Destroy | Intent::Resume => false,
        }
    }

    fn deployed(&mut self, status: Option<StackStatus>) -> Action {
        if let Some(StackStatus::CreateComplete | StackStatus::UpdateComplete) = status {
            return self.done(true);
        }
        self.fail_as_told()
    }

    /// The deletion failed. A second one may leave behind what the first could not delete, where that was allowed.
    fn destroy_failed(&mut self) -> Action {
        let options = &self.work.options;
        let may_leave = options.force || !options.retain.is_empty();
        if may_leave && self.healed.insert("removal") {
            return self.observe();
        }
        let reason = self.reason().unwrap_or_else(|| "the deletion has failed".to_owned());
        self.fail(Why::known(
            reason,
            "Remove what hinders the deletion; `lisa destroy --force` leaves it behind.",
        ))
    }
}
