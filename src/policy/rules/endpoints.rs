//! NET-34 and NET-35: the network's endpoints of AWS services.

use crate::document::Statement;
use crate::report::Severity::{Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Hardened};
use crate::world::{Resource, World};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "NET-34-gateway",
        title: "S3 and DynamoDB are reached through gateway endpoints",
        why: "Documents and sessions travel over the NAT gateway, are paid for by the gigabyte, and stop with it.",
        remedy: "Add gateway endpoints for `s3` and `dynamodb`.",
        cost: None,
        from: Dev,
        severity: Low,
        check: Check::With(gateway),
    },
    Rule {
        id: "NET-34-interface",
        title: "AWS services are reached through interface endpoints",
        why: "Keys, secrets and images are fetched over a way that also leads to the internet.",
        remedy: "Add interface endpoints for `ecr.api`, `ecr.dkr`, `logs`, `kms`, `ssm`, `sts` and `secretsmanager`.",
        cost: Some("about seven dollars a month per endpoint and zone"),
        from: Hardened,
        severity: Low,
        check: Check::With(interface),
    },
    Rule {
        id: "NET-35-policy",
        title: "Endpoints say who may pass them, and to what",
        why: "Stolen credentials of another account can carry data out through the endpoint.",
        remedy: "Set `PolicyDocument`, with a condition on `aws:PrincipalAccount` or `aws:ResourceAccount` or with \
                 named resources.",
        cost: None,
        from: Hardened,
        severity: Medium,
        check: Check::With(policy),
    },
];

/// Services that a deployment always calls from inside its network.
const INTERFACES: [&str; 7] = ["ecr.api", "ecr.dkr", "logs", "kms", "ssm", "sts", "secretsmanager"];

/// Services that have a gateway endpoint, which is free.
const GATEWAYS: [&str; 2] = ["s3", "dynamodb"];

fn gateway(world: &World<'_>, findings: &mut Findings) {
    require(world, findings, &GATEWAYS);
}

fn interface(world: &World<'_>, findings: &mut Findings) {
    require(world, findings, &INTERFACES);
}

fn require(world: &World<'_>, findings: &mut Findings, services: &[&str]) {
    let present = |service: &&&str| (world.settings.place.endpoint_exists)(service);
    for vpc in world.of("AWS::EC2::VPC") {
        for service in services.iter().filter(present) {
            let suffix = format!(".{service}");
            let there = world.of("AWS::EC2::VPCEndpoint").any(|endpoint| {
                endpoint.stands_with(vpc)
                    && endpoint.targets(world, "VpcId").contains(&vpc.index)
                    && endpoint.texts(world, "ServiceName").iter().all(|name| name.ends_with(&suffix))
            });
            if !there {
                findings.add(vpc, "", format!("has no endpoint for `{service}`"));
            }
        }
    }
}

fn policy(world: &World<'_>, findings: &mut Findings) {
    for endpoint in world.of("AWS::EC2::VPCEndpoint") {
        if endpoint.leaves(world, "PolicyDocument").iter().any(|leaf| !leaf.is_present()) {
            findings.add(endpoint, "PolicyDocument", "is missing, so everything may pass");
        }
        for statement in statements_of(world, endpoint).filter(|statement| is_open(statement)) {
            findings.add(endpoint, &*statement.path, "lets everybody pass to everything");
        }
    }
}

fn statements_of<'w, 'a>(
    world: &'w World<'a>,
    endpoint: &'w Resource<'a>,
) -> impl Iterator<Item = &'w Statement<'a>> {
    world.statements.iter().filter(|statement| statement.holder == endpoint.index)
}

fn is_open(statement: &Statement<'_>) -> bool {
    let to_everything = statement.resources.is_empty() || statement.resources.iter().any(|name| name == "*");
    statement.allows && statement.is_anyone() && to_everything && statement.conditions.is_empty()
}
