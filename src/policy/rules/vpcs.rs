//! NET-29, NET-30 and NET-33: networks, their default groups, and public addresses.

use serde_json::Value;

use crate::leaf::Want;
use crate::report::Severity::{High, Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Standard};
use crate::text::{names, texts};
use crate::world::{Resource, World};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "NET-29-flow-logs",
        title: "Networks keep flow logs",
        why: "After a break-in nobody can say who talked to whom.",
        remedy: "Add a flow log of the network, for all or for rejected traffic.",
        cost: Some("log ingestion, by traffic"),
        from: Standard,
        severity: Low,
        check: Check::With(flow_logs),
    },
    Rule {
        id: "NET-30-default-group",
        title: "Nothing is in the default security group",
        why: "Everything in it reaches everything else in it, and anywhere outside.",
        remedy: "Name a security group of its own for every resource that has a network interface.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(default_group),
    },
];

pub(crate) const ADDRESSES: &[Rule] = &[
    Rule {
        id: "NET-33-instance",
        title: "No instance has a public address",
        why: "Every open port of the instance can be tried from the internet.",
        remedy: "Set `AssociatePublicIpAddress` to `false` or leave it out, and use private subnets.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(instances),
    },
    Rule {
        id: "NET-33-task",
        title: "No task has a public address",
        why: "Every open port of the container can be tried from the internet.",
        remedy: "Set `AssignPublicIp` to `DISABLED`, or leave it out.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(tasks),
    },
    Rule {
        id: "NET-33-subnet",
        title: "No subnet hands out public addresses",
        why: "Whatever is started there by mistake is on the internet.",
        remedy: "Leave `MapPublicIpOnLaunch` out; load balancers and NAT gateways have addresses without it.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::property(&["AWS::EC2::Subnet"], &["MapPublicIpOnLaunch"], Want::NotTrue),
    },
];

fn flow_logs(world: &World<'_>, findings: &mut Findings) {
    for vpc in world.of("AWS::EC2::VPC") {
        let logged = world.of("AWS::EC2::FlowLog").any(|log| {
            log.stands_with(vpc)
                && log.targets(world, "ResourceId").contains(&vpc.index)
                && log.leaves(world, "ResourceType").iter().all(|leaf| leaf.text() == Some("VPC"))
                && log
                    .leaves(world, "TrafficType")
                    .iter()
                    .all(|leaf| matches!(leaf.text(), Some("ALL" | "REJECT")))
        });
        if !logged {
            findings.add(vpc, "", "has no flow log");
        }
    }
}

/// Types that get a network interface, with where they name their groups and what shows that they have one.
const MEMBERS: &[(&str, &str, Option<&str>)] = &[
    ("AWS::Lambda::Function", "VpcConfig.SecurityGroupIds", Some("VpcConfig.SubnetIds")),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "SecurityGroups", None),
    ("AWS::RDS::DBInstance", "VPCSecurityGroups", Some("DBSubnetGroupName")),
    ("AWS::RDS::DBCluster", "VpcSecurityGroupIds", Some("DBSubnetGroupName")),
    ("AWS::OpenSearchService::Domain", "VPCOptions.SecurityGroupIds", Some("VPCOptions.SubnetIds")),
    ("AWS::EFS::MountTarget", "SecurityGroups", None),
    (
        "AWS::ECS::Service",
        "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups",
        Some("NetworkConfiguration.AwsvpcConfiguration.Subnets"),
    ),
];

fn default_group(world: &World<'_>, findings: &mut Findings) {
    for (kind, groups, shown_by) in MEMBERS {
        for resource in world.of(kind) {
            let has_interface =
                shown_by.is_none_or(|path| resource.leaves(world, path).iter().any(|leaf| leaf.is_present()));
            let balancer_of_packets =
                resource.leaves(world, "Type").iter().any(|leaf| leaf.text() == Some("network"));
            if !has_interface || balancer_of_packets {
                continue;
            }
            for leaf in resource.leaves(world, groups).into_iter().filter(|leaf| !leaf.is_present()) {
                findings.add(resource, *groups, Want::Present.message(leaf));
            }
        }
    }
    instances_name_groups(world, findings);
    for resource in world.of("AWS::EC2::VPCEndpoint") {
        let is_interface =
            resource.leaves(world, "VpcEndpointType").iter().any(|leaf| leaf.text() == Some("Interface"));
        if is_interface && resource.leaves(world, "SecurityGroupIds").iter().any(|leaf| !leaf.is_present()) {
            findings.add(resource, "SecurityGroupIds", "is missing, must be set");
        }
    }
    world.look(world.resources.len());
    for resource in world.resources.iter().filter(|resource| uses_default_group(resource)) {
        findings.add(resource, "", "refers to the network's `DefaultSecurityGroup`");
    }
}

fn instances_name_groups(world: &World<'_>, findings: &mut Findings) {
    for template in world.of("AWS::EC2::LaunchTemplate") {
        let direct = template.leaves(world, "LaunchTemplateData.SecurityGroupIds");
        let by_interface = template.leaves(world, "LaunchTemplateData.NetworkInterfaces[].Groups");
        let is_named = direct.iter().all(|leaf| leaf.is_present())
            || (!by_interface.is_empty() && by_interface.iter().all(|leaf| leaf.is_present()));
        if !is_named {
            findings.add(template, "LaunchTemplateData.SecurityGroupIds", "is missing, must be set");
        }
    }
}

fn uses_default_group(resource: &Resource<'_>) -> bool {
    fn mentions(value: &Value) -> bool {
        match value {
            Value::Object(map)
                if map.len() == 1 && (map.contains_key("Fn::GetAtt") || map.contains_key("Fn::Sub")) =>
            {
                texts(value)
                    .iter()
                    .any(|text| names(text).any(|(_, attribute)| attribute == Some("DefaultSecurityGroup")))
            }
            Value::Object(map) => map.values().any(mentions),
            Value::Array(items) => items.iter().any(mentions),
            _ => false,
        }
    }
    resource.body.get("Properties").is_some_and(mentions)
}

fn instances(world: &World<'_>, findings: &mut Findings) {
    for (kind, path) in [
        ("AWS::EC2::LaunchTemplate", "LaunchTemplateData.NetworkInterfaces[].AssociatePublicIpAddress"),
        ("AWS::EC2::Instance", "NetworkInterfaces[].AssociatePublicIpAddress"),
    ] {
        for resource in world.of(kind) {
            resource.each(world, path, |trail, leaf| {
                if !Want::NotTrue.holds(leaf) {
                    findings.add(resource, trail.to_string(), Want::NotTrue.message(leaf));
                }
            });
        }
    }
}

fn tasks(world: &World<'_>, findings: &mut Findings) {
    let path = "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp";
    for service in world.of("AWS::ECS::Service") {
        for leaf in service.leaves(world, path) {
            if leaf.is_present() && leaf.text() != Some("DISABLED") {
                findings.add(service, path, format!("{}, must be `DISABLED`", leaf.describe()));
            }
        }
    }
}
