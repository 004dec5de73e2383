//! API-60 and API-61: log groups, who writes to them, and state machines.

use crate::leaf::{Leaf, Want};
use crate::report::Severity::{Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Hardened, Standard};
use crate::world::World;

const GROUP: &[&str] = &["AWS::Logs::LogGroup"];
const MACHINE: &[&str] = &["AWS::StepFunctions::StateMachine"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "API-60-retention",
        title: "Logs have an end",
        why: "What is kept for ever can leak for ever, and costs for ever.",
        remedy: "Set `RetentionInDays`.",
        cost: None,
        from: Dev,
        severity: Low,
        check: Check::property(GROUP, &["RetentionInDays"], Want::Present),
    },
    Rule {
        id: "API-60-key",
        title: "Logs are encrypted with an own key",
        why: "The key that AWS manages cannot be taken away from anybody, nor shut in an emergency.",
        remedy: "Set `KmsKeyId` to a key of the deployment whose policy lets CloudWatch Logs in.",
        cost: Some("a dollar a month per key"),
        from: Hardened,
        severity: Low,
        check: Check::property(GROUP, &["KmsKeyId"], Want::Present),
    },
    Rule {
        id: "API-60-containers",
        title: "Containers write to a log group of the template",
        why: "What a container said before it died is lost with its instance.",
        remedy: "Set `LogConfiguration` with the `awslogs` driver and a log group of the template.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(containers),
    },
    Rule {
        id: "API-61-logs",
        title: "State machines are logged",
        why: "Why a workflow failed cannot be told once its history is gone.",
        remedy: "Set `LoggingConfiguration.Level` to `ERROR` or `ALL` and name a log group.",
        cost: Some("log ingestion, by executions"),
        from: Dev,
        severity: Medium,
        check: Check::With(machine_logs),
    },
    Rule {
        id: "API-61-tracing",
        title: "State machines are traced",
        why: "In an outage nobody sees which call of which service was slow.",
        remedy: "Set `TracingConfiguration.Enabled` to `true`.",
        cost: Some("by the million traces"),
        from: Standard,
        severity: Low,
        check: Check::property(MACHINE, &["TracingConfiguration.Enabled"], Want::True),
    },
];

fn containers(world: &World<'_>, findings: &mut Findings) {
    for task in world.of("AWS::ECS::TaskDefinition") {
        task.each(world, "ContainerDefinitions[]", |trail, container| {
            for leaf in world.leaves_under(task, container, "LogConfiguration.LogDriver") {
                let is_aws = leaf.text() == Some("awslogs");
                if !is_aws && !matches!(leaf.text(), Some("awsfirelens" | "splunk" | "fluentd")) {
                    let path = format!("{trail}.LogConfiguration.LogDriver");
                    findings.add(task, path, format!("{}, must be `awslogs`", leaf.describe()));
                }
                if is_aws {
                    container_group(world, task, container, &trail.to_string(), findings);
                }
            }
        });
    }
}

fn container_group<'a>(
    world: &World<'a>,
    task: &crate::world::Resource<'a>,
    container: Leaf<'a>,
    trail: &str,
    findings: &mut Findings,
) {
    let options = world.leaves_under(task, container, "LogConfiguration.Options");
    for options in options {
        let option = |name: &str| match options {
            Leaf::Literal(map) => map.get(name),
            _ => None,
        };
        let Some(group) = option("awslogs-group") else {
            findings.add(
                task,
                format!("{trail}.LogConfiguration.Options.awslogs-group"),
                "is missing, must be set",
            );
            continue;
        };
        let makes_its_own = option("awslogs-create-group").is_some_and(|flag| Leaf::Literal(flag).is_true());
        if makes_its_own && world.targets(task.stack, group).is_empty() {
            let path = format!("{trail}.LogConfiguration.Options.awslogs-create-group");
            findings.add(task, path, "makes a log group that the template does not know");
        }
    }
}

fn machine_logs(world: &World<'_>, findings: &mut Findings) {
    let wants = [
        ("LoggingConfiguration.Level", Want::OneOf(&["ALL", "ERROR"])),
        ("LoggingConfiguration.Destinations", Want::Present),
    ];
    for machine in world.of("AWS::StepFunctions::StateMachine") {
        for (path, want) in wants {
            for leaf in machine.leaves(world, path).into_iter().filter(|leaf| !want.holds(*leaf)) {
                findings.add(machine, path, want.message(leaf));
            }
        }
    }
}
