//! CloudFormation.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use lisa_deploy::ports::cloudformation::{ResourceStatus, StackEvent};
use lisa_deploy::status::StackStatus;
use lisa_signed::service::CLOUDFORMATION;
use lisa_signed::{Element, Signed};

use super::unless;
use crate::error::Error;
use crate::ports::{NewStack, StackView, Stacks};

/// Pages of events that are read: a stack of a model has some hundred.
const PAGES: usize = 10;

pub(super) struct CloudFormation {
    pub(super) signed: Signed,
}

#[async_trait]
impl Stacks for CloudFormation {
    async fn create(&self, stack: &NewStack) -> Result<Option<String>, Error> {
        let mut parameters: Vec<(String, String)> = [
            ("StackName", stack.name.as_str()),
            ("TemplateBody", &stack.template),
            ("RoleARN", &stack.role),
            ("ClientRequestToken", &stack.token),
            ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
            ("OnFailure", "ROLLBACK"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (index, (key, value)) in stack.tags.iter().enumerate() {
            let member = format!("Tags.member.{}", index + 1);
            parameters.push((format!("{member}.Key"), key.clone()));
            parameters.push((format!("{member}.Value"), value.clone()));
        }
        let parameters: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = self.signed.query(&CLOUDFORMATION, "CreateStack", &parameters).await;
        let answer = unless(answer, &["AlreadyExistsException"])?;
        Ok(answer.map(|answer| {
            answer.text_at("CreateStackResult/StackId").unwrap_or(stack.name.as_str()).to_owned()
        }))
    }

    async fn describe(&self, stack: &str) -> Result<Option<StackView>, Error> {
        let answer = self.signed.query(&CLOUDFORMATION, "DescribeStacks", &[("StackName", stack)]).await;
        // There is no code of its own for a stack that is not there.
        let answer = match answer {
            Err(error) if error.code == "ValidationError" && error.message.contains("does not exist") => {
                return Ok(None);
            }
            answer => answer?,
        };
        let Some(found) = answer.items("DescribeStacksResult/Stacks").first() else { return Ok(None) };
        let view = view(found)?;
        Ok((view.status != StackStatus::DeleteComplete).then_some(view))
    }

    async fn events(&self, stack: &str) -> Result<Vec<StackEvent>, Error> {
        let (mut events, mut next) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let mut parameters = vec![("StackName", stack)];
            parameters.extend(next.as_deref().map(|token| ("NextToken", token)));
            let answer = self.signed.query(&CLOUDFORMATION, "DescribeStackEvents", &parameters).await?;
            events.extend(answer.items("DescribeStackEventsResult/StackEvents").iter().map(event));
            next = answer.text_at("DescribeStackEventsResult/NextToken").map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        events.reverse();
        Ok(events)
    }

    async fn resource(&self, stack: &str, logical_id: &str) -> Result<Option<String>, Error> {
        let parameters = [("StackName", stack), ("LogicalResourceId", logical_id)];
        let answer = self.signed.query(&CLOUDFORMATION, "DescribeStackResource", &parameters).await;
        let answer = unless(answer, &["ValidationError"])?;
        let path = "DescribeStackResourceResult/StackResourceDetail/PhysicalResourceId";
        Ok(answer.and_then(|answer| answer.text_at(path).map(str::to_owned)))
    }

    async fn delete(&self, stack: &str, role: &str, token: &str) -> Result<(), Error> {
        let parameters = [("StackName", stack), ("RoleARN", role), ("ClientRequestToken", token)];
        self.signed.query(&CLOUDFORMATION, "DeleteStack", &parameters).await?;
        Ok(())
    }
}

fn view(stack: &Element) -> Result<StackView, Error> {
    let text = |path: &str| stack.text_at(path).unwrap_or_default().to_owned();
    let status = text("StackStatus");
    let status =
        status.parse().map_err(|_| Error::Broken(format!("`{status}` is no known status of a stack")))?;
    let outputs = stack.items("Outputs").iter().filter_map(|output| {
        Some((output.text_at("OutputKey")?.to_owned(), output.text_at("OutputValue")?.to_owned()))
    });
    Ok(StackView {
        id: text("StackId"),
        description: text("Description"),
        status,
        reason: stack.text_at("StackStatusReason").map(str::to_owned),
        outputs: outputs.collect::<BTreeMap<_, _>>(),
    })
}

/// Events come in order, so that their times are not needed.
fn event(event: &Element) -> StackEvent {
    let text = |path: &str| event.text_at(path).unwrap_or_default().to_owned();
    StackEvent {
        id: text("EventId"),
        at: UNIX_EPOCH,
        logical_id: text("LogicalResourceId"),
        physical_id: text("PhysicalResourceId"),
        kind: text("ResourceType"),
        status: ResourceStatus::new(text("ResourceStatus")),
        reason: event.text_at("ResourceStatusReason").map(str::to_owned),
        token: event.text_at("ClientRequestToken").map(str::to_owned),
    }
}
