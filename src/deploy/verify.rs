//! The proof after a removal: what of the deployment is still in the account, by tag, and why.

use std::collections::{BTreeMap, BTreeSet};

use lisa_config::Config;
use serde::Serialize;

use crate::destroy::{Kept, Removal};
use crate::ports::{Call, World};
use crate::retry::Caller;

/// What is still there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Leftovers {
    /// What was said to stay.
    pub kept: Vec<Kept>,
    /// ARNs of what AWS deletes by and by: keys in their waiting period, task definitions that no task uses.
    pub ending: Vec<String>,
    /// ARNs of what should be gone.
    pub left: Vec<String>,
    /// Whether tags tell: without any, nothing can be proved this way.
    pub is_proof: bool,
}

/// The key of the tag that changes with every version of LISA: what an older one made carries another value.
const VERSION: &str = "version";

/// What CloudFormation tags every resource of a stack with.
const STACK: &str = "aws:cloudformation:stack-name";

/// Looks for what is left of a deployment, after `removal` or, with an empty one, at any time.
///
/// # Errors
///
/// A call failed.
pub async fn verify(
    world: &World,
    config: &Config,
    removal: &Removal,
    caller: &Caller<'_>,
) -> Call<Leftovers> {
    let searches = searches(config, removal);
    let mut arns = BTreeSet::new();
    for tags in &searches {
        arns.extend(caller.call(|| world.account.tagged(tags)).await?);
    }
    Ok(judged(arns, removal, !searches.is_empty()))
}

/// The tags to look for: the deployment's, where they tell it from others, and those of each stack that was removed.
fn searches(config: &Config, removal: &Removal) -> Vec<BTreeMap<String, String>> {
    let tags = config.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone()));
    let tags: BTreeMap<String, String> = tags.filter(|(key, _)| key != VERSION).collect();
    let prefix = config.deployment_prefix.to_string();
    let own = tags.values().any(|value| *value == prefix).then_some(tags);
    let stacks = removal.stacks.iter();
    let by_stack = stacks.map(|stack| BTreeMap::from([(STACK.to_owned(), stack.deployed_name.clone())]));
    own.into_iter().chain(by_stack).collect()
}

fn judged(arns: BTreeSet<String>, removal: &Removal, is_proof: bool) -> Leftovers {
    let mut leftovers = Leftovers { kept: removal.kept.clone(), is_proof, ..Leftovers::default() };
    for arn in arns {
        if removal.kept.iter().any(|kept| is_of(&arn, &kept.thing.physical_id)) {
            continue;
        }
        let waits = removal.ending.iter().any(|thing| is_of(&arn, &thing.physical_id));
        if waits || is_inactive(&arn) {
            leftovers.ending.push(arn);
        } else {
            leftovers.left.push(arn);
        }
    }
    leftovers
}

/// Whether the ARN is that of the resource with this physical id, which is an ARN or the end of one.
fn is_of(arn: &str, physical_id: &str) -> bool {
    let arn = arn.trim_end_matches(":*");
    let start = arn.strip_suffix(physical_id.trim_end_matches(":*"));
    start.is_some_and(|start| start.is_empty() || start.ends_with([':', '/']))
}

/// Whether it is a revision of a task definition: CloudFormation deregisters it, and ECS keeps it, inactive.
fn is_inactive(arn: &str) -> bool {
    arn.contains(":ecs:") && arn.contains(":task-definition/")
}

impl Leftovers {
    /// Whether nothing is left that should be gone.
    pub fn is_clean(&self) -> bool {
        self.left.is_empty()
    }
}

impl std::fmt::Display for Leftovers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for arn in &self.left {
            writeln!(f, "left over: {arn}")?;
        }
        for Kept { thing, .. } in &self.kept {
            writeln!(f, "kept: {} `{}` of `{}`", thing.kind, thing.physical_id, thing.stack)?;
        }
        for arn in &self.ending {
            writeln!(f, "ending by itself: {arn}")?;
        }
        match (self.is_proof, self.left.len()) {
            (false, _) => {
                writeln!(f, "nothing proved: this partition or configuration has no tags to look for")
            }
            (true, 0) => writeln!(f, "nothing is left that should be gone"),
            (true, 1) => writeln!(f, "1 resource is left that should be gone"),
            (true, count) => writeln!(f, "{count} resources are left that should be gone"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, Removal, is_of, judged};
    use crate::destroy::{Left, Thing};

    fn thing(kind: &str, physical_id: &str) -> Thing {
        let (stack, logical_id) = ("core".to_owned(), "One".to_owned());
        Thing { stack, logical_id, kind: kind.to_owned(), physical_id: physical_id.to_owned() }
    }

    #[test]
    fn a_physical_id_is_the_end_of_its_arn_at_a_boundary() {
        let table = "arn:aws:dynamodb:us-east-1:123456789012:table/demo-sessions";
        assert!(is_of(table, "demo-sessions") && is_of(table, table));
        assert!(!is_of(table, "sessions"));
        let group = "arn:aws:logs:us-east-1:123456789012:log-group:/lisa/demo/prod/serve:*";
        assert!(is_of(group, "/lisa/demo/prod/serve"));
    }

    #[test]
    fn what_is_kept_or_ending_is_not_left_over() {
        let kept = Kept { thing: thing("AWS::S3::Bucket", "demo-documents"), left: Left::Resource };
        let ending = vec![thing("AWS::KMS::Key", "1234-abcd")];
        let removal = Removal { kept: vec![kept], ending, ..Removal::default() };
        let arns = [
            "arn:aws:s3:::demo-documents",
            "arn:aws:kms:us-east-1:123456789012:key/1234-abcd",
            "arn:aws:ecs:us-east-1:123456789012:task-definition/demo:3",
            "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1",
        ];
        let leftovers = judged(arns.map(str::to_owned).into(), &removal, true);
        assert_eq!(leftovers.left, ["arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1"]);
        assert_eq!((leftovers.kept.len(), leftovers.ending.len()), (1, 2));
        assert!(!leftovers.is_clean());
    }
}
