//! ECS clusters and what their tasks run with.

use lisa_cfn::aws::ecs::{self, cluster::ClusterSettings};
use lisa_cfn::aws::logs;
use lisa_cfn::iam::{Statement, actions, arn};
use lisa_cfn::{Handle, Value};
use lisa_config::section::image::Image;
use lisa_names::{Feature, RoleName, capability};

use super::role::{RoleRef, RoleSpec, role};
use crate::builder::StackBuilder;

/// The service that runs tasks.
pub(crate) const TASKS: &str = "ecs-tasks.amazonaws.com";

/// Adds a cluster, with Container Insights where the region has them.
pub(crate) fn cluster(stack: &mut StackBuilder<'_>, name: String) -> Handle<ecs::Cluster> {
    let mut cluster = ecs::Cluster::new().cluster_name(name);
    if !capability(&stack.config().region, Feature::ContainerInsights).is_absent() {
        cluster =
            cluster.cluster_settings([ClusterSettings::new().name("containerInsights").value("enabled")]);
    }
    stack.add("Cluster", cluster)
}

/// Whether services may roll back by themselves in the region.
pub(crate) fn has_circuit_breaker(stack: &StackBuilder<'_>) -> bool {
    !capability(&stack.config().region, Feature::EcsCircuitBreaker).is_absent()
}

/// Adds the role by which the host pulls a task's images and writes its logs: not the task's own.
pub(crate) fn execution_role(
    stack: &mut StackBuilder<'_>,
    logs: &Handle<logs::LogGroup>,
    image: Option<&Image>,
    existing: Option<&RoleName>,
) -> RoleRef {
    use actions::ecr;
    let own = arn::regional("ecr", &format!("repository/{}", stack.naming().image_repository("*")));
    let mut repositories: Vec<Value<String>> = vec![own];
    if let Some(Image::Ecr { repository_arn, .. }) = image {
        repositories.push(repository_arn.as_str().into());
    }
    let statements = vec![
        Statement::allow([ecr::GET_AUTHORIZATION_TOKEN]).on_all(),
        Statement::allow([
            ecr::BATCH_CHECK_LAYER_AVAILABILITY,
            ecr::BATCH_GET_IMAGE,
            ecr::GET_DOWNLOAD_URL_FOR_LAYER,
        ])
        .on(repositories),
        Statement::allow([actions::logs::CREATE_LOG_STREAM, actions::logs::PUT_LOG_EVENTS]).on([logs.arn()]),
    ];
    role(stack, RoleSpec { purpose: "Execution", service: TASKS, statements, existing })
}
