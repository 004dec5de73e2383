//! Properties by which a resource is, or is not, open to the internet.

use serde_json::Value;

use super::{Reach, ReachDiff};
use crate::diff::effect::shape;
use crate::diff::intrinsic::is_call;
use crate::diff::moved::Moved;
use crate::diff::normal;
use crate::diff::template::Template;

/// How far a resource is open to the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exposure {
    /// Not by this property.
    No,
    /// That is known when deployed.
    Maybe,
    /// It is.
    Yes,
}

/// A property that opens a resource to the internet.
struct Opening {
    kind: &'static str,
    path: &'static [&'static str],
    /// What a value opens; of a property that is not set, `None`.
    judge: fn(Option<&Value>) -> Exposure,
    /// `is now ..`.
    words: &'static str,
}

const OPENINGS: [Opening; 11] = [
    Opening {
        kind: "AWS::ElasticLoadBalancingV2::LoadBalancer",
        path: &["Scheme"],
        judge: |value| unless(value, "internal"),
        words: "internet-facing",
    },
    Opening {
        kind: "AWS::EC2::Subnet",
        path: &["MapPublicIpOnLaunch"],
        judge: |value| when(value, &Value::Bool(true)),
        words: "a subnet that gives public addresses",
    },
    Opening {
        kind: "AWS::RDS::DBInstance",
        path: &["PubliclyAccessible"],
        judge: |value| when(value, &Value::Bool(true)),
        words: "reachable by a public address",
    },
    Opening {
        kind: "AWS::ECS::Service",
        path: &["NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp"],
        judge: |value| when(value, &"ENABLED".into()),
        words: "run with public addresses",
    },
    Opening {
        kind: "AWS::EC2::LaunchTemplate",
        path: &["LaunchTemplateData", "NetworkInterfaces", "*", "AssociatePublicIpAddress"],
        judge: |value| when(value, &Value::Bool(true)),
        words: "run with public addresses",
    },
    Opening {
        kind: "AWS::ApiGateway::RestApi",
        path: &["EndpointConfiguration", "Types"],
        judge: |value| unless(value, "PRIVATE"),
        words: "an API on the internet",
    },
    Opening {
        kind: "AWS::ApiGateway::DomainName",
        path: &["EndpointConfiguration", "Types"],
        judge: |value| unless(value, "PRIVATE"),
        words: "a name on the internet",
    },
    Opening {
        kind: "AWS::EC2::Route",
        path: &["GatewayId"],
        judge: |value| if value.is_some() { Exposure::Yes } else { Exposure::No },
        words: "a route to an internet gateway",
    },
    Opening {
        kind: "AWS::S3::Bucket",
        path: &["PublicAccessBlockConfiguration"],
        judge: unblocked,
        words: "a bucket that a policy may open to everybody",
    },
    Opening {
        kind: "AWS::OpenSearchService::Domain",
        path: &["VPCOptions"],
        judge: |value| if value.is_some() { Exposure::No } else { Exposure::Yes },
        words: "a domain on the internet",
    },
    Opening {
        kind: "AWS::EC2::InternetGateway",
        path: &[],
        judge: |_| Exposure::Yes,
        words: "an internet gateway",
    },
];

/// Resources that are more, or less, open to the internet than before.
pub(super) fn compare(old: &Template, new: &Template, moved: &Moved) -> Vec<ReachDiff> {
    let mut ids: Vec<&str> = old.resources().into_keys().chain(new.resources().into_keys()).collect();
    ids.sort_unstable();
    ids.dedup();
    let each = ids.into_iter().flat_map(|id| OPENINGS.iter().filter_map(move |opening| (id, opening).into()));
    each.filter_map(|(id, opening)| opening.compare(id, old, new, moved)).collect()
}

impl Opening {
    fn compare(&self, id: &str, old: &Template, new: &Template, moved: &Moved) -> Option<ReachDiff> {
        let before = self.exposure(id, old, None);
        let after = self.exposure(id, new, Some(moved));
        let words = self.words;
        let (reach, text) = match (before, after) {
            (Exposure::No | Exposure::Maybe, Exposure::Yes) => {
                (Reach::Public, format!("`{id}` is now {words}"))
            }
            (Exposure::No, Exposure::Maybe) => (Reach::Public, format!("`{id}` may now be {words}")),
            (Exposure::Yes, Exposure::No | Exposure::Maybe) if old.resources().contains_key(id) => {
                (Reach::Less, format!("`{id}` is no longer {words}"))
            }
            _ => return None,
        };
        Some(ReachDiff { reach, subject: id.to_owned(), text })
    }

    fn exposure(&self, id: &str, template: &Template, moved: Option<&Moved>) -> Exposure {
        let resources = template.resources();
        let Some(resource) = resources.get(id).filter(|resource| resource.kind() == self.kind) else {
            return Exposure::No;
        };
        let properties = normal::properties(shape(self.kind), resource.properties());
        let found = at(&properties, self.path);
        let worst = found.iter().map(|value| (self.judge)(Some(value))).max();
        let is_other = |value: &&Value| moved.is_some_and(|moved| moved.cause(value).is_some());
        let exposure = worst.unwrap_or_else(|| (self.judge)(None));
        if found.iter().any(is_other) { exposure.max(Exposure::Maybe) } else { exposure }
    }
}

/// The values at a path, where `*` is any item.
fn at<'a>(value: &'a Value, path: &[&str]) -> Vec<&'a Value> {
    let Some((first, rest)) = path.split_first() else { return vec![value] };
    match value {
        call if is_call(call) => vec![call],
        Value::Array(items) if *first == "*" => items.iter().flat_map(|item| at(item, rest)).collect(),
        other => other.get(*first).map(|value| at(value, rest)).unwrap_or_default(),
    }
}

fn when(value: Option<&Value>, open: &Value) -> Exposure {
    match value {
        Some(call) if is_call(call) => Exposure::Maybe,
        Some(value) if value == open => Exposure::Yes,
        _ => Exposure::No,
    }
}

/// Open but for this one value, which may be the only item of a list.
fn unless(value: Option<&Value>, closed: &str) -> Exposure {
    let value = match value {
        Some(Value::Array(items)) if items.len() == 1 => items.first(),
        other => other,
    };
    match value {
        Some(call) if is_call(call) => Exposure::Maybe,
        Some(Value::String(text)) if text == closed => Exposure::No,
        _ => Exposure::Yes,
    }
}

/// A bucket is closed whatever its policy says only where all four blocks are on.
fn unblocked(value: Option<&Value>) -> Exposure {
    const BLOCKS: [&str; 4] =
        ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
    match value {
        Some(call) if is_call(call) => Exposure::Maybe,
        Some(blocks) if BLOCKS.iter().all(|block| blocks.get(block) == Some(&Value::Bool(true))) => {
            Exposure::No
        }
        Some(blocks) if BLOCKS.iter().any(|block| blocks.get(block).is_some_and(is_call)) => Exposure::Maybe,
        _ => Exposure::Yes,
    }
}
