//! The ECS service of the gateway and the capacity that it runs on.

use lisa_cfn::aws::ecs::{
    self,
    capacity_provider::{
        AutoScalingGroupProvider, ManagedDraining, ManagedScaling, ManagedTerminationProtection, Status,
    },
    cluster_capacity_provider_associations::CapacityProviderStrategy,
    service::{
        AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, DeploymentCircuitBreaker,
        DeploymentConfiguration, LoadBalancer as Target, NetworkConfiguration, PlacementStrategy,
        PlacementStrategyTypeValue, PropagateTags,
    },
};
use lisa_cfn::aws::{autoscaling, ec2};
use lisa_cfn::{Handle, Id, Value};

use super::CONTAINER;
use crate::builder::StackBuilder;
use crate::parts::{LoadBalancer, PORT, has_circuit_breaker};
use crate::shared::Shared;

/// What the service is made from.
pub(super) struct Parts<'a> {
    pub(super) cluster: &'a Handle<ecs::Cluster>,
    pub(super) hosts: &'a Handle<autoscaling::AutoScalingGroup>,
    pub(super) task: Handle<ecs::TaskDefinition>,
    pub(super) balancer: &'a LoadBalancer,
    pub(super) group: Value<Id<ec2::SecurityGroup>>,
}

/// Adds the capacity provider and the service.
pub(super) fn add(stack: &mut StackBuilder<'_>, parts: &Parts<'_>) -> Handle<ecs::Service> {
    let scaling = &stack.config().rest_api_config.auto_scaling_config;
    let provider = capacity_provider(stack, parts.hosts);
    let strategy = CapacityProviderStrategy::new(provider.reference()).weight(1);
    let association = ecs::ClusterCapacityProviderAssociations::new(parts.cluster.reference(), [strategy])
        .capacity_providers([provider.reference()]);
    let association = stack.add("CapacityProviderAssociation", association);
    let target = Target::new()
        .container_name(CONTAINER)
        .container_port(PORT)
        .target_group_arn(parts.balancer.targets.target_group_arn());
    let network = AwsVpcConfiguration::new()
        .assign_public_ip(AssignPublicIp::DISABLED)
        .security_groups([parts.group.clone()])
        .subnets(stack.read_list(Shared::PrivateSubnetIds).as_ids());
    let spread = |field: &str| PlacementStrategy::new(PlacementStrategyTypeValue::SPREAD).field(field);
    let service = ecs::Service::new()
        .cluster(parts.cluster.reference())
        .task_definition(parts.task.reference())
        .desired_count(scaling.min_capacity)
        .capacity_provider_strategy([CapacityProviderStrategyItem::new()
            .capacity_provider(provider.reference())
            .weight(1)])
        .placement_strategies([spread("attribute:ecs.availability-zone"), spread("instanceId")])
        .network_configuration(NetworkConfiguration::new().awsvpc_configuration(network))
        .load_balancers([target])
        .health_check_grace_period_seconds(60)
        .deployment_configuration(deployment(stack))
        .enable_ecs_managed_tags(true)
        .propagate_tags(PropagateTags::SERVICE);
    let service = stack.add("Service", service);
    // Tasks start only where the provider is known and the listener leads to them.
    stack.template.options(&service).depends_on(&association).depends_on(&parts.balancer.listener);
    service
}

/// Hosts come as tasks need them. Those that go are drained first; none is protected, so that the group can be deleted.
fn capacity_provider(
    stack: &mut StackBuilder<'_>,
    hosts: &Handle<autoscaling::AutoScalingGroup>,
) -> Handle<ecs::CapacityProvider> {
    let warmup = stack.config().rest_api_config.auto_scaling_config.metric_config.estimated_instance_warmup;
    let scaling = ManagedScaling::new()
        .status(Status::ENABLED)
        .target_capacity(100)
        .instance_warmup_period(warmup.max(1));
    let provider = AutoScalingGroupProvider::new(hosts.reference())
        .managed_draining(ManagedDraining::ENABLED)
        .managed_scaling(scaling)
        .managed_termination_protection(ManagedTerminationProtection::DISABLED);
    // ECS refuses names that begin with `aws`, `ecs` or `fargate`, as a deployment's name may.
    let name = format!("lisa-{}", stack.naming().stack("serve"));
    let provider = ecs::CapacityProvider::new().name(name).auto_scaling_group_provider(provider);
    stack.add("CapacityProvider", provider)
}

/// Rolling: a new task has to answer before an old one goes; a version that does not is rolled back.
fn deployment(stack: &StackBuilder<'_>) -> DeploymentConfiguration {
    let rolling = DeploymentConfiguration::new().minimum_healthy_percent(100).maximum_percent(200);
    if has_circuit_breaker(stack) {
        rolling.deployment_circuit_breaker(DeploymentCircuitBreaker::new(true, true))
    } else {
        rolling
    }
}
