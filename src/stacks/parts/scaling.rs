//! Scaling by a metric of the load balancer: what is alike for tasks and hosts.

use lisa_cfn::Value;
use lisa_config::section::auto_scaling::{AlbMetric, MetricConfig};

use super::load_balancer::LoadBalancer;

/// Length of the metric's period in seconds, to which everything is brought: Application Auto Scaling knows no other.
const PERIOD: f64 = 60.0;

/// The value to keep the metric at. A count for the configured period becomes one for a minute; a time stays what it is.
pub(crate) fn target_value(metric: &MetricConfig) -> Value<f64> {
    let value = match metric.alb_metric_name {
        AlbMetric::RequestCountPerTarget => metric.target_value * PERIOD / f64::from(metric.duration),
        AlbMetric::TargetResponseTime => metric.target_value,
    };
    value.into()
}

/// The statistic that says something of the metric: requests are summed, times averaged.
pub(crate) const fn statistic(metric: AlbMetric) -> &'static str {
    match metric {
        AlbMetric::RequestCountPerTarget => "Sum",
        AlbMetric::TargetResponseTime => "Average",
    }
}

/// The metric's dimensions.
pub(crate) fn dimensions(balancer: &LoadBalancer) -> [(&'static str, Value<String>); 2] {
    [
        ("LoadBalancer", balancer.balancer.load_balancer_full_name()),
        ("TargetGroup", balancer.targets.target_group_full_name()),
    ]
}
