//! COMPUTE-48, COMPUTE-51 and COMPUTE-52: what containers may do, and how clusters and services run them.

use serde_json::Value;

use crate::kv::lookup;
use crate::leaf::{Leaf, Want};
use crate::report::Severity::{High, Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Standard};
use crate::world::{World, leaf_texts};

const TASK: &[&str] = &["AWS::ECS::TaskDefinition"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "COMPUTE-48-privileged",
        title: "No container has the host's powers",
        why: "Code in the container owns the instance, and with it every other container and role on it.",
        remedy: "Remove `Privileged`, the host's process or IPC space, and mounts of the container engine's socket.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(privileged),
    },
    Rule {
        id: "COMPUTE-48-read-only",
        title: "Containers cannot change their own files",
        why: "An intruder can leave tools behind and change the program that runs.",
        remedy: "Set `ReadonlyRootFilesystem` to `true` and mount a volume where the program must write.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::property(TASK, &["ContainerDefinitions[].ReadonlyRootFilesystem"], Want::True),
    },
    Rule {
        id: "COMPUTE-48-capabilities",
        title: "Containers drop the capabilities of the kernel",
        why: "Capabilities that the program never uses are ways to break out.",
        remedy: "Set `LinuxParameters.Capabilities.Drop` to `[ALL]`.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::With(capabilities),
    },
    Rule {
        id: "COMPUTE-48-user",
        title: "Containers do not run as root",
        why: "A hole in the kernel or the engine makes root in the container root on the instance.",
        remedy: "Set `User` to a number other than 0.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::With(user),
    },
];

pub(crate) const SERVICES: &[Rule] = &[
    Rule {
        id: "COMPUTE-51-insights",
        title: "Clusters measure their containers",
        why: "An outage by memory or restarts is seen first by users.",
        remedy: "Set `containerInsights` to `enabled` or `enhanced` in `ClusterSettings`.",
        cost: Some("custom metrics, by task"),
        from: Standard,
        severity: Low,
        check: Check::With(insights),
    },
    Rule {
        id: "COMPUTE-52-circuit-breaker",
        title: "A deployment that fails rolls back by itself",
        why: "A bad image is restarted for hours while the stack waits.",
        remedy: "Set `DeploymentCircuitBreaker.Enable` and `.Rollback` to `true`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::property_unless(
            &["AWS::ECS::Service"],
            &[
                "DeploymentConfiguration.DeploymentCircuitBreaker.Enable",
                "DeploymentConfiguration.DeploymentCircuitBreaker.Rollback",
            ],
            Want::True,
            |world, service| {
                let own = |leaf: &Leaf<'_>| matches!(leaf.text(), Some("CODE_DEPLOY" | "EXTERNAL"));
                !world.settings.place.circuit_breaker
                    || service.leaves(world, "DeploymentController.Type").iter().all(own)
            },
        ),
    },
];

/// Where a task definition would give away the host, and what each must be.
const POWERS: [(&str, Want); 3] = [
    ("ContainerDefinitions[].Privileged", Want::NotTrue),
    ("PidMode", Want::OneOf(&["task"])),
    ("IpcMode", Want::OneOf(&["task", "none"])),
];

fn privileged(world: &World<'_>, findings: &mut Findings) {
    for task in world.of("AWS::ECS::TaskDefinition") {
        for (path, want) in POWERS {
            task.each(world, path, |trail, leaf| {
                if !want.holds(leaf) && !matches!(leaf, Leaf::Missing) {
                    findings.add(task, trail.to_string(), want.message(leaf));
                }
            });
        }
        task.each(world, "Volumes[].Host.SourcePath", |trail, leaf| {
            let engine = |text: &String| {
                text == "/" || text.ends_with("docker.sock") || text.ends_with("containerd.sock")
            };
            if leaf_texts(leaf).iter().any(engine) {
                findings.add(task, trail.to_string(), format!("{}, must not be mounted", leaf.describe()));
            }
        });
    }
}

fn capabilities(world: &World<'_>, findings: &mut Findings) {
    for task in world.of("AWS::ECS::TaskDefinition") {
        task.each(world, "ContainerDefinitions[]", |trail, container| {
            for leaf in world.leaves_under(task, container, "LinuxParameters.Capabilities.Drop") {
                let drops_all = match leaf {
                    Leaf::Literal(Value::Array(items)) => items.iter().any(|item| item == "ALL"),
                    _ => false,
                };
                if !drops_all {
                    let path = format!("{trail}.LinuxParameters.Capabilities.Drop");
                    findings.add(task, path, format!("{}, must hold `ALL`", leaf.describe()));
                }
            }
        });
    }
}

fn user(world: &World<'_>, findings: &mut Findings) {
    for task in world.of("AWS::ECS::TaskDefinition") {
        task.each(world, "ContainerDefinitions[].User", |trail, leaf| {
            let name = leaf.text().map(|text| text.split(':').next().unwrap_or(text));
            if name.is_none_or(|name| matches!(name, "" | "root" | "0")) {
                findings.add(
                    task,
                    trail.to_string(),
                    format!("{}, must be a user other than root", leaf.describe()),
                );
            }
        });
    }
}

fn insights(world: &World<'_>, findings: &mut Findings) {
    if !world.settings.place.container_insights {
        return;
    }
    for cluster in world.of("AWS::ECS::Cluster") {
        for leaf in lookup(world, cluster, "ClusterSettings", ("Name", "Value"), "containerInsights") {
            if !matches!(leaf.text(), Some("enabled" | "enhanced")) {
                findings.add(
                    cluster,
                    "ClusterSettings.containerInsights",
                    format!("{}, must be `enabled`", leaf.describe()),
                );
            }
        }
    }
}
