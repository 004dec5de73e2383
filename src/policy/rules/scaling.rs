//! COMPUTE-54: auto scaling groups.

use serde_json::Value;

use crate::leaf::{Leaf, Want};
use crate::report::Severity::{Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::Standard;
use crate::world::{Resource, World};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "COMPUTE-54-health",
        title: "Groups behind a load balancer believe what it says about health",
        why: "An instance that answers nobody counts as healthy and is never replaced.",
        remedy: "Set `HealthCheckType` to `ELB`.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::With(health),
    },
    Rule {
        id: "COMPUTE-54-zones",
        title: "Groups spread over zones",
        why: "When the one zone fails, everything is down.",
        remedy: "Name subnets of two zones or more in `VPCZoneIdentifier`.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::With(zones),
    },
    Rule {
        id: "COMPUTE-54-refresh",
        title: "Groups replace their instances gradually",
        why: "Without it a new image or setting reaches no running instance; by hand it reaches all at once.",
        remedy: "Set `UpdatePolicy` with `AutoScalingRollingUpdate` or `AutoScalingReplacingUpdate`.",
        cost: None,
        from: Standard,
        severity: Low,
        check: Check::With(refresh),
    },
];

const GROUP: &str = "AWS::AutoScaling::AutoScalingGroup";

fn health(world: &World<'_>, findings: &mut Findings) {
    for group in world.of(GROUP) {
        let behind = ["TargetGroupARNs", "LoadBalancerNames"]
            .into_iter()
            .any(|path| group.leaves(world, path).iter().any(|leaf| leaf.is_present()));
        let want = Want::OneOf(&["ELB", "EC2,ELB"]);
        for leaf in
            group.leaves(world, "HealthCheckType").into_iter().filter(|leaf| behind && !want.holds(*leaf))
        {
            findings.add(group, "HealthCheckType", want.message(leaf));
        }
    }
}

fn zones(world: &World<'_>, findings: &mut Findings) {
    for group in world.of(GROUP) {
        for leaf in group.leaves(world, "VPCZoneIdentifier") {
            if !is_spread(world, group, leaf) {
                findings.add(group, "VPCZoneIdentifier", "may be a single subnet");
            }
        }
    }
}

/// Whether there are two subnets or more. A list that comes from an SSM parameter is counted where it is
/// published, and believed if that is elsewhere.
fn is_spread(world: &World<'_>, group: &Resource<'_>, leaf: Leaf<'_>) -> bool {
    match leaf {
        Leaf::Literal(Value::Array(items)) => match items.as_slice() {
            [] => false,
            [one] => group_list(world, group, one),
            [first, rest @ ..] => rest.iter().any(|other| other != first),
        },
        Leaf::Parameter(name) => published_list(world, group, name),
        Leaf::Reference(value) => group_list(world, group, value),
        Leaf::Literal(_) | Leaf::Missing => false,
    }
}

/// Whether a single element stands for a list, such as `Fn::Split` or a parameter of a list type.
fn group_list(world: &World<'_>, group: &Resource<'_>, value: &Value) -> bool {
    if let Some(name) = value.get("Ref").and_then(Value::as_str) {
        return published_list(world, group, name);
    }
    let Some([_, list]) = value.get("Fn::Split").and_then(Value::as_array).map(Vec::as_slice) else {
        return false;
    };
    match list.get("Ref").and_then(Value::as_str) {
        Some(name) => published_list(world, group, name),
        None => crate::text::texts(list).iter().all(|text| text.contains(',')),
    }
}

fn published_list(world: &World<'_>, group: &Resource<'_>, name: &str) -> bool {
    match world.published_texts(group.stack, name) {
        Some((_, texts)) => texts.iter().all(|text| text.contains(',')),
        None => world.stacks[group.stack]
            .1
            .parameter(name)
            .and_then(|parameter| parameter.get("Type")?.as_str())
            .is_some_and(|kind| kind.contains("List<") && kind.starts_with("AWS::SSM::")),
    }
}

fn refresh(world: &World<'_>, findings: &mut Findings) {
    for group in world.of(GROUP) {
        let policy = group.body.get("UpdatePolicy");
        let gradual =
            ["AutoScalingRollingUpdate", "AutoScalingReplacingUpdate", "AutoScalingInstanceRefresh"]
                .into_iter()
                .any(|kind| policy.and_then(|policy| policy.get(kind)).is_some());
        if !gradual {
            findings.add(group, "UpdatePolicy", "says nothing of how instances are replaced");
        }
    }
}
