//! Executions that end without reaching their own failure path: aborted by hand, timed out, or failed twice. The
//! function that runs the tasks is told, and marks the model's row; the operators are told too.
//!
//! The function gets the event as EventBridge sends it, told apart from a task by its `detail-type`.

use lisa_cfn::aws::events::{
    self,
    rule::{DeadLetterConfig, RetryPolicy, Target},
};
use lisa_cfn::aws::{lambda, sqs, stepfunctions};
use lisa_cfn::iam::{Condition, Policy, Principal, Statement, actions, deny_insecure_transport};
use lisa_cfn::{Handle, Value};
use serde_json::{Value as Json, json};

use crate::builder::StackBuilder;
use crate::parts::{Alarm, Function, alarm};

/// How long an event that reached nobody is kept: 14 days, the longest that SQS allows.
const KEPT_SECONDS: u32 = 14 * 24 * 3600;

/// Seconds in which an event is tried again.
const RETRIED_SECONDS: u32 = 3600;

/// Adds the rule, and what becomes of events that nobody took.
pub(super) fn add(
    stack: &mut StackBuilder<'_>,
    machines: &[Handle<stepfunctions::StateMachine>],
    tasks: &Function,
) {
    let dead_letters = dead_letters(stack);
    let target = Target::new(tasks.handle.arn(), "mark-row")
        .dead_letter_config(DeadLetterConfig::new().arn(dead_letters.arn()))
        .retry_policy(RetryPolicy::new().maximum_event_age_in_seconds(RETRIED_SECONDS));
    let rule_name = stack.naming().limited(&format!("{}-failed-workflows", stack.naming().prefix()), 64);
    let rule = events::Rule::new()
        .name(rule_name.clone())
        .description("Model workflows that failed, were aborted or timed out")
        .event_pattern(pattern(machines))
        .targets([target]);
    let rule = stack.add("FailedWorkflows", rule);
    let permission =
        lambda::Permission::new("lambda:InvokeFunction", tasks.handle.arn(), "events.amazonaws.com")
            .source_arn(rule.arn());
    stack.add("FailedWorkflowsPermission", permission);
    let policy = Policy::new([
        deny_insecure_transport("sqs", [dead_letters.arn()]),
        Statement::allow([actions::sqs::SEND_MESSAGE])
            .on([dead_letters.arn()])
            .to(Principal::service("events.amazonaws.com"))
            .when(Condition::source_arn(rule.arn())),
    ]);
    stack.add("UnheardFailuresPolicy", sqs::QueuePolicy::new(policy, [dead_letters.queue_url()]));
    alarms(stack, rule_name, &dead_letters);
}

fn pattern(machines: &[Handle<stepfunctions::StateMachine>]) -> Json {
    let arns: Vec<Json> = machines.iter().map(|machine| machine.arn().into_json()).collect();
    json!({
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": { "status": ["ABORTED", "FAILED", "TIMED_OUT"], "stateMachineArn": arns },
    })
}

fn dead_letters(stack: &mut StackBuilder<'_>) -> Handle<sqs::Queue> {
    let key: Value<String> = stack.data_key().into();
    let queue = sqs::Queue::new()
        .queue_name(stack.naming().queue("unheard-failures"))
        .kms_master_key_id(key)
        .message_retention_period(KEPT_SECONDS);
    stack.add_stateful("UnheardFailures", queue)
}

fn alarms(stack: &mut StackBuilder<'_>, rule_name: String, dead_letters: &Handle<sqs::Queue>) {
    let failed = Alarm {
        what: "a model could not be created, changed or deleted",
        namespace: "AWS/Events",
        metric: "MatchedEvents",
        dimensions: vec![("RuleName", rule_name.into())],
        statistic: "Sum",
        threshold: 0.0,
        periods: 1,
        period: 300,
    };
    alarm(stack, "FailedWorkflowsAlarm", failed);
    let unheard = Alarm {
        what: "the failure of a model's workflow could not be recorded",
        namespace: "AWS/SQS",
        metric: "ApproximateNumberOfMessagesVisible",
        dimensions: vec![("QueueName", dead_letters.queue_name())],
        statistic: "Maximum",
        threshold: 0.0,
        periods: 1,
        period: 300,
    };
    alarm(stack, "UnheardFailuresAlarm", unheard);
}
