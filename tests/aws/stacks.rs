//! Stacks through change sets: made, changed, left alone, rolled back, explained by their events, and deleted.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use lisa_deploy::ports::cloudformation::{
    ChangeAction, ChangeSet, ChangeSetRequest, ChangeSetState, DeleteRequest, ObservedStack, TemplateSource,
};
use lisa_deploy::ports::{CallErrorKind, World};
use lisa_deploy::status::StackStatus;
use serde_json::{Value, json};

use super::connect;

const STACK: &str = "app";

/// As often as anything is asked for until it is so.
const TRIES: u32 = 600;

fn queue(delay: u32) -> Value {
    json!({
        "Resources": { "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "DelaySeconds": delay } } },
        "Outputs": { "Url": { "Value": { "Ref": "Queue" } } },
    })
}

/// A template whose last resource is refused by whoever has to make it.
fn failing() -> Value {
    let code = "import json, urllib.request\n\
        def handler(event, context):\n\
        \x20   body = {k: event[k] for k in ('StackId', 'RequestId', 'LogicalResourceId')}\n\
        \x20   failed = event['RequestType'] == 'Create'\n\
        \x20   body.update(Status='FAILED' if failed else 'SUCCESS', Reason='no such capacity', PhysicalResourceId='p')\n\
        \x20   r = urllib.request.Request(event['ResponseURL'], json.dumps(body).encode(), method='PUT')\n\
        \x20   urllib.request.urlopen(r)\n";
    let statement = json!({
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "lambda.amazonaws.com" },
    });
    let role = json!({ "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [statement] } });
    let function = json!({
        "Handler": "index.handler", "Runtime": "python3.12", "Timeout": 20,
        "Role": { "Fn::GetAtt": ["Role", "Arn"] }, "Code": { "ZipFile": code },
    });
    let custom = json!({ "ServiceToken": { "Fn::GetAtt": ["Function", "Arn"] } });
    json!({ "Resources": {
        "Queue": { "Type": "AWS::SQS::Queue" },
        "Role": { "Type": "AWS::IAM::Role", "Properties": role },
        "Function": { "Type": "AWS::Lambda::Function", "Properties": function },
        "Refused": { "Type": "Custom::Refused", "DependsOn": ["Queue"], "Properties": custom },
    } })
}

fn request(name: &str, creates: bool, template: &Value) -> ChangeSetRequest {
    ChangeSetRequest {
        stack: STACK.to_owned(),
        name: name.to_owned(),
        creates,
        template: TemplateSource::Body(template.to_string()),
        parameters: BTreeMap::new(),
        tags: BTreeMap::from([("lisa:deployment".to_owned(), "test".to_owned())]),
        token: format!("token-{name}"),
    }
}

/// Asks until there is an answer.
async fn until<T, F: Future<Output = Result<Option<T>>>>(mut ask: impl FnMut() -> F) -> Result<T> {
    for _ in 0..TRIES {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("it stays unsettled")
}

async fn made(world: &World, request: &ChangeSetRequest) -> Result<ChangeSet> {
    world.cloudformation.create_change_set(request).await?;
    until(async || {
        let set = world.cloudformation.change_set(&request.stack, &request.name).await?;
        let set = set.context("the change set is not there")?;
        Ok((set.state != ChangeSetState::Pending).then_some(set))
    })
    .await
}

async fn settled(world: &World, stack: &str) -> Result<ObservedStack> {
    until(async || {
        let observed = world.cloudformation.stack(stack).await?.context("the stack is not there")?;
        Ok((!observed.status.as_str().ends_with("_IN_PROGRESS")).then_some(observed))
    })
    .await
}

async fn apply(world: &World, request: &ChangeSetRequest) -> Result<ObservedStack> {
    let set = made(world, request).await?;
    ensure!(set.state == ChangeSetState::Ready, "{set:?}");
    world.cloudformation.execute_change_set(&request.stack, &request.name, &request.token).await?;
    settled(world, &request.stack).await
}

#[test]
fn a_stack_is_made_changed_left_alone_and_deleted() -> Result<()> {
    let (emulator, connection) = connect()?;
    let world = &connection.world;
    emulator.block_on(async {
        let cloudformation = &world.cloudformation;
        ensure!(cloudformation.stack(STACK).await?.is_none(), "there is no stack yet");
        ensure!(cloudformation.change_set(STACK, "first").await?.is_none(), "there is no change set yet");

        let set = made(world, &request("first", true, &queue(1))).await?;
        ensure!(set.changes.len() == 1 && set.changes[0].action == ChangeAction::Add, "{set:?}");
        let reviewed = cloudformation.stack(STACK).await?.context("a stack to review")?;
        ensure!(reviewed.status == StackStatus::ReviewInProgress, "{reviewed:?}");
        cloudformation.execute_change_set(STACK, "first", "token-first").await?;
        let stack = settled(world, STACK).await?;
        ensure!(stack.status == StackStatus::CreateComplete, "{stack:?}");
        ensure!(stack.tags["lisa:deployment"] == "test" && stack.outputs.contains_key("Url"), "{stack:?}");
        let given = queue(1).to_string();
        ensure!(cloudformation.template(STACK).await? == given, "the template as it was given");
        let resources = cloudformation.resources(STACK).await?;
        ensure!(resources.len() == 1 && resources[0].kind == "AWS::SQS::Queue", "{resources:?}");

        let set = made(world, &request("same", false, &queue(1))).await?;
        ensure!(set.state == ChangeSetState::Empty, "{set:?}");
        cloudformation.delete_change_set(STACK, "same").await?;

        let before = cloudformation.events(STACK, None).await?;
        let last = before.last().context("events of the creation")?;
        let updated = apply(world, &request("second", false, &queue(2))).await?;
        ensure!(updated.status == StackStatus::UpdateComplete && updated.id == stack.id, "{updated:?}");
        let new = cloudformation.events(STACK, Some(&last.id)).await?;
        let all = cloudformation.events(STACK, None).await?;
        ensure!(
            !new.is_empty() && all.len() == before.len() + new.len(),
            "{} events after the first",
            new.len()
        );
        ensure!(all.is_sorted_by_key(|event| event.at), "oldest first");

        let request = DeleteRequest {
            stack: stack.id.clone(),
            retain: Vec::new(),
            force: false,
            token: "delete".to_owned(),
        };
        cloudformation.protect(STACK, true).await?;
        let refused =
            cloudformation.delete_stack(&request).await.err().context("a protected stack is kept")?;
        ensure!(refused.kind == CallErrorKind::Conflict, "{refused:?}");
        cloudformation.protect(STACK, false).await?;
        cloudformation.delete_stack(&request).await?;
        let gone = settled(world, &stack.id).await?;
        ensure!(gone.status == StackStatus::DeleteComplete, "{gone:?}");
        ensure!(
            cloudformation.stack(STACK).await?.is_none() && cloudformation.stacks().await?.is_empty(),
            "gone"
        );
        Ok(())
    })
}

#[test]
fn a_resource_that_fails_is_rolled_back_and_its_event_says_why() -> Result<()> {
    let (emulator, connection) = connect()?;
    let world = &connection.world;
    emulator.block_on(async {
        let stack = apply(world, &request("first", true, &failing())).await?;
        ensure!(stack.status == StackStatus::RollbackComplete, "{stack:?}");
        let events = world.cloudformation.events(STACK, None).await?;
        let first = events.iter().find(|event| event.status.is_failure()).context("a failing event")?;
        ensure!(first.logical_id == "Refused", "{first:?}");
        ensure!(first.reason.as_ref().is_some_and(|why| why.contains("no such capacity")), "{first:?}");

        let gone = world.cloudformation.resources(STACK).await?;
        ensure!(gone.iter().all(|it| it.status.as_str() == "DELETE_COMPLETE"), "nothing stays: {gone:?}");
        Ok(())
    })
}

#[test]
fn a_property_that_is_refused_before_anything_is_made_is_the_first_failure() -> Result<()> {
    let (emulator, connection) = connect()?;
    let world = &connection.world;
    let template = json!({ "Resources": {
        "Queue": { "Type": "AWS::SQS::Queue" },
        "Bucket": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "one-of-this-name" } },
    } });
    emulator.block_on(async {
        let taken = apply(world, &request("first", true, &template)).await?;
        ensure!(taken.status == StackStatus::CreateComplete, "{taken:?}");
        let second = ChangeSetRequest { stack: "other".to_owned(), ..request("second", true, &template) };
        let stack = apply(world, &second).await?;
        ensure!(stack.status == StackStatus::RollbackComplete, "{stack:?}");
        let events = world.cloudformation.events("other", None).await?;
        let first = events.iter().find(|event| event.status.is_failure()).context("a failing event")?;
        ensure!(first.logical_id == "Bucket" && first.kind == "AWS::S3::Bucket", "{events:#?}");
        let reason = first.reason.as_deref().unwrap_or_default();
        ensure!(reason.contains("(at /Resources/Bucket)"), "{reason}");
        Ok(())
    })
}

#[test]
fn what_is_not_there_is_told_as_such() -> Result<()> {
    let (emulator, connection) = connect()?;
    let cloudformation = &connection.world.cloudformation;
    emulator.block_on(async {
        for error in [
            cloudformation.template("nowhere").await.err(),
            cloudformation.events("nowhere", None).await.err(),
            cloudformation.execute_change_set("nowhere", "nothing", "token").await.err(),
        ] {
            let error = error.context("nothing is there")?;
            ensure!(error.kind == CallErrorKind::NotFound, "{error:?}");
        }
        Ok(())
    })
}
