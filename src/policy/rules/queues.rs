//! DATA-27: SQS queues and SNS topics.

use crate::leaf::Want;
use crate::report::Severity::{Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Hardened, Standard};
use crate::world::{Index, Resource, World};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "DATA-27-queue-encrypted",
        title: "Queues are encrypted",
        why: "Messages carry names of documents and people.",
        remedy: "Set `SqsManagedSseEnabled` to `true`, or `KmsMasterKeyId` to a key.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(queue_encrypted),
    },
    Rule {
        id: "DATA-27-topic-encrypted",
        title: "Topics are encrypted",
        why: "Messages carry names of documents and people.",
        remedy: "Set `KmsMasterKeyId`; alarms can only publish with an own key, not with the one of AWS.",
        cost: Some("a dollar a month per key"),
        from: Standard,
        severity: Medium,
        check: Check::property(&["AWS::SNS::Topic"], &["KmsMasterKeyId"], Want::Present),
    },
    Rule {
        id: "DATA-27-own-key",
        title: "Queues are encrypted with an own key",
        why: "The key that SQS owns cannot be taken away from anybody, nor shut in an emergency.",
        remedy: "Set `KmsMasterKeyId` to a key of the deployment.",
        cost: Some("a dollar a month per key"),
        from: Hardened,
        severity: Low,
        check: Check::property(&["AWS::SQS::Queue"], &["KmsMasterKeyId"], Want::Present),
    },
    Rule {
        id: "DATA-27-tls",
        title: "Queues and topics refuse plain HTTP",
        why: "Whoever listens on the way reads messages, or sends their own.",
        remedy: "Add a policy that denies `sqs:*` or `sns:Publish` to everybody if `aws:SecureTransport` is `false`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(tls),
    },
    Rule {
        id: "DATA-27-dead-letters",
        title: "Queues set aside what cannot be handled",
        why: "A message that always fails is tried for ever, or lost without a word.",
        remedy: "Set `RedrivePolicy` with a dead-letter queue and `maxReceiveCount`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(dead_letters),
    },
];

fn queue_encrypted(world: &World<'_>, findings: &mut Findings) {
    for queue in world.of("AWS::SQS::Queue") {
        let by_key = queue.leaves(world, "KmsMasterKeyId").iter().all(|leaf| leaf.is_present());
        let by_service = queue.leaves(world, "SqsManagedSseEnabled").iter().all(|leaf| leaf.is_true());
        if !by_key && !by_service {
            findings.add(queue, "SqsManagedSseEnabled", "is not `true`, and there is no `KmsMasterKeyId`");
        }
    }
}

fn tls(world: &World<'_>, findings: &mut Findings) {
    for (kind, policy, path) in [
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues"),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics"),
    ] {
        for resource in world.of(kind) {
            if !world.refuses_plain_text(policy, path, resource) {
                findings.add(resource, "", "has no policy that refuses plain HTTP");
            }
        }
    }
}

fn dead_letters(world: &World<'_>, findings: &mut Findings) {
    let dead_letter_queues = dead_letter_queues(world);
    for queue in
        world.of("AWS::SQS::Queue").filter(|queue| !is_dead_letter_queue(world, queue, &dead_letter_queues))
    {
        for path in ["RedrivePolicy.deadLetterTargetArn", "RedrivePolicy.maxReceiveCount"] {
            for leaf in queue.leaves(world, path).into_iter().filter(|leaf| !leaf.is_present()) {
                findings.add(queue, path, Want::Present.message(leaf));
            }
        }
    }
}

fn is_dead_letter_queue(world: &World<'_>, queue: &Resource<'_>, known: &[Index]) -> bool {
    known.contains(&queue.index)
        || queue.leaves(world, "RedriveAllowPolicy").iter().all(|leaf| leaf.is_present())
}

/// Every queue that takes what another resource could not handle.
pub(crate) fn dead_letter_queues(world: &World<'_>) -> Vec<Index> {
    [
        ("AWS::SQS::Queue", "RedrivePolicy.deadLetterTargetArn"),
        ("AWS::Lambda::Function", "DeadLetterConfig.TargetArn"),
        ("AWS::Lambda::EventInvokeConfig", "DestinationConfig.OnFailure.Destination"),
        ("AWS::Lambda::EventSourceMapping", "DestinationConfig.OnFailure.Destination"),
        ("AWS::Events::Rule", "Targets[].DeadLetterConfig.Arn"),
        ("AWS::Events::EventBus", "DeadLetterConfig.Arn"),
        ("AWS::Scheduler::Schedule", "Target.DeadLetterConfig.Arn"),
        ("AWS::SNS::Subscription", "RedrivePolicy.deadLetterTargetArn"),
    ]
    .into_iter()
    .flat_map(|(kind, path)| world.of(kind).flat_map(move |resource| resource.targets(world, path)))
    .collect()
}
