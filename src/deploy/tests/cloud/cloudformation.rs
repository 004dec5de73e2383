//! CloudFormation in the fake cloud: change sets, their tokens, and what each status allows.

use async_trait::async_trait;
use lisa_deploy::ports::cloudformation::{
    ChangeSet, ChangeSetRequest, ChangeSetState, CloudFormation, DeleteRequest, ObservedStack, StackEvent,
    StackResource, StackStatus, TemplateSource,
};
use lisa_deploy::ports::{Call, CallError, CallErrorKind};
use lisa_deploy::status::ResourceStatus;
use std::time::Duration;

use super::stack::{FakeChangeSet, FakeStack};
use super::{Cloud, State, template};

fn refused<T>(action: &'static str, kind: CallErrorKind, code: &str, message: &str) -> Call<T> {
    Err(CallError { action, kind, code: code.to_owned(), message: message.to_owned() })
}

impl State {
    /// The stack of this id, or the one of this name that is not deleted.
    pub(crate) fn stack(&mut self, stack: &str) -> Option<&mut FakeStack> {
        let matches = |found: &&mut FakeStack| {
            found.id == stack || (found.name == stack && found.status != StackStatus::DeleteComplete)
        };
        self.stacks.iter_mut().rev().find(matches)
    }

    /// The stack, or the error of a call to none.
    fn expect(&mut self, action: &'static str, stack: &str) -> Call<FakeStack> {
        let message = format!("Stack [{stack}] does not exist");
        match self.stack(stack) {
            Some(found) => Ok(found.clone()),
            None => refused(action, CallErrorKind::NotFound, "ValidationError", &message),
        }
    }

    /// Changes a stack with the rest of the state at hand.
    fn with(&mut self, id: &str, change: impl FnOnce(&mut FakeStack, &mut Self)) {
        if let Some(index) = self.stacks.iter().position(|stack| stack.id == id) {
            let mut stack = std::mem::take(&mut self.stacks[index]);
            change(&mut stack, self);
            self.stacks[index] = stack;
        }
    }

    /// A stack of this name and status that nobody in this test has made.
    pub(crate) fn shell(&mut self, name: &str, status: StackStatus) -> String {
        let id = format!("arn:aws:cloudformation:us-east-1:123456789012:stack/{name}/{}", self.id());
        self.stacks.push(FakeStack::new(id.clone(), name.to_owned(), status, self.now));
        id
    }

    fn text_of(&self, source: &TemplateSource) -> Option<String> {
        match source {
            TemplateSource::Body(text) => Some(text.clone()),
            TemplateSource::Url(url) => {
                let (bucket, key) = url.strip_prefix("fake://")?.split_once('/')?;
                let stored = self.objects.get(bucket)?.get(key)?;
                String::from_utf8(stored.bytes.to_vec()).ok()
            }
        }
    }

    fn create_change_set(&mut self, request: &ChangeSetRequest) -> Call<()> {
        const ACTION: &str = "cloudformation:CreateChangeSet";
        let invalid = |message: &str| refused(ACTION, CallErrorKind::Invalid, "ValidationError", message);
        let found = self.stack(&request.stack).map(|stack| (stack.id.clone(), stack.status, stack.is_busy()));
        let id = match (request.creates, found) {
            (true, None) => self.shell(&request.stack, StackStatus::ReviewInProgress),
            (true, Some((id, StackStatus::ReviewInProgress, _))) => id,
            (true, Some((_, status, _))) => {
                return invalid(&format!(
                    "Stack already exists and cannot be created with the changeSet: {status}"
                ));
            }
            (false, None) => return invalid("Stack does not exist"),
            (false, Some((id, status, false))) if may_be_updated(status) => id,
            (false, Some((_, status, _))) => {
                return invalid(&format!("Stack is in {status} state and can not be updated."));
            }
        };
        let stack = self.expect(ACTION, &id)?;
        if let Some(old) = stack.change_sets.get(&request.name) {
            if old.token == request.token {
                return Ok(());
            }
            self.violations
                .push(format!("change set {} was asked for twice with different tokens", request.name));
            return refused(ACTION, CallErrorKind::Conflict, "AlreadyExistsException", "it exists");
        }
        let set = self.made(request, &stack);
        self.with(&id, |stack, _| drop(stack.change_sets.insert(request.name.clone(), set)));
        Ok(())
    }

