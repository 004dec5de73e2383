//! Stacks and change sets: AWS CloudFormation.

mod change_set;
mod translate;
mod validation;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{Capability, ChangeSetType, DeletionMode, Parameter, Tag, TemplateStage};
use lisa_deploy::ports::cloudformation::{
    ChangeSet, ChangeSetRequest, DeleteRequest, ObservedStack, StackEvent, StackResource, StackStatus,
    TemplateSource,
};
use lisa_deploy::ports::{self, Call, CallErrorKind};
use lisa_signed::Session;

use crate::error::{incomplete, sdk};

pub(crate) struct CloudFormation {
    client: Client,
    /// Whether change sets are asked for with the values of properties; false once a region has refused that.
    with_values: AtomicBool,
}

impl CloudFormation {
    pub(crate) fn new(session: &Session) -> Self {
        Self { client: Client::new(session.config()), with_values: AtomicBool::new(true) }
    }
}

#[async_trait]
impl ports::CloudFormation for CloudFormation {
    async fn stack(&self, stack: &str) -> Call<Option<ObservedStack>> {
        let answer = self.client.describe_stacks().stack_name(stack).send().await;
        let answer = match answer.map_err(sdk(translate::DESCRIBE_STACKS)) {
            Err(error) if error.kind == CallErrorKind::NotFound => return Ok(None),
            answer => answer?,
        };
        let observed = answer.stacks().first().map(translate::stack).transpose()?;
        let is_id = stack.starts_with("arn:");
        Ok(observed.filter(|observed| is_id || observed.status != StackStatus::DeleteComplete))
    }

    async fn stacks(&self) -> Call<Vec<ObservedStack>> {
        let mut pages = self.client.describe_stacks().into_paginator().send();
        let mut stacks = Vec::new();
        while let Some(page) = pages.next().await {
            for stack in page.map_err(sdk(translate::DESCRIBE_STACKS))?.stacks() {
                stacks.push(translate::stack(stack)?);
            }
        }
        stacks.retain(|stack| stack.status != StackStatus::DeleteComplete);
        Ok(stacks)
    }

    async fn template(&self, stack: &str) -> Call<String> {
        const ACTION: &str = "cloudformation:GetTemplate";
        let request = self.client.get_template().stack_name(stack).template_stage(TemplateStage::Original);
        let answer = request.send().await.map_err(sdk(ACTION))?;
        answer.template_body.ok_or_else(|| incomplete(ACTION, "template"))
    }

