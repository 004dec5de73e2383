//! Change sets: found again or made, waited for, executed, and deleted where they are of no use.

use super::{Accepted, Action, Begin, Finish, Kind, Machine, Phase, Request, Then, Why};
use crate::event::StackStep;
use crate::losses;
use crate::next::{Intent, Next};
use crate::ports::cloudformation::{
    ChangeSet, ChangeSetRequest, ChangeSetState, ObservedStack, ResourceChange, StackStatus,
};
use crate::target::{Attempt, change_set_name};

/// How often a change set may be missing after it was made: CloudFormation is not consistent at once.
const MISSES: u32 = 5;

/// How often in a run another name is tried.
pub(super) const RETRIES: u32 = 3;

impl Machine {
    /// The name of the change set of this attempt.
    pub(super) fn own(&self) -> String {
        let attempt = Attempt { stack: self.stack.as_ref(), basis: &self.work.basis, retry: self.retry };
        change_set_name(&self.work.target, &attempt)
    }

    /// Begins to change the stack: what was shown but does not hold any more is deleted first.
    pub(super) fn change(&mut self, creates: bool) -> Action {
        self.creates = creates;
        self.told.push(super::Told::Step(StackStep::Planning));
        let own = self.own();
        match self.work.options.prepared.take().filter(|prepared| *prepared != own) {
            Some(prepared) => self.discard(prepared, Then::Seek),
            None => self.seek(),
        }
    }

    fn seek(&mut self) -> Action {
        if self.stack.is_none() {
            return self.make();
        }
        self.phase = Phase::Seek;
        Action::Call(Request::ChangeSet { stack: self.id(), name: self.own() })
    }

    pub(super) fn sought(&mut self, found: Option<ChangeSet>) -> Action {
        match found {
            // What failed or was empty then need not be so now.
            Some(set) if matches!(set.state, ChangeSetState::Failed | ChangeSetState::Empty) => {
                self.discard(self.own(), Then::Make)
            }
            Some(set) => {
                self.made = true;
                self.weigh(set, true)
            }
            None => self.make(),
        }
    }

    fn make(&mut self) -> Action {
        self.phase = Phase::Make;
        let (target, name) = (&self.work.target, self.own());
        let request = ChangeSetRequest {
            stack: target.deployed_name.clone(),
            name: name.clone(),
            creates: self.creates,
            template: target.content.template.clone(),
            parameters: target.content.parameters.clone(),
            tags: target.content.tags.clone(),
            token: name,
        };
        Action::Call(Request::CreateChangeSet(Box::new(request)))
    }

    /// Asks how far the change set is.
    pub(super) fn ask(&mut self) -> Action {
        self.made = true;
        self.phase = Phase::Await;
        Action::Call(self.question())
    }

    fn question(&self) -> Request {
        Request::ChangeSet { stack: self.id(), name: self.own() }
    }

    pub(super) fn awaited(&mut self, found: Option<ChangeSet>) -> Action {
        match found {
            Some(set) => self.weigh(set, false),
            None if self.misses < MISSES => {
                self.misses += 1;
                let question = self.question();
                self.later(question)
            }
            None => self.again(),
        }
    }

    /// Tries under another name.
    pub(super) fn again(&mut self) -> Action {
        (self.retry, self.misses, self.made) = (self.retry + 1, 0, false);
        if self.retry < RETRIES {
            return self.observe();
        }
        let reason = "CloudFormation took the change set and does not know it";
        self.fail(Why::known(reason, "Run it again."))
    }

