//! How many hosts a model has, by its load balancer's metric.

use lisa_cfn::Handle;
use lisa_cfn::aws::autoscaling::{
    self,
    scaling_policy::{
        CustomizedMetricSpecification, MetricDimension, PolicyType, Statistic, TargetTrackingConfiguration,
    },
};

use super::spec::ModelSpec;
use crate::builder::StackBuilder;
use crate::parts::{LoadBalancer, scaling_dimensions, scaling_statistic, target_value};

/// Adds the scaling; none where there is nothing to scale.
pub(super) fn add(
    stack: &mut StackBuilder<'_>,
    spec: &ModelSpec,
    hosts: &Handle<autoscaling::AutoScalingGroup>,
    balancer: &LoadBalancer,
) {
    if spec.scaling.min_capacity == spec.scaling.max_capacity {
        return;
    }
    let config = &spec.scaling.metric_config;
    let mut metric = CustomizedMetricSpecification::new()
        .namespace("AWS/ApplicationELB")
        .metric_name(config.alb_metric_name.as_str())
        .dimensions(scaling_dimensions(balancer).map(|(name, value)| MetricDimension::new(name, value)));
    if let Some(statistic) = Statistic::parse(scaling_statistic(config.alb_metric_name)) {
        metric = metric.statistic(statistic);
    }
    let tracking =
        TargetTrackingConfiguration::new(target_value(config)).customized_metric_specification(metric);
    let policy = autoscaling::ScalingPolicy::new(hosts.reference())
        .policy_type(PolicyType::TARGET_TRACKING_SCALING)
        .estimated_instance_warmup(config.estimated_instance_warmup)
        .target_tracking_configuration(tracking);
    let policy = stack.add("ScalingPolicy", policy);
    stack.template.options(&policy).set_by("", &spec.path("autoScalingConfig.metricConfig"));
}
