//! API-63: event buses and the rules that send events on.

use crate::leaf::Want;
use crate::report::Severity::{Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::Standard;
use crate::world::World;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "API-63-bus-policy",
        title: "Event buses say who may write",
        why: "Anybody in the account can send events that start our workflows.",
        remedy: "Add an event bus policy that names the sources.",
        cost: None,
        from: Standard,
        severity: Low,
        check: Check::With(bus_policy),
    },
    Rule {
        id: "API-63-dead-letters",
        title: "Events that cannot be delivered are set aside",
        why: "After a day of retries the event is dropped, and nobody knows.",
        remedy: "Set `DeadLetterConfig.Arn` for every target, and for an own bus.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::With(dead_letters),
    },
];

fn bus_policy(world: &World<'_>, findings: &mut Findings) {
    for bus in world.of("AWS::Events::EventBus") {
        let own = bus.leaves(world, "Policy").iter().all(|leaf| leaf.is_present());
        if !own && !world.has_helper("AWS::Events::EventBusPolicy", "EventBusName", bus) {
            findings.add(bus, "Policy", "is missing, must be set");
        }
    }
}

fn dead_letters(world: &World<'_>, findings: &mut Findings) {
    for (kind, path) in [
        ("AWS::Events::Rule", "Targets[].DeadLetterConfig.Arn"),
        ("AWS::Events::EventBus", "DeadLetterConfig.Arn"),
        ("AWS::Scheduler::Schedule", "Target.DeadLetterConfig.Arn"),
    ] {
        for resource in world.of(kind) {
            resource.each(world, path, |trail, leaf| {
                if !leaf.is_present() {
                    findings.add(resource, trail.to_string(), Want::Present.message(leaf));
                }
            });
        }
    }
}
