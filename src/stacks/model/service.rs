//! The ECS service of a model: one task on every host.

use lisa_cfn::aws::ec2;
use lisa_cfn::aws::ecs::{
    self,
    service::{
        AssignPublicIp, AwsVpcConfiguration, DeploymentCircuitBreaker, DeploymentConfiguration, LaunchType,
        LoadBalancer as Target, NetworkConfiguration, PropagateTags, SchedulingStrategy,
    },
};
use lisa_cfn::{Handle, Id, Value};

use crate::builder::StackBuilder;
use crate::parts::{LoadBalancer, PORT, has_circuit_breaker};
use crate::shared::Shared;

/// The engine's container.
pub(super) const ENGINE: &str = "engine";

/// Seconds in which a task need not answer yet: weights are brought and loaded before.
const GRACE_SECONDS: u32 = 3600;

/// Adds the service. Hosts and tasks are one and the same: whoever stops, starts or scales a model changes the number of
/// hosts, and a GPU is never shared by an old version and a new one.
pub(super) fn add(
    stack: &mut StackBuilder<'_>,
    cluster: &Handle<ecs::Cluster>,
    task: &Handle<ecs::TaskDefinition>,
    balancer: &LoadBalancer,
    group: &Value<Id<ec2::SecurityGroup>>,
) -> Handle<ecs::Service> {
    let network = AwsVpcConfiguration::new()
        .assign_public_ip(AssignPublicIp::DISABLED)
        .security_groups([group.clone()])
        .subnets(stack.read_list(Shared::PrivateSubnetIds).as_ids());
    let target = Target::new()
        .container_name(ENGINE)
        .container_port(PORT)
        .target_group_arn(balancer.targets.target_group_arn());
    let mut deployment = DeploymentConfiguration::new().minimum_healthy_percent(0).maximum_percent(100);
    if has_circuit_breaker(stack) {
        deployment = deployment.deployment_circuit_breaker(DeploymentCircuitBreaker::new(true, true));
    }
    let service = ecs::Service::new()
        .cluster(cluster.reference())
        .task_definition(task.reference())
        .launch_type(LaunchType::EC2)
        .scheduling_strategy(SchedulingStrategy::DAEMON)
        .deployment_configuration(deployment)
        .network_configuration(NetworkConfiguration::new().awsvpc_configuration(network))
        .load_balancers([target])
        .health_check_grace_period_seconds(GRACE_SECONDS)
        .enable_ecs_managed_tags(true)
        .propagate_tags(PropagateTags::SERVICE);
    let service = stack.add("Service", service);
    stack.template.options(&service).depends_on(&balancer.listener);
    service
}