    fn weigh(&mut self, set: ChangeSet, was_found: bool) -> Action {
        if self.stack.is_none() && set.state != ChangeSetState::Pending {
            return self.adopt();
        }
        self.phase = Phase::Await;
        let is_diff = self.work.intent == Intent::Diff;
        match set.state {
            ChangeSetState::Pending => {
                let question = self.question();
                self.later(question)
            }
            ChangeSetState::Empty if is_diff => self.compared(Vec::new()),
            ChangeSetState::Empty => {
                let finish = Finish::Ended(self.success(false));
                self.discard(self.own(), Then::Finish(Box::new(finish)))
            }
            ChangeSetState::Failed => {
                let finish = Finish::Ended(self.failure(Why::told(set.reason)));
                self.discard(self.own(), Then::Clear(Box::new(finish)))
            }
            ChangeSetState::Ready if is_diff => self.compared(set.changes),
            ChangeSetState::Ready => self.execute(&set),
            ChangeSetState::Used => self.executed(was_found),
        }
    }

    fn adopt(&mut self) -> Action {
        self.phase = Phase::Adopt;
        Action::Call(Request::Stack(self.work.target.deployed_name.clone()))
    }

    pub(super) fn adopted(&mut self, stack: Option<ObservedStack>) -> Action {
        self.see(stack);
        if self.stack.is_some() {
            return self.ask();
        }
        self.misses += 1;
        let name = self.work.target.deployed_name.clone();
        if self.misses < MISSES { self.later(Request::Stack(name)) } else { self.again() }
    }

    /// Tells what a deployment would change; the change set stays for it, if it is to.
    fn compared(&mut self, changes: Vec<ResourceChange>) -> Action {
        let keeps = self.work.options.keep && !changes.is_empty();
        let left = keeps.then(|| self.own());
        let action = self.prepared(Next::CompareByChangeSet, Some(changes), left);
        match action {
            Action::Finish(finish) if !keeps => self.discard(self.own(), Then::Finish(Box::new(finish))),
            action => action,
        }
    }

    fn execute(&mut self, set: &ChangeSet) -> Action {
        let lost = losses::of(&set.changes, &self.work.target.content.text);
        let unexpected = lost.into_iter().filter(|id| match &self.work.options.accepted {
            Accepted::All => false,
            Accepted::Only(accepted) => !accepted.contains(id),
        });
        let unexpected: Vec<String> = unexpected.collect();
        if unexpected.is_empty() {
            self.start(Kind::Deploy);
            return self.mark(Begin::Execute(self.own()));
        }
        let reason = format!(
            "the change would lose the data of `{}`, which was not agreed to",
            unexpected.join("`, `")
        );
        let remedy = "Look at it with `lisa diff`; `lisa deploy --allow-data-loss` agrees to it.";
        let finish = Finish::Ended(self.failure(Why::known(reason, remedy)));
        self.discard(self.own(), Then::Clear(Box::new(finish)))
    }

    /// The change set is being executed: by the call before this one, or by a run before this one.
    fn executed(&mut self, was_found: bool) -> Action {
        if self.operation.is_none() {
            self.start(Kind::Deploy);
        }
        if let Some(operation) = &mut self.operation {
            operation.was_found |= was_found;
        }
        self.follow()
    }

    pub(super) fn discard(&mut self, name: String, then: Then) -> Action {
        self.phase = Phase::Drop(then);
        Action::Call(Request::DeleteChangeSet { stack: self.id(), name })
    }

    pub(super) fn dropped(&mut self, then: Then) -> Action {
        self.made = false;
        match then {
            Then::Seek => self.seek(),
            Then::Make => self.make(),
            Then::Finish(finish) => Action::Finish(*finish),
            Then::Clear(finish) => self.clear(finish),
        }
    }

    /// Deletes the shell that CloudFormation made for a change set that will not be executed.
    pub(super) fn clear(&mut self, finish: Box<Finish>) -> Action {
        let is_shell = self.status().is_none_or(|status| status == StackStatus::ReviewInProgress);
        if !self.creates || !is_shell {
            return Action::Finish(*finish);
        }
        self.phase = Phase::Clear(finish);
        Action::Call(Request::Delete(self.deletion(Vec::new(), false)))
    }
}