    fn made(&self, request: &ChangeSetRequest, stack: &FakeStack) -> FakeChangeSet {
        let text = self.text_of(&request.template);
        let read = text.as_deref().ok_or_else(|| "S3 error: Access Denied".to_owned());
        let read = read.and_then(|text| template::resources(text, &request.parameters, &self.parameters));
        let (reason, resources) = match read {
            Ok(resources) => (None, resources),
            Err(reason) => (Some(reason), template::Resources::new()),
        };
        let changes = template::changes(&stack.bodies(), &resources);
        let state = match (&reason, changes.is_empty() && stack.tags == request.tags) {
            (Some(_), _) => ChangeSetState::Failed,
            (None, true) => ChangeSetState::Empty,
            (None, false) => ChangeSetState::Ready,
        };
        FakeChangeSet {
            token: request.token.clone(),
            state,
            reason,
            ready: self.now + Duration::from_secs(3),
            changes,
            resources,
            template: text.unwrap_or_default(),
            parameters: request.parameters.clone(),
            tags: request.tags.clone(),
            executed: None,
        }
    }

    fn execute_change_set(&mut self, stack: &str, name: &str, token: &str) -> Call<()> {
        const ACTION: &str = "cloudformation:ExecuteChangeSet";
        let found = self.expect(ACTION, stack)?;
        let Some(set) = found.change_sets.get(name) else {
            return refused(
                ACTION,
                CallErrorKind::NotFound,
                "ChangeSetNotFound",
                "there is none of this name",
            );
        };
        match set.executed.as_deref() {
            Some(before) if before == token => return Ok(()),
            Some(_) => self.violations.push(format!("{name} of {stack} was executed twice")),
            None => {}
        }
        if set.state != ChangeSetState::Ready || set.ready > self.now || found.is_busy() {
            let message = "[ChangeSet] cannot be executed in its current state";
            return refused(ACTION, CallErrorKind::Conflict, "InvalidChangeSetStatus", message);
        }
        self.with(&found.id, |stack, state| {
            for set in stack.change_sets.values_mut() {
                set.state = ChangeSetState::Used;
            }
            if let Some(set) = stack.change_sets.get_mut(name) {
                set.executed = Some(token.to_owned());
                let set = set.clone();
                stack.execute(state, &set, token);
            }
        });
        Ok(())
    }

    fn delete_stack(&mut self, request: &DeleteRequest) -> Call<()> {
        const ACTION: &str = "cloudformation:DeleteStack";
        let Some(found) = self.stack(&request.stack).cloned() else { return Ok(()) };
        let invalid = |message: &str| refused(ACTION, CallErrorKind::Invalid, "ValidationError", message);
        if found.protected {
            return invalid("Stack cannot be deleted while TerminationProtection is enabled");
        }
        let special = !request.retain.is_empty() || request.force;
        match found.status {
            StackStatus::DeleteComplete | StackStatus::DeleteInProgress => return Ok(()),
            StackStatus::CreateInProgress => {}
            status
                if status.as_str().ends_with("_IN_PROGRESS") && status != StackStatus::ReviewInProgress =>
            {
                return invalid(&format!("Stack cannot be deleted while in status {status}"));
            }
            StackStatus::DeleteFailed => {}
            _ if special => return invalid("Invalid operation on stack: only in DELETE_FAILED"),
            _ => {}
        }
        self.with(&found.id, |stack, state| {
            stack.delete(state, &request.token, &request.retain, request.force);
        });
        Ok(())
    }

    fn continue_rollback(
        &mut self,
        action: &'static str,
        stack: &str,
        skip: &[String],
        token: &str,
    ) -> Call<()> {
        let found = self.expect(action, stack)?;
        if found.tokens.iter().any(|known| known == token) {
            return Ok(());
        }
        let begun = match (action, found.status) {
            ("cloudformation:ContinueUpdateRollback", StackStatus::UpdateRollbackFailed)
            | ("cloudformation:RollbackStack", StackStatus::UpdateFailed) => {
                StackStatus::UpdateRollbackInProgress
            }
            ("cloudformation:RollbackStack", StackStatus::CreateFailed) => StackStatus::RollbackInProgress,
            (_, status) => {
                let message = format!("Stack is in {status} state and can not be rolled back.");
                return refused(action, CallErrorKind::Invalid, "ValidationError", &message);
            }
        };
        self.with(&found.id, |stack, state| {
            stack.tokens.push(token.to_owned());
            token.clone_into(&mut stack.operation.get_or_insert_default().token);
            stack.turn(state, state.now, begun, Some("User Initiated".to_owned()));
            let steps = stack.rollback_steps(state, state.now + Duration::from_secs(5), skip);
            stack.operation.get_or_insert_default().steps = steps;
        });
        Ok(())
    }

    fn cancel_update(&mut self, stack: &str, token: &str) -> Call<()> {
        const ACTION: &str = "cloudformation:CancelUpdateStack";
        let found = self.expect(ACTION, stack)?;
        if found.tokens.iter().any(|known| known == token) {
            return Ok(());
        }
        if found.status != StackStatus::UpdateInProgress {
            let message = "CancelUpdateStack cannot be called from current stack status";
            return refused(ACTION, CallErrorKind::Invalid, "ValidationError", message);
        }
        self.with(&found.id, |stack, state| {
            stack.tokens.push(token.to_owned());
            let now = state.now;
            stack.fall_back(state, now, "");
        });
        Ok(())
    }
}

