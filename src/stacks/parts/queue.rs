//! SQS queues: encrypted, TLS only, with a dead-letter queue and an alarm on it.

use lisa_cfn::aws::sqs::{self, queue::RedrivePolicy};
use lisa_cfn::iam::{Policy, deny_insecure_transport};
use lisa_cfn::{Handle, Value};

use super::alarm::{Alarm, alarm};
use crate::builder::StackBuilder;

/// How long messages that nothing could handle are kept: 14 days, the longest that SQS allows.
const DEAD_LETTER_SECONDS: u32 = 14 * 24 * 3600;

/// A queue, and where its messages go that nothing could handle.
#[derive(Debug)]
pub struct Queues {
    /// The queue.
    pub queue: Handle<sqs::Queue>,
    /// Its dead-letter queue.
    pub dead_letters: Handle<sqs::Queue>,
}

/// Adds a queue. A message is invisible for `visibility` seconds while it is handled, and given up after `receives`
/// attempts.
pub fn queue(
    stack: &mut StackBuilder<'_>,
    logical_id: &str,
    what: &str,
    visibility: u32,
    receives: u32,
) -> Queues {
    let key: Value<String> = stack.message_key().into();
    let dead_letters = sqs::Queue::new()
        .queue_name(stack.naming().queue(&format!("{what}-dead-letters")))
        .kms_master_key_id(key.clone())
        .message_retention_period(DEAD_LETTER_SECONDS);
    let dead_letters = stack.add_stateful(format!("{logical_id}DeadLetters"), dead_letters);
    let redrive = RedrivePolicy::new().dead_letter_target_arn(dead_letters.arn()).max_receive_count(receives);
    let queue = sqs::Queue::new()
        .queue_name(stack.naming().queue(what))
        .kms_master_key_id(key)
        .visibility_timeout(visibility)
        .redrive_policy(redrive);
    let queue = stack.add_stateful(logical_id, queue);
    let arns = [Value::<String>::from(queue.arn()), Value::<String>::from(dead_letters.arn())];
    let urls = [Value::<String>::from(queue.queue_url()), Value::<String>::from(dead_letters.queue_url())];
    stack.add(
        format!("{logical_id}Policy"),
        sqs::QueuePolicy::new(Policy::new([deny_insecure_transport("sqs", arns)]), urls),
    );
    let name: Value<String> = dead_letters.queue_name();
    let undelivered = Alarm {
        what: "messages that nothing could handle",
        namespace: "AWS/SQS",
        metric: "ApproximateNumberOfMessagesVisible",
        dimensions: vec![("QueueName", name)],
        statistic: "Maximum",
        threshold: 0.0,
        periods: 1,
        period: 300,
    };
    alarm(stack, &format!("{logical_id}DeadLettersAlarm"), undelivered);
    Queues { queue, dead_letters }
}
