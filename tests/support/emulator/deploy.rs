//! Takes a template through a change set to a stack, and away again, as a deploy does.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetStatus, ChangeSetType, Parameter, ResourceStatus, StackStatus,
};
use serde_json::Value;

use super::Emulator;

const CHANGE_SET: &str = "deploy";
const LIMIT: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(20);

/// CloudFormation's limit for a template in the request; a larger one is passed by its URL.
const LARGEST_BODY: usize = 51_200;

/// A template, in the request or by URL.
struct Body {
    text: Option<String>,
    url: Option<String>,
}

/// What became of a deployed stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The stack is complete and has this many resources.
    Complete(usize),
    /// It failed, for this reason: the first failing resource and what was said of it.
    Failed(String),
}

impl Emulator {
    /// Creates a stack through a change set, with values for those of its parameters that have no default.
    pub fn deploy(
        &self,
        region: &str,
        stack: &str,
        template: &Value,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Outcome> {
        let client = self.cloudformation(region);
        let mut body = Body { text: Some(template.to_string()), url: None };
        if body.text.as_ref().is_some_and(|text| text.len() > LARGEST_BODY) {
            let url = self.store(&format!("{stack}.json"), &body.text.unwrap_or_default())?;
            body = Body { text: None, url: Some(url) };
        }
        self.runtime.block_on(async {
            if let Some(refusal) = create_change_set(&client, stack, body, parameters).await? {
                return Ok(Outcome::Failed(refusal));
            }
            client
                .execute_change_set()
                .stack_name(stack)
                .change_set_name(CHANGE_SET)
                .send()
                .await
                .map_err(explain)?;
            let status = settled(&client, stack).await?.context("the stack vanished while it was created")?;
            if status == StackStatus::CreateComplete {
                return resources(&client, stack).await.map(Outcome::Complete);
            }
            first_failure(&client, stack, &status).await.map(Outcome::Failed)
        })
    }

    /// Physical ids of a stack's resources, by logical id.
    pub fn physical_ids(&self, region: &str, stack: &str) -> Result<BTreeMap<String, String>> {
        let client = self.cloudformation(region);
        self.runtime.block_on(async {
            let answer = client.list_stack_resources().stack_name(stack).send().await.map_err(explain)?;
            let resources = answer.stack_resource_summaries().iter();
            let pairs = resources.filter_map(|resource| {
                Some((
                    resource.logical_resource_id()?.to_owned(),
                    resource.physical_resource_id()?.to_owned(),
                ))
            });
            Ok(pairs.collect())
        })
    }

    /// Deletes a stack and waits until it is gone.
    pub fn delete(&self, region: &str, stack: &str) -> Result<()> {
        let client = self.cloudformation(region);
        self.runtime.block_on(async {
            client.delete_stack().stack_name(stack).send().await.map_err(explain)?;
            match settled(&client, stack).await? {
                None | Some(StackStatus::DeleteComplete) => Ok(()),
                Some(status) => bail!("{}", first_failure(&client, stack, &status).await?),
            }
        })
    }

    /// Names of the stacks that are there.
    pub fn stacks(&self, region: &str) -> Result<Vec<String>> {
        let client = self.cloudformation(region);
        self.runtime.block_on(async {
            let answer = client.describe_stacks().send().await.map_err(explain)?;
            let there = answer
                .stacks()
                .iter()
                .filter(|stack| stack.stack_status() != Some(&StackStatus::DeleteComplete));
            Ok(there.filter_map(|stack| stack.stack_name().map(str::to_owned)).collect())
        })
    }
}

/// Returns why the change set could not be made, if so.
async fn create_change_set(
    client: &Client,
    stack: &str,
    body: Body,
    parameters: &BTreeMap<String, String>,
) -> Result<Option<String>> {
    let given = |(key, value): (&String, &String)| {
        Parameter::builder().parameter_key(key).parameter_value(value).build()
    };
    let request = client
        .create_change_set()
        .stack_name(stack)
        .change_set_name(CHANGE_SET)
        .change_set_type(ChangeSetType::Create)
        .capabilities(Capability::CapabilityNamedIam)
        .set_parameters(Some(parameters.iter().map(given).collect()))
        .set_template_body(body.text)
        .set_template_url(body.url);
    if let Err(error) = request.send().await {
        return Ok(Some(explain(error).to_string()));
    }
    let deadline = Instant::now() + LIMIT;
    loop {
        let described = client
            .describe_change_set()
            .stack_name(stack)
            .change_set_name(CHANGE_SET)
            .send()
            .await
            .map_err(explain)?;
        match described.status() {
            Some(ChangeSetStatus::CreateComplete) => return Ok(None),
            Some(ChangeSetStatus::Failed) => {
                return Ok(Some(described.status_reason().unwrap_or("no reason").to_owned()));
            }
            status if Instant::now() > deadline => bail!("the change set of {stack} stays in {status:?}"),
            _ => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Waits until the stack is no longer in progress; `None` if it is gone.
async fn settled(client: &Client, stack: &str) -> Result<Option<StackStatus>> {
    let deadline = Instant::now() + LIMIT;
    loop {
        let Ok(answer) = client.describe_stacks().stack_name(stack).send().await else { return Ok(None) };
        let Some(status) = answer.stacks().first().and_then(|stack| stack.stack_status().cloned()) else {
            return Ok(None);
        };
        if !status.as_str().ends_with("_IN_PROGRESS") {
            return Ok(Some(status));
        }
        if Instant::now() > deadline {
            bail!("{stack} stays in {}", status.as_str());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn resources(client: &Client, stack: &str) -> Result<usize> {
    let mut pages = client.list_stack_resources().stack_name(stack).into_paginator().send();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        let page = page.map_err(explain)?;
        count += page
            .stack_resource_summaries()
            .iter()
            .filter(|resource| is_complete(resource.resource_status()))
            .count();
    }
    Ok(count)
}

fn is_complete(status: Option<&ResourceStatus>) -> bool {
    status == Some(&ResourceStatus::CreateComplete)
}

async fn first_failure(client: &Client, stack: &str, status: &StackStatus) -> Result<String> {
    let answer = client.describe_stack_events().stack_name(stack).send().await.map_err(explain)?;
    // Events come newest first; the one that started it is the last.
    let failed = answer
        .stack_events()
        .iter()
        .rev()
        .find(|event| event.resource_status().is_some_and(|status| status.as_str().ends_with("_FAILED")));
    let cause = failed.map_or_else(
        || "no failing event".to_owned(),
        |event| {
            let [id, kind, reason] =
                [event.logical_resource_id(), event.resource_type(), event.resource_status_reason()]
                    .map(Option::unwrap_or_default);
            format!("{id} ({kind}): {reason}")
        },
    );
    Ok(format!("{stack} is {}: {cause}", status.as_str()))
}

/// What the service said, or else the SDK's error with all its sources: by itself it says little.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
fn explain<E>(error: SdkError<E>) -> anyhow::Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => anyhow!("{code}: {message}"),
        _ => anyhow!("{}", DisplayErrorContext(&error)),
    }
}
