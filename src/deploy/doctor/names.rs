//! Names that the stacks would take: buckets that are somebody else's, stacks that are not LISA's.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use lisa_stacks::Stack;

use super::Finding;
use crate::ports::{CallErrorKind, World};

const CHECK: &str = "names";

/// Asks for every stack, and for the buckets of those that are not there yet.
pub(super) async fn check(world: &World, stacks: &[Stack]) -> Vec<Finding> {
    let there: BTreeSet<String> = match world.cloudformation.stacks().await {
        Ok(there) => there.into_iter().map(|stack| stack.name).collect(),
        Err(error) => return vec![Finding::unanswered(CHECK, &error)],
    };
    let ours = |stack: &&Stack| there.contains(&stack.deployed_name);
    let (old, new): (Vec<&Stack>, Vec<&Stack>) = stacks.iter().partition(ours);
    let strangers = join_all(old.into_iter().map(|stack| stranger(world, stack))).await;
    let buckets: Vec<(&str, String)> = new
        .iter()
        .flat_map(|stack| buckets(stack).into_iter().map(|bucket| (stack.name.as_str(), bucket)))
        .collect();
    let taken = join_all(buckets.iter().map(|(stack, bucket)| taken(world, stack, bucket))).await;
    let mut findings: Vec<Finding> = strangers.into_iter().chain(taken).flatten().collect();
    if findings.is_empty() {
        findings.push(Finding::good(CHECK, "stacks and buckets are LISA's, or free"));
    }
    findings
}

/// A stack of this name that LISA did not make. A stack's template says what it is; one that has none yet is ours.
async fn stranger(world: &World, stack: &Stack) -> Option<Finding> {
    let template = match world.cloudformation.template(&stack.deployed_name).await {
        Ok(template) => template,
        Err(error) if error.kind == CallErrorKind::NotFound || error.kind == CallErrorKind::Invalid => {
            return None;
        }
        Err(error) => return Some(Finding::unanswered(CHECK, &error)),
    };
    let there: serde_json::Value = serde_json::from_str(&template).unwrap_or_default();
    if template.trim().is_empty() || there["Description"] == stack.template.to_json()["Description"] {
        return None;
    }
    let says = format!("a stack `{}` is there that this LISA did not make", stack.deployed_name);
    let help = "Choose another `deploymentName`, or delete the stack if nobody needs it.";
    Some(Finding::bad(CHECK, says, help))
}

/// The buckets that a stack makes.
fn buckets(stack: &Stack) -> Vec<String> {
    let template = stack.template.to_json();
    let resources = template["Resources"].as_object().into_iter().flatten();
    let buckets = resources.filter(|(_, resource)| resource["Type"] == "AWS::S3::Bucket");
    buckets.filter_map(|(_, bucket)| Some(bucket["Properties"]["BucketName"].as_str()?.to_owned())).collect()
}

async fn taken(world: &World, stack: &str, bucket: &str) -> Option<Finding> {
    let (says, help) = match world.objects.bucket_exists(bucket).await {
        Ok(false) => return None,
        Ok(true) => (
            format!("bucket `{bucket}` of stack `{stack}` is there already, kept from an earlier deployment"),
            "Delete the bucket if its data is not needed, or choose another `deploymentName`.",
        ),
        Err(error) if error.kind == CallErrorKind::Denied => (
            format!("bucket `{bucket}` of stack `{stack}` belongs to somebody else"),
            "Choose another `deploymentName`: names of buckets are unique in the world.",
        ),
        Err(error) => return Some(Finding::unanswered(CHECK, &error)),
    };
    Some(Finding::bad(CHECK, says, help))
}
