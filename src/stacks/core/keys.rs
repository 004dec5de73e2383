//! Two keys, because those who read logs need not be able to read data: one for tables, buckets, secrets, queues and
//! topics, one for logs.

use lisa_cfn::Handle;
use lisa_cfn::aws::kms;
use lisa_cfn::iam::{Condition, KeyGrant, Principal, key_policy};
use lisa_config::section::environment::SecurityProfile;

use crate::builder::StackBuilder;
use crate::shared::Shared;

/// Adds the key that encrypts data. The account's own principals use it as their IAM policies say; services use it only
/// for what they deliver to encrypted topics and queues.
pub(super) fn data(stack: &mut StackBuilder<'_>) -> Handle<kms::Key> {
    // CloudWatch tells the alarm topic; S3 and EventBridge write to queues.
    let services = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com"];
    let grant = |service| KeyGrant::publish(Principal::service(service), [Condition::source_account()]);
    let policy = services.map(grant);
    key(stack, "Data", "tables, buckets, secrets, queues and topics", policy, Shared::DataKeyArn)
}

/// Adds the key that encrypts logs; CloudWatch Logs uses it for this deployment's log groups.
pub(super) fn log(stack: &mut StackBuilder<'_>) {
    let grant = KeyGrant::logs(&stack.naming().log_group("*"));
    key(stack, "Log", "logs", [grant], Shared::LogKeyArn);
}

/// Adds a key and the parameter by which the other stacks find it.
fn key(
    stack: &mut StackBuilder<'_>,
    id: &str,
    encrypts: &str,
    grants: impl IntoIterator<Item = KeyGrant>,
    shared: Shared,
) -> Handle<kms::Key> {
    // A deleted key takes everything that it encrypts with it: outside of development there is the longest time to
    // regret it.
    let days = if stack.at_least(SecurityProfile::Standard) { 30 } else { 7 };
    let key = kms::Key::new()
        .description(format!("{}: encrypts {encrypts}", stack.naming().prefix()))
        .enable_key_rotation(true)
        .pending_window_in_days(days)
        .key_policy(key_policy(grants));
    let key = stack.add_stateful(format!("{id}Key"), key);
    stack.publish(shared, key.arn());
    key
}
