//! Executions that end without reaching their own failure path: aborted by hand, timed out, or failed twice. The
//! function that runs the tasks is told, and marks the model's row; the operators are told too.
//!
//! The function gets the event as EventBridge sends it, told apart from a task by its `detail-type`.

use lisa_cfn::aws::cloudwatch::{
    self,
    alarm::{ComparisonOperator, Dimension, Metric, MetricDataQuery, MetricStat, TreatMissingData},
};
use lisa_cfn::aws::events::{
    self,
    rule::{DeadLetterConfig, RetryPolicy, Target},
};
use lisa_cfn::aws::{lambda, sqs, stepfunctions};
use lisa_cfn::iam::{Condition, Policy, Principal, Statement, actions, deny_insecure_transport};
use lisa_cfn::{Handle, Value};
use lisa_config::section::environment::SecurityProfile;
use serde_json::{Value as Json, json};

use crate::builder::StackBuilder;
use crate::parts::{Alarm, Function, alarm};
use crate::shared::Shared;

/// How long an unheard event is kept: 14 days, the longest that SQS allows.
const KEPT_SECONDS: u32 = 14 * 24 * 3600;

/// Seconds that an alarm looks at.
const PERIOD_SECONDS: u32 = 300;

/// Seconds in which an event is tried again.
const RETRIED_SECONDS: u32 = 3600;

/// Adds the rule, and what becomes of events that nobody took.
pub(super) fn add(
    stack: &mut StackBuilder<'_>,
    machines: &[Handle<stepfunctions::StateMachine>],
    tasks: &Function,
    unheard: &Handle<sqs::Queue>,
) {
    let target = Target::new(tasks.handle.arn(), "mark-row")
        .dead_letter_config(DeadLetterConfig::new().arn(unheard.arn()))
        .retry_policy(RetryPolicy::new().maximum_event_age_in_seconds(RETRIED_SECONDS));
    let rule = events::Rule::new()
        .description("Model workflows that failed, were aborted or timed out")
        .event_pattern(pattern(machines))
        .targets([target]);
    let rule = stack.add("FailedWorkflows", rule);
    let permission =
        lambda::Permission::new("lambda:InvokeFunction", tasks.handle.arn(), "events.amazonaws.com")
            .source_arn(rule.arn());
    stack.add("FailedWorkflowsPermission", permission);
    let policy = Policy::new([
        deny_insecure_transport("sqs", [unheard.arn()]),
        Statement::allow([actions::sqs::SEND_MESSAGE])
            .on([unheard.arn()])
            .to(Principal::service("events.amazonaws.com"))
            .when(Condition::source_arn(rule.arn())),
    ]);
    stack.add("UnheardFailuresPolicy", sqs::QueuePolicy::new(policy, [unheard.queue_url()]));
    unheard_alarm(stack, unheard);
    failures_alarm(stack, machines);
}

fn pattern(machines: &[Handle<stepfunctions::StateMachine>]) -> Json {
    let arns: Vec<Json> = machines.iter().map(|machine| machine.arn().into_json()).collect();
    json!({
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": { "status": ["ABORTED", "FAILED", "TIMED_OUT"], "stateMachineArn": arns },
    })
}

/// Adds the queue of events that reached nobody or that nobody could handle. EventBridge writes into it, so that an own
/// key, which must admit EventBridge, is left to the `hardened` profile.
pub(super) fn unheard(stack: &mut StackBuilder<'_>) -> Handle<sqs::Queue> {
    let queue = sqs::Queue::new()
        .queue_name(stack.naming().queue("unheard-failures"))
        .message_retention_period(KEPT_SECONDS);
    let queue = if stack.at_least(SecurityProfile::Hardened) {
        queue.kms_master_key_id(Value::<String>::from(stack.message_key()))
    } else {
        queue.sqs_managed_sse_enabled(true)
    };
    stack.add_stateful("UnheardFailures", queue)
}

fn unheard_alarm(stack: &mut StackBuilder<'_>, unheard: &Handle<sqs::Queue>) {
    let unrecorded = Alarm {
        what: "the failure of a model's workflow could not be recorded",
        namespace: "AWS/SQS",
        metric: "ApproximateNumberOfMessagesVisible",
        dimensions: vec![("QueueName", unheard.queue_name())],
        statistic: "Maximum",
        threshold: 0.0,
        periods: 1,
        period: PERIOD_SECONDS,
    };
    alarm(stack, "UnheardFailuresAlarm", unrecorded);
}

/// One alarm for all machines. Aborted executions do not ring it: deleting a model aborts what it was in.
fn failures_alarm(stack: &mut StackBuilder<'_>, machines: &[Handle<stepfunctions::StateMachine>]) {
    let topic = stack.read(Shared::AlarmTopicArn);
    let kinds = ["ExecutionsFailed", "ExecutionsTimedOut"];
    let pairs = machines.iter().flat_map(|machine| kinds.map(|kind| (machine, kind)));
    let counts = pairs.enumerate().map(|(index, (machine, kind))| {
        let metric = Metric::new()
            .namespace("AWS/States")
            .metric_name(kind)
            .dimensions([Dimension::new("StateMachineArn", machine.reference())]);
        let count = MetricStat::new(metric, PERIOD_SECONDS, "Sum");
        MetricDataQuery::new(format!("count{index}")).metric_stat(count).return_data(false)
    });
    let sum = MetricDataQuery::new("failures").expression("SUM(METRICS())").return_data(true);
    let what = "a model could not be created, changed or deleted";
    let resource = cloudwatch::Alarm::new()
        .comparison_operator(ComparisonOperator::GREATER_THAN_THRESHOLD)
        .evaluation_periods(1)
        .alarm_description(format!("{}: {what}", stack.naming().prefix()))
        .metrics(counts.chain([sum]).collect::<Vec<_>>())
        .threshold(0)
        .treat_missing_data(TreatMissingData::NOT_BREACHING)
        .alarm_actions([topic.clone()])
        .ok_actions([topic.as_arn()]);
    stack.add("FailedWorkflowsAlarm", resource);
}
