//! A stack of the fake cloud: what it holds, what is going on with it, and what is known of both.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use lisa_deploy::ports::cloudformation::{
    ChangeSetState, ObservedStack, ResourceChange, StackEvent, StackStatus,
};
use lisa_deploy::status::ResourceStatus;

use super::operation::{Operation, Step};
use super::template::Resources;
use super::{State, time_of_day};

/// A stack.
#[derive(Clone, Debug)]
pub(crate) struct FakeStack {
    /// Its ARN.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its status.
    pub(crate) status: StackStatus,
    /// Why.
    pub(crate) reason: Option<String>,
    /// The template that it was last given.
    pub(crate) template: String,
    /// Values of its parameters.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Its tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// Whether it is protected.
    pub(crate) protected: bool,
    /// Since the beginning of the cloud.
    pub(crate) created: Duration,
    /// Since the beginning of the cloud.
    pub(crate) updated: Option<Duration>,
    /// What is there.
    pub(crate) resources: BTreeMap<String, FakeResource>,
    /// Its change sets by name.
    pub(crate) change_sets: BTreeMap<String, FakeChangeSet>,
    /// What happened, oldest first.
    pub(crate) events: Vec<StackEvent>,
    /// What is going on.
    pub(crate) operation: Option<Operation>,
    /// Tokens of the calls that were done.
    pub(crate) tokens: Vec<String>,
}

/// A resource that is there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FakeResource {
    /// Its physical id.
    pub(crate) physical_id: String,
    /// What the template says of it.
    pub(crate) body: serde_json::Value,
}

/// A change set.
#[derive(Clone, Debug)]
pub(crate) struct FakeChangeSet {
    /// The token that it was asked for with.
    pub(crate) token: String,
    /// How far it is, once it is ready.
    pub(crate) state: ChangeSetState,
    /// Why it failed.
    pub(crate) reason: Option<String>,
    /// Until then it is pending.
    pub(crate) ready: Duration,
    /// What it would do.
    pub(crate) changes: Vec<ResourceChange>,
    /// What the stack would hold.
    pub(crate) resources: Resources,
    /// The template.
    pub(crate) template: String,
    /// Values of the parameters.
    pub(crate) parameters: BTreeMap<String, String>,
    /// The stack's tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// The token that it was executed with.
    pub(crate) executed: Option<String>,
}

impl Default for FakeStack {
    fn default() -> Self {
        Self::new(String::new(), String::new(), StackStatus::ReviewInProgress, Duration::ZERO)
    }
}

impl FakeStack {
    /// A stack without resources, events and change sets.
    pub(crate) fn new(id: String, name: String, status: StackStatus, created: Duration) -> Self {
        Self {
            id,
            name,
            status,
            reason: None,
            template: "{}".to_owned(),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            protected: false,
            created,
            updated: None,
            resources: BTreeMap::new(),
            change_sets: BTreeMap::new(),
            events: Vec::new(),
            operation: None,
            tokens: Vec::new(),
        }
    }

    /// As CloudFormation describes it.
    pub(crate) fn observed(&self) -> ObservedStack {
        ObservedStack {
            id: self.id.clone(),
            name: self.name.clone(),
            status: self.status,
            reason: self.reason.clone(),
            parameters: self.parameters.clone(),
            outputs: BTreeMap::new(),
            tags: self.tags.clone(),
            protected: self.protected,
            created: Some(time_of_day(self.created)),
            updated: self.updated.map(time_of_day),
        }
    }

    /// What the stack holds, as its template said it.
    pub(crate) fn bodies(&self) -> Resources {
        self.resources.iter().map(|(id, resource)| (id.clone(), resource.body.clone())).collect()
    }

