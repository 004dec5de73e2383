//! How many tasks run, by the load balancer's own metric.

use lisa_cfn::aws::applicationautoscaling::{
    self as scaling,
    scalable_target::{ScalableDimension, ScalableTargetRequired, ServiceNamespace},
    scaling_policy::{
        CustomizedMetricSpecification, MetricDimension, PolicyType, Statistic,
        TargetTrackingScalingPolicyConfiguration,
    },
};
use lisa_cfn::aws::ecs;
use lisa_cfn::iam::arn;
use lisa_cfn::{Handle, Value};
use lisa_config::section::auto_scaling::AlbMetric;

use super::CONFIG;
use crate::builder::StackBuilder;
use crate::parts::{LoadBalancer, scaling_dimensions, scaling_statistic, target_value};

/// Adds the scaling; none where the configuration leaves nothing to scale.
pub(super) fn add(
    stack: &mut StackBuilder<'_>,
    cluster: &Handle<ecs::Cluster>,
    service: &Handle<ecs::Service>,
    balancer: &LoadBalancer,
) {
    let config = &stack.config().rest_api_config.auto_scaling_config;
    if config.min_capacity == config.max_capacity {
        return;
    }
    let resource = [Value::from("service"), cluster.reference().into(), service.name()];
    let target = scaling::ScalableTarget::new(ScalableTargetRequired {
        max_capacity: config.max_capacity.into(),
        min_capacity: config.min_capacity.into(),
        resource_id: Value::join("/", resource),
        scalable_dimension: ScalableDimension::ECS_SERVICE_DESIREDCOUNT.into(),
        service_namespace: ServiceNamespace::ECS.into(),
    });
    // AWS makes this role when it is first needed; the schema of some regions wants it named.
    let role = "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService";
    let target = stack.add("ScalableTarget", target.role_arn(arn::global("iam", role).as_arn()));
    let tracking = TargetTrackingScalingPolicyConfiguration::new(target_value(&config.metric_config))
        .customized_metric_specification(metric(config.metric_config.alb_metric_name, balancer))
        .scale_in_cooldown(config.cooldown)
        .scale_out_cooldown(config.metric_config.estimated_instance_warmup);
    let policy = scaling::ScalingPolicy::new("requests", PolicyType::TARGET_TRACKING_SCALING)
        .scaling_target_id(target.reference())
        .target_tracking_scaling_policy_configuration(tracking);
    let policy = stack.add("ScalingPolicy", policy);
    stack.template.options(&target).set_by("", &format!("{CONFIG}.autoScalingConfig"));
    stack.template.options(&policy).set_by("", &format!("{CONFIG}.autoScalingConfig.metricConfig"));
}

fn metric(metric: AlbMetric, balancer: &LoadBalancer) -> CustomizedMetricSpecification {
    let specification = CustomizedMetricSpecification::new()
        .namespace("AWS/ApplicationELB")
        .metric_name(metric.as_str())
        .dimensions(scaling_dimensions(balancer).map(|(name, value)| MetricDimension::new(name, value)));
    match Statistic::parse(scaling_statistic(metric)) {
        Some(statistic) => specification.statistic(statistic),
        None => specification,
    }
}
