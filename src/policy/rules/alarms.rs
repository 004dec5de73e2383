//! API-62: alarms, what they watch, and whom they tell.

use serde_json::Value;

use crate::leaf::{Leaf, Want};
use crate::report::Severity::{Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::rules::queues::dead_letter_queues;
use crate::settings::Profile::Standard;
use crate::world::{Index, Resource, World, leaf_texts};

const COST: Option<&str> = Some("ten cents a month per alarm");

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "API-62-destination",
        title: "Every alarm tells somebody",
        why: "An alarm that goes nowhere is seen after the outage.",
        remedy: "Name a topic in `AlarmActions`, and leave `ActionsEnabled` out.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::With(destination),
    },
    Rule {
        id: "API-62-errors",
        title: "Somebody is told when functions fail",
        why: "An outage is first seen by users.",
        remedy: "Add an alarm on the metric `Errors`, of the function or of all functions.",
        cost: COST,
        from: Standard,
        severity: Low,
        check: Check::With(|world, findings| functions(world, findings, "Errors")),
    },
    Rule {
        id: "API-62-throttles",
        title: "Somebody is told when functions are throttled",
        why: "Requests are turned away while everything looks healthy.",
        remedy: "Add an alarm on the metric `Throttles`, of the function or of all functions.",
        cost: COST,
        from: Standard,
        severity: Low,
        check: Check::With(|world, findings| functions(world, findings, "Throttles")),
    },
    Rule {
        id: "API-62-dead-letters",
        title: "Somebody is told when a message is set aside",
        why: "A dead-letter queue that nobody looks at loses messages after two weeks.",
        remedy: "Add an alarm on `ApproximateNumberOfMessagesVisible` of the dead-letter queue.",
        cost: COST,
        from: Standard,
        severity: Low,
        check: Check::With(dead_letters),
    },
    Rule {
        id: "API-62-server-errors",
        title: "Somebody is told when the API or a load balancer answers with errors",
        why: "An outage is first seen by users.",
        remedy: "Add an alarm on `5XXError` of the API, on `HTTPCode_ELB_5XX_Count` or \
                 `HTTPCode_Target_5XX_Count` of the load balancer.",
        cost: COST,
        from: Standard,
        severity: Low,
        check: Check::With(server_errors),
    },
    Rule {
        id: "API-62-executions",
        title: "Somebody is told when a workflow fails",
        why: "A model that was never created, or never deleted, is noticed on the bill.",
        remedy: "Add an alarm on `ExecutionsFailed` of the state machine.",
        cost: COST,
        from: Standard,
        severity: Low,
        check: Check::With(executions),
    },
];

fn destination(world: &World<'_>, findings: &mut Findings) {
    for alarm in world.of("AWS::CloudWatch::Alarm").chain(world.of("AWS::CloudWatch::CompositeAlarm")) {
        for leaf in alarm.leaves(world, "AlarmActions").into_iter().filter(|leaf| !leaf.is_present()) {
            findings.add(alarm, "AlarmActions", Want::Present.message(leaf));
        }
        for leaf in
            alarm.leaves(world, "ActionsEnabled").into_iter().filter(|leaf| !Want::NotFalse.holds(*leaf))
        {
            findings.add(alarm, "ActionsEnabled", Want::NotFalse.message(leaf));
        }
    }
}

/// What alarms say about one metric.
struct Watched {
    /// Resources that an alarm names in a dimension.
    resources: Vec<Index>,
    /// Whether an alarm watches the metric of all resources at once.
    all: bool,
}

fn watched(world: &World<'_>, namespace: &str, metrics: &[&str], dimension: &str) -> Watched {
    let mut watched = Watched { resources: Vec::new(), all: false };
    for alarm in world.of("AWS::CloudWatch::Alarm") {
        let whole = alarm.body.get("Properties").map(Leaf::Literal);
        let math = alarm.leaves(world, "Metrics[].MetricStat.Metric");
        for metric in whole.into_iter().chain(math) {
            metric_of(world, alarm, metric, (namespace, metrics, dimension), &mut watched);
        }
        // `SELECT SUM(Errors) FROM SCHEMA("AWS/Lambda", ...)` is about all of them.
        let asks_for = |query: &String| {
            query.contains(&format!("\"{namespace}\"")) && metrics.iter().any(|metric| query.contains(metric))
        };
        watched.all |=
            alarm.condition.is_none() && alarm.texts(world, "Metrics[].Expression").iter().any(asks_for);
    }
    watched
}