    /// Gives the stack a status, and says so in an event.
    pub(super) fn turn(
        &mut self,
        state: &mut State,
        at: Duration,
        status: StackStatus,
        reason: Option<String>,
    ) {
        (self.status, self.reason) = (status, reason.clone());
        if matches!(status, StackStatus::UpdateInProgress | StackStatus::DeleteInProgress) {
            self.updated = Some(at);
        }
        let (name, id) = (self.name.clone(), self.id.clone());
        self.tell(state, at, [&name, &id, "AWS::CloudFormation::Stack", status.as_str()], reason);
    }

    /// Records an event of `[logical id, physical id, type, status]`.
    pub(super) fn tell(&mut self, state: &mut State, at: Duration, what: [&str; 4], reason: Option<String>) {
        let [logical_id, physical_id, kind, status] = what.map(str::to_owned);
        let token = self.operation.as_ref().map(|operation| operation.token.clone());
        let (id, at, status) =
            (format!("event-{}", state.id()), time_of_day(at), ResourceStatus::new(status));
        self.events.push(StackEvent { id, at, logical_id, physical_id, kind, status, reason, token });
    }

    /// Lets happen what is due.
    pub(super) fn advance(&mut self, state: &mut State) {
        let is_due = |operation: &Operation| operation.steps.front().is_some_and(|(at, _)| *at <= state.now);
        if !self.operation.as_ref().is_some_and(is_due) {
            return;
        }
        let due = self.operation.as_mut().and_then(|operation| operation.steps.pop_front());
        if let Some((at, step)) = due {
            self.apply(state, at, step);
            self.advance(state);
        }
    }

    fn apply(&mut self, state: &mut State, at: Duration, step: Step) {
        match step {
            Step::Turn(status, reason) => self.turn(state, at, status, reason),
            Step::Tell { id, body, status, reason } => {
                let physical =
                    self.resources.get(&id).map_or_else(String::new, |found| found.physical_id.clone());
                let kind = super::template::kind(&body);
                self.tell(state, at, [&id, &physical, &kind, &status], reason);
            }
            Step::Put { id, body } => self.put(state, &id, body),
            Step::Restore { id, old } => match old {
                Some(old) => drop(self.resources.insert(id, old)),
                None => self.remove(state, &id),
            },
            Step::Remove(id) => self.remove(state, &id),
            Step::Fail(reason) => self.fall_back(state, at, &reason),
            Step::End => self.operation = None,
        }
    }

    fn put(&mut self, state: &mut State, id: &str, body: serde_json::Value) {
        let old = self.resources.get(id).cloned();
        let physical_id = match &old {
            Some(old) => old.physical_id.clone(),
            None => format!("{}-{id}-{}", self.name, state.id()),
        };
        if old.is_none() {
            *state.created.entry((self.name.clone(), id.to_owned())).or_default() += 1;
        }
        if super::template::kind(&body) == "AWS::SSM::Parameter" {
            let name = body["Properties"]["Name"].as_str().unwrap_or_default().to_owned();
            let value = body["Properties"]["Value"].as_str().unwrap_or(&physical_id).to_owned();
            state.parameters.insert(name, value);
        }
        self.resources.insert(id.to_owned(), FakeResource { physical_id, body });
        if let Some(operation) = &mut self.operation {
            operation.touched.push((id.to_owned(), old));
        }
    }

    fn remove(&mut self, state: &mut State, id: &str) {
        if let Some(old) = self.resources.remove(id)
            && let Some(name) = old.body["Properties"]["Name"].as_str()
        {
            state.parameters.remove(name);
        }
    }

    /// Whether an operation is going on.
    pub(crate) fn is_busy(&self) -> bool {
        self.operation.is_some()
    }

    /// Lets what is under way take longer.
    pub(crate) fn delay(&mut self, longer: Duration) {
        for (at, _) in self.operation.iter_mut().flat_map(|operation| &mut operation.steps) {
            *at += longer;
        }
    }

    /// Starts an operation.
    pub(super) fn begin(&mut self, token: &str, steps: VecDeque<(Duration, Step)>) {
        self.operation = Some(Operation { token: token.to_owned(), steps, touched: Vec::new() });
    }
}
