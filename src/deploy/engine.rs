//! The edge of the engine: makes the calls that a machine asks for, waits as it says, and tells observers.

use std::collections::BTreeMap;

use crate::control::{self, Control, Told as Ear};
use crate::event::{Event, Observer, StackStep};
use crate::machine::{Action, Answer, Finish, Input, Machine, Poll, Request, Told, Work};
use crate::outcome::StackOutcome;
use crate::ports::{Call, CallError, CloudFormation, World};
use crate::retry::{Backoff, Caller, Pace, Policy};

/// Everything that a run needs to reach the world and to be reached.
pub struct Engine<'a> {
    world: &'a World,
    observer: &'a dyn Observer,
    pace: Pace,
    policy: Policy,
    told: Ear,
    /// How many stacks are worked on side by side, at most.
    pub limit: usize,
    /// How often CloudFormation is asked while something is under way.
    pub poll: Poll,
    /// Resources that a rollback which failed leaves out when it is continued: logical ids by the stack's short name.
    pub skip: BTreeMap<String, Vec<String>>,
}

impl<'a> Engine<'a> {
    /// An engine over `world`, told what to do by `told`.
    pub fn new(world: &'a World, observer: &'a dyn Observer, told: Ear) -> Self {
        Self {
            world,
            observer,
            pace: Pace::default(),
            policy: Policy::default(),
            told,
            limit: 8,
            poll: Poll::default(),
            skip: BTreeMap::new(),
        }
    }

    /// With another policy for calls that fail.
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// The world.
    pub fn world(&self) -> &World {
        self.world
    }

    /// What makes calls again, for those that no machine makes: at one pace with the machines'.
    pub fn caller(&self) -> Caller<'_> {
        let clock = self.world.clock.as_ref();
        Caller { clock, observer: self.observer, pace: &self.pace, policy: self.policy }
    }

    /// What the run is told now.
    pub fn control(&self) -> Control {
        *self.told.borrow()
    }

    pub(crate) fn tell(&self, stack: &str, step: StackStep) {
        self.observer.on(Event::Stack { name: stack.to_owned(), step });
    }

    /// Runs one machine to its end.
    pub async fn drive(&self, work: Work) -> Finish {
        let mut machine = Machine::new(work);
        let mut told = self.told.clone();
        let mut input = Input::Start;
        loop {
            machine.heed(*told.borrow_and_update());
            let action = machine.next(input);
            self.pass_on(&mut machine);
            input = match action {
                Action::Finish(finish) => return finish,
                Action::Sleep(duration) => {
                    self.sleep(duration, &mut told).await;
                    Input::Slept
                }
                Action::Call(request) => match self.make(&request, &mut told).await {
                    Ok(Ok(answer)) => Input::Answer(answer),
                    Ok(Err(error)) => Input::Failed(error),
                    Err(Detached) => return Finish::Ended(machine.leave()),
                },
            };
        }
    }

    /// Runs one machine that does not compare, to its end.
    pub async fn run(&self, work: Work) -> StackOutcome {
        let name = work.target.name.clone();
        let outcome = match self.drive(work).await {
            Finish::Ended(outcome) => outcome,
            Finish::Prepared(prepared) => {
                StackOutcome::Done { changed: false, stack: prepared.stack.map(Box::new) }
            }
        };
        match &outcome {
            StackOutcome::Done { changed, .. } => self.tell(&name, StackStep::Done { changed: *changed }),
            StackOutcome::Failed(failure) => {
                // Without a status there is no stack that could be drawn as failed.
                let status = failure.status.unwrap_or(crate::status::StackStatus::DeleteComplete);
                self.tell(&name, StackStep::Failed(status));
            }
            _ => {}
        }
        outcome
    }

    fn pass_on(&self, machine: &mut Machine) {
        for told in machine.told() {
            match told {
                Told::Step(step) => self.tell(machine.name(), step),
                Told::Note(text) => self.observer.on(Event::Note(text)),
            }
        }
    }

    /// Waits, or until the run is told something.
    async fn sleep(&self, duration: std::time::Duration, told: &mut Ear) -> Option<Control> {
        tokio::select! {
            () = self.world.clock.sleep(duration) => None,
            control = control::changed(told) => Some(control),
        }
    }

    /// Makes a call, again where that is of use. Waiting for another try ends when the run is told to detach.
    async fn make(&self, request: &Request, told: &mut Ear) -> Result<Call<Answer>, Detached> {
        let (caller, mut backoff) = (self.caller(), Backoff::default());
        loop {
            let error: CallError = match caller.once(send(self.world.cloudformation.as_ref(), request)).await
            {
                Ok(answer) => return Ok(Ok(answer)),
                Err(error) => error,
            };
            let Some(wait) = caller.wait_after(&mut backoff, &error) else { return Ok(Err(error)) };
            if self.sleep(wait, told).await == Some(Control::Detach) {
                return Err(Detached);
            }
        }
    }
}

/// The run was told to detach while a call could not be made.
struct Detached;

/// Makes one call.
async fn send(cloudformation: &dyn CloudFormation, request: &Request) -> Call<Answer> {
    let done = match request {
        Request::Stack(stack) => return cloudformation.stack(stack).await.map(Answer::Stack),
        Request::ChangeSet { stack, name } => {
            return cloudformation.change_set(stack, name).await.map(Answer::ChangeSet);
        }
        Request::Events { stack, after } => {
            return cloudformation.events(stack, after.as_deref()).await.map(Answer::Events);
        }
        Request::CreateChangeSet(request) => cloudformation.create_change_set(request).await,
        Request::Execute { stack, name, token } => {
            cloudformation.execute_change_set(stack, name, token).await
        }
        Request::DeleteChangeSet { stack, name } => cloudformation.delete_change_set(stack, name).await,
        Request::Delete(request) => cloudformation.delete_stack(request).await,
        Request::ContinueRollback { stack, skip, token } => {
            cloudformation.continue_rollback(stack, skip, token).await
        }
        Request::RollBack { stack, token } => cloudformation.rollback(stack, token).await,
        Request::CancelUpdate { stack, token } => cloudformation.cancel_update(stack, token).await,
        Request::Unprotect(stack) => cloudformation.protect(stack, false).await,
    };
    done.map(|()| Answer::Done)
}