fn metric_of<'a>(
    world: &World<'a>,
    alarm: &Resource<'a>,
    metric: Leaf<'a>,
    (namespace, metrics, dimension): (&str, &[&str], &str),
    watched: &mut Watched,
) {
    let literal = |path: &'a str| world.leaves_under(alarm, metric, path).into_iter().find_map(Leaf::text);
    if literal("Namespace") != Some(namespace)
        || !literal("MetricName").is_some_and(|name| metrics.contains(&name))
    {
        return;
    }
    let mut named = false;
    for entry in world.leaves_under(alarm, metric, "Dimensions[]") {
        let Leaf::Literal(entry) = entry else {
            continue;
        };
        if entry.get("Name").and_then(Value::as_str) == Some(dimension) {
            named = true;
            let leaves =
                entry.get("Value").map(|value| alarm.leaves_of(world, value, "")).unwrap_or_default();
            let named = leaves.into_iter().flat_map(|leaf| targets(world, alarm, leaf));
            watched.resources.extend(named.filter(|index| alarm.stands_with(&world.resources[*index])));
        }
    }
    watched.all |= !named && alarm.condition.is_none();
}

/// What a dimension's value refers to: by reference, or by the name that the resource has.
fn targets<'a>(world: &World<'a>, alarm: &Resource<'a>, leaf: Leaf<'a>) -> Vec<Index> {
    let mut found = world.targets_of(alarm.stack, leaf);
    let names = leaf_texts(leaf);
    let apis = world
        .of("AWS::ApiGateway::RestApi")
        .filter(|api| api.texts(world, "Name").iter().any(|name| names.contains(name)));
    found.extend(apis.map(|api| api.index));
    found
}

/// Finds every resource of `kind` that no alarm watches.
fn require(
    world: &World<'_>,
    findings: &mut Findings,
    kind: &str,
    (namespace, metrics, dimension): (&str, &[&str], &str),
    applies: impl Fn(&Resource<'_>) -> bool,
) {
    let watched = watched(world, namespace, metrics, dimension);
    for resource in world.of(kind).filter(|resource| applies(resource)) {
        if !watched.all && !watched.resources.contains(&resource.index) {
            findings.add(resource, "", format!("has no alarm on `{}`", metrics.join("` or `")));
        }
    }
}

fn functions(world: &World<'_>, findings: &mut Findings, metric: &str) {
    require(world, findings, "AWS::Lambda::Function", ("AWS/Lambda", &[metric], "FunctionName"), |_| true);
}

fn dead_letters(world: &World<'_>, findings: &mut Findings) {
    let queues = dead_letter_queues(world);
    let metric = ("AWS/SQS", &["ApproximateNumberOfMessagesVisible"][..], "QueueName");
    require(world, findings, "AWS::SQS::Queue", metric, |queue| queues.contains(&queue.index));
}

fn server_errors(world: &World<'_>, findings: &mut Findings) {
    let api = ("AWS/ApiGateway", &["5XXError"][..], "ApiName");
    require(world, findings, "AWS::ApiGateway::RestApi", api, |_| true);
    let metrics = ["HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count"];
    let balancer = ("AWS/ApplicationELB", &metrics[..], "LoadBalancer");
    require(world, findings, "AWS::ElasticLoadBalancingV2::LoadBalancer", balancer, |balancer| {
        balancer.property("Type").is_none_or(|kind| kind != "network")
    });
}

fn executions(world: &World<'_>, findings: &mut Findings) {
    let metric = ("AWS/States", &["ExecutionsFailed"][..], "StateMachineArn");
    require(world, findings, "AWS::StepFunctions::StateMachine", metric, |_| true);
}
