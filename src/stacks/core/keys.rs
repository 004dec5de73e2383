//! Keys by what they encrypt, because those who read logs need not be able to read data: one for data, one for logs; in
//! the `hardened` profile, since each costs money every month, also one for secrets and one for messages.

use lisa_cfn::Handle;
use lisa_cfn::aws::kms;
use lisa_cfn::iam::{Condition, KeyGrant, Principal, key_policy};
use lisa_config::section::environment::SecurityProfile;

use crate::builder::StackBuilder;
use crate::shared::Shared;

/// Adds the keys of data, secrets and messages; returns the one that encrypts messages. The account's own principals use
/// them as their IAM policies say; services use a key only for what they deliver to encrypted topics and queues.
pub(super) fn data(stack: &mut StackBuilder<'_>) -> Handle<kms::Key> {
    let deliver = |service| KeyGrant::publish(Principal::service(service), [Condition::source_account()]);
    let alarms = deliver("cloudwatch.amazonaws.com");
    if !stack.at_least(SecurityProfile::Hardened) {
        return key(stack, "Data", "data, secrets and messages", [alarms], Shared::DataKeyArn);
    }
    key(stack, "Data", "tables, buckets and databases", [], Shared::DataKeyArn);
    key(stack, "Secret", "secrets", [], Shared::SecretKeyArn);
    let events = deliver("events.amazonaws.com");
    key(stack, "Message", "queues and topics", [alarms, events], Shared::MessageKeyArn)
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