    async fn resources(&self, stack: &str) -> Call<Vec<StackResource>> {
        let mut pages = self.client.list_stack_resources().stack_name(stack).into_paginator().send();
        let mut resources = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(sdk("cloudformation:ListStackResources"))?;
            resources.extend(page.stack_resource_summaries().iter().map(translate::resource));
        }
        Ok(resources)
    }

    async fn create_change_set(&self, request: &ChangeSetRequest) -> Call<()> {
        let kind = if request.creates { ChangeSetType::Create } else { ChangeSetType::Update };
        let call = self
            .client
            .create_change_set()
            .stack_name(&request.stack)
            .change_set_name(&request.name)
            .change_set_type(kind)
            .capabilities(Capability::CapabilityNamedIam)
            .set_parameters(Some(parameters(&request.parameters)))
            .set_tags(Some(tags(&request.tags)))
            .client_token(&request.token);
        let call = match &request.template {
            TemplateSource::Body(text) => call.template_body(text),
            TemplateSource::Url(url) => call.template_url(url),
        };
        call.send().await.map_err(sdk("cloudformation:CreateChangeSet"))?;
        Ok(())
    }

    async fn change_set(&self, stack: &str, name: &str) -> Call<Option<ChangeSet>> {
        let with_values = self.with_values.load(Ordering::Relaxed);
        match change_set::describe(&self.client, stack, name, with_values).await {
            Err(error) if error.kind == CallErrorKind::NotFound => Ok(None),
            Err(error) if with_values && change_set::refuses_values(&error) => {
                self.with_values.store(false, Ordering::Relaxed);
                self.change_set(stack, name).await
            }
            Ok(Some(set)) => validation::of_change_set(&self.client, set).await.map(Some),
            answer => answer,
        }
    }

    async fn execute_change_set(&self, stack: &str, name: &str, token: &str) -> Call<()> {
        let call = self.client.execute_change_set().stack_name(stack).change_set_name(name);
        let answer = call.client_request_token(token).send().await;
        answer.map_err(sdk("cloudformation:ExecuteChangeSet"))?;
        Ok(())
    }

    async fn delete_change_set(&self, stack: &str, name: &str) -> Call<()> {
        let answer = self.client.delete_change_set().stack_name(stack).change_set_name(name).send().await;
        match answer.map_err(sdk("cloudformation:DeleteChangeSet")) {
            Err(error) if error.kind == CallErrorKind::NotFound => Ok(()),
            answer => answer.map(drop),
        }
    }

    async fn events(&self, stack: &str, after: Option<&str>) -> Call<Vec<StackEvent>> {
        let mut pages = self.client.describe_stack_events().stack_name(stack).into_paginator().send();
        let mut events = Vec::new();
        // They come newest first.
        'pages: while let Some(page) = pages.next().await {
            for event in page.map_err(sdk("cloudformation:DescribeStackEvents"))?.stack_events() {
                if after.is_some() && event.event_id() == after {
                    break 'pages;
                }
                events.push(translate::event(event));
            }
        }
        events.reverse();
        validation::of_stack(&self.client, stack, events).await
    }

    async fn delete_stack(&self, request: &DeleteRequest) -> Call<()> {
        let retain = (!request.retain.is_empty()).then(|| request.retain.clone());
        let mode = request.force.then_some(DeletionMode::ForceDeleteStack);
        let call = self
            .client
            .delete_stack()
            .stack_name(&request.stack)
            .set_retain_resources(retain)
            .set_deletion_mode(mode)
            .client_request_token(&request.token);
        call.send().await.map_err(sdk("cloudformation:DeleteStack"))?;
        Ok(())
    }

    async fn continue_rollback(&self, stack: &str, skip: &[String], token: &str) -> Call<()> {
        let skip = (!skip.is_empty()).then(|| skip.to_vec());
        let call = self.client.continue_update_rollback().stack_name(stack).set_resources_to_skip(skip);
        let answer = call.client_request_token(token).send().await;
        answer.map_err(sdk("cloudformation:ContinueUpdateRollback"))?;
        Ok(())
    }

    async fn rollback(&self, stack: &str, token: &str) -> Call<()> {
        let call = self.client.rollback_stack().stack_name(stack).client_request_token(token);
        call.send().await.map_err(sdk("cloudformation:RollbackStack"))?;
        Ok(())
    }

    async fn cancel_update(&self, stack: &str, token: &str) -> Call<()> {
        let call = self.client.cancel_update_stack().stack_name(stack).client_request_token(token);
        call.send().await.map_err(sdk("cloudformation:CancelUpdateStack"))?;
        Ok(())
    }

    async fn protect(&self, stack: &str, protected: bool) -> Call<()> {
        let call = self.client.update_termination_protection().stack_name(stack);
        let answer = call.enable_termination_protection(protected).send().await;
        answer.map_err(sdk("cloudformation:UpdateTerminationProtection"))?;
        Ok(())
    }
}

fn parameters(values: &BTreeMap<String, String>) -> Vec<Parameter> {
    let parameter = |(key, value)| Parameter::builder().parameter_key(key).parameter_value(value).build();
    values.iter().map(parameter).collect()
}

fn tags(values: &BTreeMap<String, String>) -> Vec<Tag> {
    values.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

#[cfg(test)]
mod tests;
