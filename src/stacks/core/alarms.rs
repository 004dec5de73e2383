//! The topic that every alarm of the deployment tells.

use lisa_cfn::aws::kms;
use lisa_cfn::aws::sns::{self, topic::Subscription};
use lisa_cfn::iam::{Condition, Policy, Principal, Statement, actions, keys};
use lisa_cfn::{Handle, Value};

use crate::builder::StackBuilder;
use crate::parts::{Alarm, alarm_to};
use crate::shared::Shared;

/// Adds the topic; `alarmEmail` subscribes to it, once its owner confirms.
pub(super) fn topic(stack: &mut StackBuilder<'_>, key: &Handle<kms::Key>) {
    let mut topic = sns::Topic::new().display_name("LISA alarms").kms_master_key_id(key.arn());
    if let Some(address) = &stack.config().alarm_email {
        topic = topic.subscription([Subscription::new(address.as_str(), "email")]);
    }
    let topic = stack.add("AlarmTopic", topic);
    stack.template.options(&topic).set_by("Subscription", "alarmEmail");
    let arn: Value<String> = topic.topic_arn().into();
    // SNS takes no `sns:*` in a topic's policy, so that what must not go in the clear is named.
    let plain = Statement::deny([actions::sns::PUBLISH])
        .on([arn.clone()])
        .to(Principal::any())
        .when(Condition::bool(keys::SECURE_TRANSPORT, false))
        .sid("DenyInsecureTransport");
    let alarms = Statement::allow([actions::sns::PUBLISH])
        .on([arn.clone()])
        .to(Principal::service("cloudwatch.amazonaws.com"))
        .when(Condition::source_account())
        .sid("Alarms");
    stack.add("AlarmTopicPolicy", sns::TopicPolicy::new(Policy::new([plain, alarms]), [arn.clone()]));
    throttles(stack, &arn);
    stack.publish(Shared::AlarmTopicArn, arn);
}

/// One alarm for all functions of the account and region, whose concurrency they share.
fn throttles(stack: &mut StackBuilder<'_>, topic: &Value<String>) {
    let throttled = Alarm {
        what: "functions are throttled",
        namespace: "AWS/Lambda",
        metric: "Throttles",
        dimensions: Vec::new(),
        statistic: "Sum",
        threshold: 0.0,
        periods: 3,
        period: 300,
    };
    alarm_to(stack, "ThrottlesAlarm", topic, throttled);
}