/// Whether a change set can be made for a stack that is in this status.
fn may_be_updated(status: StackStatus) -> bool {
    use StackStatus as S;
    matches!(
        status,
        S::CreateComplete
            | S::UpdateComplete
            | S::UpdateRollbackComplete
            | S::ImportComplete
            | S::ImportRollbackComplete
    )
}

#[async_trait]
impl CloudFormation for Cloud {
    async fn stack(&self, stack: &str) -> Call<Option<ObservedStack>> {
        self.call("cloudformation:DescribeStacks", |state| {
            Ok(state.stack(stack).map(|found| found.observed()))
        })
        .await
    }

    async fn stacks(&self) -> Call<Vec<ObservedStack>> {
        self.call("cloudformation:DescribeStacks", |state| {
            let all = state.stacks.iter().filter(|stack| stack.status != StackStatus::DeleteComplete);
            Ok(all.map(FakeStack::observed).collect())
        })
        .await
    }

    async fn template(&self, stack: &str) -> Call<String> {
        const ACTION: &str = "cloudformation:GetTemplate";
        self.call(ACTION, |state| Ok(state.expect(ACTION, stack)?.template)).await
    }

    async fn resources(&self, stack: &str) -> Call<Vec<StackResource>> {
        const ACTION: &str = "cloudformation:DescribeStackResources";
        self.call(ACTION, |state| {
            let resources = state.expect(ACTION, stack)?.resources.into_iter();
            let resources = resources.map(|(logical_id, resource)| StackResource {
                logical_id,
                physical_id: resource.physical_id,
                kind: template::kind(&resource.body),
                status: ResourceStatus::new("CREATE_COMPLETE"),
            });
            Ok(resources.collect())
        })
        .await
    }

    async fn create_change_set(&self, request: &ChangeSetRequest) -> Call<()> {
        self.call("cloudformation:CreateChangeSet", |state| state.create_change_set(request)).await
    }

    async fn change_set(&self, stack: &str, name: &str) -> Call<Option<ChangeSet>> {
        self.call("cloudformation:DescribeChangeSet", |state| {
            let now = state.now;
            let Some(found) = state.stack(stack) else { return Ok(None) };
            let set = found.change_sets.get(name).map(|set| ChangeSet {
                id: format!("arn:aws:cloudformation:us-east-1:123456789012:changeSet/{name}"),
                state: if set.ready > now { ChangeSetState::Pending } else { set.state },
                reason: set.reason.clone(),
                changes: set.changes.clone(),
            });
            Ok(set)
        })
        .await
    }

    async fn execute_change_set(&self, stack: &str, name: &str, token: &str) -> Call<()> {
        self.call("cloudformation:ExecuteChangeSet", |state| state.execute_change_set(stack, name, token))
            .await
    }

    async fn delete_change_set(&self, stack: &str, name: &str) -> Call<()> {
        self.call("cloudformation:DeleteChangeSet", |state| {
            if let Some(found) = state.stack(stack) {
                found.change_sets.remove(name);
            }
            Ok(())
        })
        .await
    }

    async fn events(&self, stack: &str, after: Option<&str>) -> Call<Vec<StackEvent>> {
        const ACTION: &str = "cloudformation:DescribeStackEvents";
        self.call(ACTION, |state| {
            let events = state.expect(ACTION, stack)?.events;
            let from = events.iter().position(|event| Some(event.id.as_str()) == after);
            Ok(events[from.map_or(0, |index| index + 1)..].to_vec())
        })
        .await
    }

    async fn delete_stack(&self, request: &DeleteRequest) -> Call<()> {
        self.call("cloudformation:DeleteStack", |state| state.delete_stack(request)).await
    }

    async fn continue_rollback(&self, stack: &str, skip: &[String], token: &str) -> Call<()> {
        const ACTION: &str = "cloudformation:ContinueUpdateRollback";
        self.call(ACTION, |state| state.continue_rollback(ACTION, stack, skip, token)).await
    }

    async fn rollback(&self, stack: &str, token: &str) -> Call<()> {
        const ACTION: &str = "cloudformation:RollbackStack";
        self.call(ACTION, |state| state.continue_rollback(ACTION, stack, &[], token)).await
    }

    async fn cancel_update(&self, stack: &str, token: &str) -> Call<()> {
        self.call("cloudformation:CancelUpdateStack", |state| state.cancel_update(stack, token)).await
    }

    async fn protect(&self, stack: &str, protected: bool) -> Call<()> {
        const ACTION: &str = "cloudformation:UpdateTerminationProtection";
        self.call(ACTION, |state| {
            let id = state.expect(ACTION, stack)?.id;
            state.with(&id, |stack, _| stack.protected = protected);
            Ok(())
        })
        .await
    }
}
