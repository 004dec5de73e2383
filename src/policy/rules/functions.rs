//! COMPUTE-53: Lambda functions.

use crate::leaf::{Leaf, Want};
use crate::report::Severity::{Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Hardened, Standard};
use crate::world::{Index, Resource, World};

const FUNCTION: &[&str] = &["AWS::Lambda::Function"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "COMPUTE-53-runtime",
        title: "Functions run on a runtime that is still maintained",
        why: "Known holes stay open, and AWS refuses to create or change the function.",
        remedy: "Use `provided.al2023`, or the newest runtime of the language.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::property_unless(FUNCTION, &["Runtime"], Want::OneOf(MAINTAINED), is_image),
    },
    Rule {
        id: "COMPUTE-53-lost-events",
        title: "Functions that are called without waiting lose no event",
        why: "After two retries the event is dropped, and nobody knows.",
        remedy: "Set `DeadLetterConfig`, or an `OnFailure` destination.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(lost_events),
    },
    Rule {
        id: "COMPUTE-53-log-group",
        title: "Functions write to a log group of the template",
        why: "A group that Lambda makes by itself keeps logs for ever, without a key, and stays when the stack goes.",
        remedy: "Set `LoggingConfig.LogGroup`.",
        cost: None,
        from: Dev,
        severity: Low,
        check: Check::With(log_group),
    },
    Rule {
        id: "COMPUTE-53-tracing",
        title: "Functions are traced",
        why: "In an outage nobody sees which call of which service was slow.",
        remedy: "Set `TracingConfig.Mode` to `Active`.",
        cost: Some("by the million traces"),
        from: Standard,
        severity: Low,
        check: Check::property(FUNCTION, &["TracingConfig.Mode"], Want::OneOf(&["Active"])),
    },
    Rule {
        id: "COMPUTE-53-environment-key",
        title: "Environment variables are encrypted with an own key",
        why: "Whoever may read the function's configuration reads them.",
        remedy: "Set `KmsKeyArn` to a key of the deployment.",
        cost: Some("a dollar a month per key"),
        from: Hardened,
        severity: Low,
        check: Check::property_unless(FUNCTION, &["KmsKeyArn"], Want::Present, has_no_environment),
    },
    Rule {
        id: "COMPUTE-53-concurrency",
        title: "Functions cannot take all of the account's concurrency",
        why: "One function in a loop stops every other function of the account.",
        remedy: "Set `ReservedConcurrentExecutions`, within what the account has.",
        cost: Some("concurrency that no other function of the account can use"),
        from: Hardened,
        severity: Low,
        check: Check::property(FUNCTION, &["ReservedConcurrentExecutions"], Want::Present),
    },
    Rule {
        id: "COMPUTE-53-vpc",
        title: "Functions stand in the network",
        why: "Outside, neither security groups nor endpoint policies see what they send where.",
        remedy: "Set `VpcConfig` with private subnets and a group of its own.",
        cost: Some("a NAT gateway or interface endpoints"),
        from: Hardened,
        severity: Low,
        check: Check::property(
            FUNCTION,
            &["VpcConfig.SubnetIds", "VpcConfig.SecurityGroupIds"],
            Want::Present,
        ),
    },
];

/// Runtimes that could be created and were not announced as ending in November 2026.
const MAINTAINED: &[&str] = &[
    "provided.al2023",
    "python3.13",
    "python3.14",
    "nodejs22.x",
    "nodejs24.x",
    "java21",
    "java25",
    "dotnet10",
    "ruby3.4",
];

fn is_image(world: &World<'_>, function: &Resource<'_>) -> bool {
    function.leaves(world, "PackageType").iter().all(|leaf| leaf.text() == Some("Image"))
}

fn has_no_environment(world: &World<'_>, function: &Resource<'_>) -> bool {
    function.leaves(world, "Environment.Variables").iter().all(|leaf| !leaf.is_present())
}

/// Functions that something calls without waiting for the answer.
fn called_without_waiting(world: &World<'_>) -> Vec<Index> {
    let services = ["events", "s3", "sns", "scheduler", "logs", "ses", "config"];
    let by_permission = world.of("AWS::Lambda::Permission").filter(|permission| {
        permission.texts(world, "Principal").iter().any(|name| {
            let service = name.split(".amazonaws").next().unwrap_or(name);
            services.contains(&service)
        })
    });
    let permitted = by_permission.flat_map(|permission| permission.targets(world, "FunctionName"));
    let by_rule = world.of("AWS::Events::Rule").flat_map(|rule| rule.targets(world, "Targets[].Arn"));
    let by_schedule =
        world.of("AWS::Scheduler::Schedule").flat_map(|schedule| schedule.targets(world, "Target.Arn"));
    let by_topic = world.of("AWS::SNS::Subscription").flat_map(|topic| topic.targets(world, "Endpoint"));
    permitted.chain(by_rule).chain(by_schedule).chain(by_topic).collect()
}

fn lost_events(world: &World<'_>, findings: &mut Findings) {
    let called = called_without_waiting(world);
    for function in world.of("AWS::Lambda::Function").filter(|function| called.contains(&function.index)) {
        let own = function.leaves(world, "DeadLetterConfig.TargetArn").iter().all(|leaf| leaf.is_present());
        let by_destination = world.of("AWS::Lambda::EventInvokeConfig").any(|config| {
            config.stands_with(function)
                && config.targets(world, "FunctionName").contains(&function.index)
                && config
                    .leaves(world, "DestinationConfig.OnFailure.Destination")
                    .iter()
                    .all(|leaf| leaf.is_present())
        });
        if !own && !by_destination {
            findings.add(function, "DeadLetterConfig", "is missing, and there is no `OnFailure` destination");
        }
    }
}

fn log_group(world: &World<'_>, findings: &mut Findings) {
    for function in world.of("AWS::Lambda::Function") {
        let named = function.leaves(world, "LoggingConfig.LogGroup").iter().all(|leaf| match leaf {
            // A name that somebody may leave empty is the group that Lambda makes.
            Leaf::Parameter(name) => world.parameter_source(function.stack, name).is_some(),
            other => other.is_present(),
        });
        if !named && !has_default_group(world, function) {
            findings.add(function, "LoggingConfig.LogGroup", "is missing, must be set");
        }
    }
}

/// Whether a log group has the name that Lambda would give to this function's.
fn has_default_group(world: &World<'_>, function: &Resource<'_>) -> bool {
    let mut names = function.texts(world, "FunctionName");
    names.push(format!("${{{}}}", function.id));
    world.of("AWS::Logs::LogGroup").any(|group| {
        group.stands_with(function)
            && group.texts(world, "LogGroupName").iter().any(|name| {
                name.strip_prefix("/aws/lambda/").is_some_and(|rest| names.iter().any(|name| name == rest))
            })
    })
}
