//! The permissions boundary of models' roles: the most that a model's hosts and tasks may ever do, whatever a template
//! gives their roles. A boundary that the configuration names takes its place.

use lisa_cfn::Value;
use lisa_cfn::aws::iam::ManagedPolicy;
use lisa_cfn::iam::{Policy, Statement, actions, arn};

use super::scopes::clusters;
use crate::builder::StackBuilder;

/// The ARN of the boundary that models' roles must carry.
pub(super) fn required(stack: &StackBuilder<'_>) -> Value<String> {
    let aspect = stack.config().permissions_boundary_aspect.as_ref();
    let policy = aspect.map_or_else(
        || stack.naming().model_boundary(),
        |aspect| aspect.permissions_boundary_policy_name.to_string(),
    );
    arn::global("iam", &format!("policy/{policy}"))
}

/// Adds the managed policy, unless the configuration names one.
pub(super) fn add(stack: &mut StackBuilder<'_>) {
    if stack.config().permissions_boundary_aspect.is_some() {
        return;
    }
    let statements = hosts(stack).into_iter().chain(tasks(stack));
    let policy = ManagedPolicy::new(Policy::new(statements))
        .managed_policy_name(stack.naming().model_boundary())
        .description(format!("{}: the most that roles of models may do", stack.naming().prefix()));
    stack.add("ModelBoundary", policy);
}

/// What the ECS agent and Session Manager do on a host.
fn hosts(stack: &StackBuilder<'_>) -> Vec<Statement> {
    use actions::{ecs, ssm, ssmmessages};
    let of_clusters = |kind: &str, rest: &str| -> Vec<Value<String>> {
        clusters(stack).map(|own| arn::regional("ecs", &format!("{kind}/{own}{rest}"))).collect()
    };
    vec![
        Statement::allow([
            ecs::DISCOVER_POLL_ENDPOINT,
            ssmmessages::CREATE_CONTROL_CHANNEL,
            ssmmessages::CREATE_DATA_CHANNEL,
            ssmmessages::OPEN_CONTROL_CHANNEL,
            ssmmessages::OPEN_DATA_CHANNEL,
        ])
        .on_all(),
        Statement::allow([
            ecs::DEREGISTER_CONTAINER_INSTANCE,
            ecs::REGISTER_CONTAINER_INSTANCE,
            ecs::SUBMIT_ATTACHMENT_STATE_CHANGES,
            ecs::SUBMIT_CONTAINER_STATE_CHANGE,
            ecs::SUBMIT_TASK_STATE_CHANGE,
        ])
        .on(of_clusters("cluster", "")),
        Statement::allow([ecs::POLL, ecs::START_TELEMETRY_SESSION, ecs::UPDATE_CONTAINER_INSTANCES_STATE])
            .on(of_clusters("container-instance", "/*")),
        Statement::allow([ssm::UPDATE_INSTANCE_INFORMATION]).on([arn::regional("ec2", "instance/*")]),
    ]
}

/// What tasks do, and the host to start them: images may come from other accounts and regions.
fn tasks(stack: &StackBuilder<'_>) -> Vec<Statement> {
    use actions::{ecr, logs, s3};
    let bucket = stack.config().s3_bucket_models.to_string();
    let groups = format!("log-group:{}", stack.naming().log_group("*"));
    vec![
        Statement::allow([ecr::GET_AUTHORIZATION_TOKEN]).on_all(),
        Statement::allow([
            ecr::BATCH_CHECK_LAYER_AVAILABILITY,
            ecr::BATCH_GET_IMAGE,
            ecr::GET_DOWNLOAD_URL_FOR_LAYER,
        ])
        .on([Value::sub("arn:${AWS::Partition}:ecr:*:*:repository/*")]),
        Statement::allow([logs::CREATE_LOG_STREAM, logs::PUT_LOG_EVENTS])
            .on([arn::regional("logs", &groups)]),
        Statement::allow([s3::GET_OBJECT]).on([arn::s3_object(bucket.as_str(), "*")]),
        Statement::allow([s3::LIST_BUCKET]).on([arn::s3_bucket(bucket)]),
    ]
}
