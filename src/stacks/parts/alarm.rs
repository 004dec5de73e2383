//! CloudWatch alarms that tell the deployment's topic.

use lisa_cfn::Value;
use lisa_cfn::aws::cloudwatch::{
    self,
    alarm::{ComparisonOperator, Dimension, Statistic, TreatMissingData},
};

use crate::builder::StackBuilder;
use crate::shared::Shared;

/// An alarm on one metric being above a threshold.
#[derive(Debug)]
pub struct Alarm {
    /// What has happened when it rings, as the end of a sentence.
    pub what: &'static str,
    /// The metric's namespace.
    pub namespace: &'static str,
    /// The metric.
    pub metric: &'static str,
    /// The metric's dimensions.
    pub dimensions: Vec<(&'static str, Value<String>)>,
    /// `Sum`, `Maximum`, ...; a percentile such as `p99` is taken too.
    pub statistic: &'static str,
    /// It rings above this.
    pub threshold: f64,
    /// For so many periods in a row.
    pub periods: u32,
    /// A period's seconds.
    pub period: u32,
}

/// Adds the alarm. Missing data is no reason to ring.
pub fn alarm(stack: &mut StackBuilder<'_>, logical_id: &str, alarm: Alarm) {
    let topic = stack.read(Shared::AlarmTopicArn);
    alarm_to(stack, logical_id, &topic, alarm);
}

/// Adds the alarm in the stack that has the topic itself.
pub(crate) fn alarm_to(stack: &mut StackBuilder<'_>, logical_id: &str, topic: &Value<String>, alarm: Alarm) {
    let dimensions: Vec<Dimension> =
        alarm.dimensions.into_iter().map(|(name, value)| Dimension::new(name, value)).collect();
    let resource = cloudwatch::Alarm::new()
        .comparison_operator(ComparisonOperator::GREATER_THAN_THRESHOLD)
        .evaluation_periods(alarm.periods)
        .alarm_description(format!("{}: {}", stack.naming().prefix(), alarm.what))
        .namespace(alarm.namespace)
        .metric_name(alarm.metric)
        .dimensions(dimensions)
        .period(alarm.period)
        .threshold(Value::from(alarm.threshold))
        .treat_missing_data(TreatMissingData::NOT_BREACHING)
        .alarm_actions([topic.clone()])
        .ok_actions([topic.as_arn()]);
    let resource = match Statistic::parse(alarm.statistic) {
        Some(statistic) => resource.statistic(statistic),
        None => resource.extended_statistic(alarm.statistic),
    };
    stack.add(logical_id, resource);
}
