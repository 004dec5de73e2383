//! COMPUTE-44 to COMPUTE-47: launch templates and instances.

use crate::document::Document;
use crate::leaf::{Leaf, Want};
use crate::report::Severity::{High, Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Standard};
use crate::world::{Index, Resource, World};

const TEMPLATE: &[&str] = &["AWS::EC2::LaunchTemplate"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "COMPUTE-44-token",
        title: "Instance credentials need a session token to be read",
        why: "A request forged through a web service on the instance reads the role's credentials.",
        remedy: "Set `MetadataOptions.HttpTokens` to `required`.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::property(
            TEMPLATE,
            &["LaunchTemplateData.MetadataOptions.HttpTokens"],
            Want::OneOf(&["required"]),
        ),
    },
    Rule {
        id: "COMPUTE-44-hops",
        title: "Instance credentials stay on the instance",
        why: "With more hops than a bridged container needs, a proxy or a neighbour can read them.",
        remedy: "Leave `MetadataOptions.HttpPutResponseHopLimit` out, or set it to 1; to 2 if a task needs it.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::property(
            TEMPLATE,
            &["LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit"],
            Want::AtMost(2),
        ),
    },
    Rule {
        id: "COMPUTE-45-launch-template",
        title: "Groups start instances from launch templates",
        why: "Launch configurations are closed to new accounts and cannot ask for session tokens everywhere.",
        remedy: "Use `LaunchTemplate` or `MixedInstancesPolicy`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(launch_template),
    },
    Rule {
        id: "COMPUTE-46-root-volume",
        title: "Root volumes are encrypted",
        why: "Images, logs and credentials can be read from a copied disk.",
        remedy: "Map the root device and set `Ebs.Encrypted` to `true`.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(root_volume),
    },
    Rule {
        id: "COMPUTE-47-ssh-key",
        title: "Instances have no SSH key",
        why: "Whoever has the key gets in for ever, and no log says who it was.",
        remedy: "Remove `KeyName`; use Session Manager.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(ssh_key),
    },
    Rule {
        id: "COMPUTE-47-session-manager",
        title: "Instances are reached by Session Manager",
        why: "In an outage nobody can look, or somebody opens a port in haste.",
        remedy: "Give the instance's role `AmazonSSMManagedInstanceCore`, or `ssmmessages` actions.",
        cost: None,
        from: Standard,
        severity: Low,
        check: Check::With(session_manager),
    },
];

/// Names that the root device has on Amazon's images.
const ROOT_DEVICES: [&str; 2] = ["/dev/xvda", "/dev/sda1"];

/// Whether an entry of `BlockDeviceMappings` is the root device.
pub(crate) fn is_root<'a>(world: &World<'a>, template: &Resource<'a>, device: Leaf<'a>) -> bool {
    let names = world.leaves_under(template, device, "DeviceName");
    names.iter().all(|leaf| leaf.text().is_some_and(|name| ROOT_DEVICES.contains(&name)))
}

fn root_volume(world: &World<'_>, findings: &mut Findings) {
    for template in world.of("AWS::EC2::LaunchTemplate") {
        let whole = template.leaves(world, "LaunchTemplateData.BlockDeviceMappings");
        let mut roots = 0;
        template.each(world, "LaunchTemplateData.BlockDeviceMappings[]", |trail, device| {
            if !is_root(world, template, device) {
                return;
            }
            roots += 1;
            for leaf in world
                .leaves_under(template, device, "Ebs.Encrypted")
                .into_iter()
                .filter(|leaf| !leaf.is_true())
            {
                findings.add(template, format!("{trail}.Ebs.Encrypted"), Want::True.message(leaf));
            }
        });
        if roots == 0 || whole.iter().any(|leaf| !leaf.is_present()) {
            findings.add(template, "LaunchTemplateData.BlockDeviceMappings", "does not map the root device");
        }
    }
}

fn launch_template(world: &World<'_>, findings: &mut Findings) {
    for configuration in world.of("AWS::AutoScaling::LaunchConfiguration") {
        findings.add(configuration, "", "is a launch configuration");
    }
    for group in world.of("AWS::AutoScaling::AutoScalingGroup") {
        let by_template = ["LaunchTemplate", "MixedInstancesPolicy"]
            .into_iter()
            .any(|path| group.leaves(world, path).iter().all(|leaf| leaf.is_present()));
        if !by_template {
            findings.add(group, "LaunchTemplate", "is missing, must be set");
        }
    }
}

fn ssh_key(world: &World<'_>, findings: &mut Findings) {
    for (kind, path) in [
        ("AWS::EC2::LaunchTemplate", "LaunchTemplateData.KeyName"),
        ("AWS::EC2::Instance", "KeyName"),
        ("AWS::AutoScaling::LaunchConfiguration", "KeyName"),
    ] {
        for resource in world.of(kind) {
            for leaf in resource.leaves(world, path).into_iter().filter(|leaf| !Want::Absent.holds(*leaf)) {
                findings.add(resource, path, Want::Absent.message(leaf));
            }
        }
    }
}

fn session_manager(world: &World<'_>, findings: &mut Findings) {
    for template in world.of("AWS::EC2::LaunchTemplate") {
        let path = "LaunchTemplateData.IamInstanceProfile";
        let mut profiles = template.targets(world, "LaunchTemplateData.IamInstanceProfile.Arn");
        profiles.extend(template.targets(world, "LaunchTemplateData.IamInstanceProfile.Name"));
        if template.leaves(world, path).iter().any(|leaf| !leaf.is_present()) {
            findings.add(template, path, "is missing, must be set");
        }
        for profile in profiles.iter().map(|index| &world.resources[*index]) {
            // A role from outside the templates is the choice of whoever configured it.
            for role in profile.targets(world, "Roles") {
                if !may_open_session(world, role) {
                    findings.add(
                        &world.resources[role],
                        "",
                        "is an instance's role and cannot open a session",
                    );
                }
            }
        }
    }
}

fn may_open_session(world: &World<'_>, role: Index) -> bool {
    let is_core = |name: &String| name.ends_with("AmazonSSMManagedInstanceCore");
    let by_name = world.resources[role].texts(world, "ManagedPolicyArns").iter().any(is_core);
    by_name
        || world.statements.iter().any(|statement| {
            let holder = &world.resources[statement.holder];
            statement.document == Document::Identity
                && statement
                    .actions
                    .iter()
                    .any(|action| action.eq_ignore_ascii_case("ssmmessages:OpenControlChannel"))
                && (statement.holder == role || holder.targets(world, "Roles").contains(&role))
        })
}
