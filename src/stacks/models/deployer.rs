//! The role that CloudFormation takes on while it makes, changes or deletes a model's stack: what such a stack has in
//! it and no more, all named after the deployment.

use lisa_cfn::iam::{Condition, Operator, Statement, actions, arn, keys};
use lisa_cfn::{Arn, Value, aws::iam};

use super::boundary;
use super::scopes::{clusters, made_profiles, made_roles, pattern, role_arns};
use crate::builder::StackBuilder;
use crate::parts::{self, RoleSpec};

/// Adds the role.
pub(super) fn role(stack: &mut StackBuilder<'_>) -> Value<Arn<iam::Role>> {
    let statements = statements(stack);
    let existing = stack.config().roles.ecs_model_deployer_role.as_ref();
    let service = "cloudformation.amazonaws.com";
    parts::role(stack, RoleSpec { purpose: "ModelDeployer", service, statements, existing }).arn
}

fn statements(stack: &mut StackBuilder<'_>) -> Vec<Statement> {
    let mut statements = vec![containers(stack), task_definitions(stack), describes()];
    statements.extend(hosts(stack));
    statements.extend(load_balancers(stack));
    statements.extend(roles(stack));
    statements.extend(keep_own_roles(stack));
    statements.extend(records(stack));
    statements
}

fn regional(service: &str, resources: &[String]) -> Vec<Value<String>> {
    resources.iter().map(|resource| arn::regional(service, resource)).collect()
}

/// Cluster, capacity provider and service.
fn containers(stack: &StackBuilder<'_>) -> Statement {
    use actions::ecs;
    let own = pattern(stack);
    let all = [
        ecs::CREATE_CAPACITY_PROVIDER,
        ecs::CREATE_CLUSTER,
        ecs::CREATE_SERVICE,
        ecs::DELETE_CAPACITY_PROVIDER,
        ecs::DELETE_CLUSTER,
        ecs::DELETE_SERVICE,
        ecs::DESCRIBE_CAPACITY_PROVIDERS,
        ecs::DESCRIBE_CLUSTERS,
        ecs::DESCRIBE_SERVICES,
        ecs::DESCRIBE_SERVICE_DEPLOYMENTS,
        ecs::DESCRIBE_SERVICE_REVISIONS,
        ecs::PUT_CLUSTER_CAPACITY_PROVIDERS,
        ecs::TAG_RESOURCE,
        ecs::UNTAG_RESOURCE,
        ecs::UPDATE_CAPACITY_PROVIDER,
        ecs::UPDATE_CLUSTER,
        ecs::UPDATE_CLUSTER_SETTINGS,
        ecs::UPDATE_SERVICE,
    ];
    let kinds = ["cluster/{}", "service/{}/*", "service-deployment/{}/*", "service-revision/{}/*"];
    let of_clusters = clusters(stack).flat_map(|own| kinds.map(|kind| kind.replace("{}", &own)));
    let kinds: Vec<String> = of_clusters.chain([format!("capacity-provider/{own}")]).collect();
    Statement::allow(all).on(regional("ecs", &kinds))
}

fn task_definitions(stack: &StackBuilder<'_>) -> Statement {
    use actions::ecs;
    let own = [format!("task-definition/{}:*", pattern(stack))];
    Statement::allow([ecs::REGISTER_TASK_DEFINITION, ecs::TAG_RESOURCE]).on(regional("ecs", &own))
}

/// Calls that take no resource: CloudFormation's handlers read what they made, and what it lies in, to the last
/// property.
fn describes() -> Statement {
    use actions::{application_autoscaling, autoscaling, ec2, ecs, elasticloadbalancing as elb, logs};
    Statement::allow([
        application_autoscaling::DESCRIBE_SCALABLE_TARGETS,
        autoscaling::DESCRIBE_AUTO_SCALING_GROUPS,
        autoscaling::DESCRIBE_LIFECYCLE_HOOKS,
        autoscaling::DESCRIBE_NOTIFICATION_CONFIGURATIONS,
        autoscaling::DESCRIBE_POLICIES,
        autoscaling::DESCRIBE_SCALING_ACTIVITIES,
        autoscaling::DESCRIBE_TAGS,
        ec2::DESCRIBE_ACCOUNT_ATTRIBUTES,
        ec2::DESCRIBE_AVAILABILITY_ZONES,
        ec2::DESCRIBE_IMAGES,
        ec2::DESCRIBE_INSTANCES,
        ec2::DESCRIBE_INSTANCE_TYPES,
        ec2::DESCRIBE_INTERNET_GATEWAYS,
        ec2::DESCRIBE_LAUNCH_TEMPLATES,
        ec2::DESCRIBE_LAUNCH_TEMPLATE_VERSIONS,
        ec2::DESCRIBE_SECURITY_GROUPS,
        ec2::DESCRIBE_SUBNETS,
        ec2::DESCRIBE_TAGS,
        ec2::DESCRIBE_VPCS,
        ecs::DEREGISTER_TASK_DEFINITION,
        ecs::DESCRIBE_TASK_DEFINITION,
        elb::DESCRIBE_CAPACITY_RESERVATION,
        elb::DESCRIBE_LISTENERS,
        elb::DESCRIBE_LISTENER_ATTRIBUTES,
        elb::DESCRIBE_LISTENER_CERTIFICATES,
        elb::DESCRIBE_LOAD_BALANCERS,
        elb::DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        elb::DESCRIBE_TAGS,
        elb::DESCRIBE_TARGET_GROUPS,
        elb::DESCRIBE_TARGET_GROUP_ATTRIBUTES,
        elb::DESCRIBE_TARGET_HEALTH,
        logs::DESCRIBE_INDEX_POLICIES,
        logs::DESCRIBE_LOG_GROUPS,
        logs::DESCRIBE_RESOURCE_POLICIES,
    ])
    .on_all()
}

/// Launch template, Auto Scaling group and security group.
fn hosts(stack: &mut StackBuilder<'_>) -> Vec<Statement> {
    use actions::{autoscaling, ec2};
    let own = pattern(stack);
    let groups = [
        autoscaling::CREATE_AUTO_SCALING_GROUP,
        autoscaling::CREATE_OR_UPDATE_TAGS,
        autoscaling::DELETE_AUTO_SCALING_GROUP,
        autoscaling::DELETE_LIFECYCLE_HOOK,
        autoscaling::DELETE_POLICY,
        autoscaling::DELETE_TAGS,
        autoscaling::DISABLE_METRICS_COLLECTION,
        autoscaling::ENABLE_METRICS_COLLECTION,
        autoscaling::PUT_LIFECYCLE_HOOK,
        autoscaling::PUT_SCALING_POLICY,
        autoscaling::SET_INSTANCE_PROTECTION,
        autoscaling::UPDATE_AUTO_SCALING_GROUP,
    ];
    let templates = [
        ec2::AUTHORIZE_SECURITY_GROUP_EGRESS,
        ec2::AUTHORIZE_SECURITY_GROUP_INGRESS,
        ec2::CREATE_LAUNCH_TEMPLATE,
        ec2::CREATE_LAUNCH_TEMPLATE_VERSION,
        ec2::CREATE_SECURITY_GROUP,
        ec2::CREATE_TAGS,
        ec2::DELETE_LAUNCH_TEMPLATE,
        ec2::DELETE_SECURITY_GROUP,
        ec2::DELETE_TAGS,
        ec2::MODIFY_LAUNCH_TEMPLATE,
        ec2::REVOKE_SECURITY_GROUP_EGRESS,
        ec2::REVOKE_SECURITY_GROUP_INGRESS,
        ec2::RUN_INSTANCES,
    ];
    // EC2 gives its resources ids that nobody knows before, so that only their kinds can be named.
    let kinds =
        ["instance", "launch-template", "network-interface", "security-group", "subnet", "volume", "vpc"];
    let ec2 = kinds.map(|kind| arn::regional("ec2", &format!("{kind}/*")));
    vec![
        Statement::allow(groups)
            .on([arn::regional("autoscaling", &format!("autoScalingGroup:*:autoScalingGroupName/{own}"))]),
        Statement::allow(templates).on(ec2.into_iter().chain([arn::aws_owned("ec2", "image/*")])),
    ]
}

/// CloudFormation makes up the names of load balancers and target groups and keeps little of the stack's in them. So
/// they are told by its tag, save where they are made and tagged and where a listener, which has no tags, is meant.
fn load_balancers(stack: &StackBuilder<'_>) -> Vec<Statement> {
    use actions::elasticloadbalancing as elb;
    let makes = [
        elb::ADD_TAGS,
        elb::CREATE_LISTENER,
        elb::CREATE_LOAD_BALANCER,
        elb::CREATE_TARGET_GROUP,
        elb::DELETE_LISTENER,
        elb::MODIFY_LISTENER,
    ];
    let changes = [
        elb::DELETE_LOAD_BALANCER,
        elb::DELETE_TARGET_GROUP,
        elb::MODIFY_LOAD_BALANCER_ATTRIBUTES,
        elb::MODIFY_TARGET_GROUP,
        elb::MODIFY_TARGET_GROUP_ATTRIBUTES,
        elb::REMOVE_TAGS,
        elb::SET_SECURITY_GROUPS,
        elb::SET_SUBNETS,
    ];
    let kinds = ["listener/app/*", "loadbalancer/app/*", "targetgroup/*"];
    let all = || kinds.map(|kind| arn::regional("elasticloadbalancing", kind));
    let own = Condition::string_like(
        keys::resource_tag("aws:cloudformation:stack-name"),
        stack.naming().model_stack("*"),
    );
    vec![Statement::allow(makes).on(all()), Statement::allow(changes).on(all()).when(own)]
}

/// The roles of a model's tasks and hosts. None is given rights without the boundary: whoever supplies a template must
/// not gain more by it than a model may do.
fn roles(stack: &StackBuilder<'_>) -> Vec<Statement> {
    use actions::iam;
    let made = made_roles(stack);
    let bounded = Condition::arn_equals("iam:PermissionsBoundary", boundary::required(stack));
    let passed = ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"];
    let passed = Condition::new(Operator::StringEquals, keys::PASSED_TO_SERVICE, passed);
    vec![
        Statement::allow([iam::CREATE_ROLE, iam::PUT_ROLE_POLICY]).on([made.clone()]).when(bounded),
        Statement::allow([
            iam::DELETE_ROLE,
            iam::DELETE_ROLE_POLICY,
            iam::GET_ROLE,
            iam::GET_ROLE_POLICY,
            iam::LIST_ATTACHED_ROLE_POLICIES,
            iam::LIST_ROLE_POLICIES,
            iam::TAG_ROLE,
            iam::UNTAG_ROLE,
            iam::UPDATE_ASSUME_ROLE_POLICY,
            iam::UPDATE_ROLE,
            iam::UPDATE_ROLE_DESCRIPTION,
        ])
        .on([made]),
        Statement::allow([
            iam::ADD_ROLE_TO_INSTANCE_PROFILE,
            iam::CREATE_INSTANCE_PROFILE,
            iam::DELETE_INSTANCE_PROFILE,
            iam::GET_INSTANCE_PROFILE,
            iam::REMOVE_ROLE_FROM_INSTANCE_PROFILE,
            iam::TAG_INSTANCE_PROFILE,
            iam::UNTAG_INSTANCE_PROFILE,
        ])
        .on([made_profiles(stack)]),
        Statement::allow([iam::PASS_ROLE]).on(role_arns(stack)).when(passed),
    ]
}

/// The application's own roles lie outside the path of models', and this holds whatever is allowed above. A configured
/// prefix begins the names of both, so that there the allowed names alone tell them apart.
fn keep_own_roles(stack: &StackBuilder<'_>) -> Option<Statement> {
    use actions::iam;
    let aspect = stack.config().permissions_boundary_aspect.as_ref();
    if aspect.is_some_and(|aspect| aspect.role_prefix.is_some()) {
        return None;
    }
    let own = format!("role/{}", stack.naming().own_stacks());
    let changes = [
        iam::ATTACH_ROLE_POLICY,
        iam::CREATE_ROLE,
        iam::DELETE_ROLE,
        iam::DELETE_ROLE_POLICY,
        iam::PUT_ROLE_POLICY,
        iam::UPDATE_ASSUME_ROLE_POLICY,
        iam::UPDATE_ROLE,
    ];
    Some(Statement::deny(changes).on([arn::global("iam", &own)]))
}

/// Logs, alarms and parameters.
fn records(stack: &mut StackBuilder<'_>) -> Vec<Statement> {
    use actions::{cloudwatch, logs, ssm};
    let own = pattern(stack);
    let groups = format!("log-group:{}", stack.naming().log_group("*"));
    let parameters = format!("parameter{}", stack.naming().parameter("*"));
    vec![
        Statement::allow([
            logs::ASSOCIATE_KMS_KEY,
            logs::CREATE_LOG_GROUP,
            logs::DELETE_LOG_GROUP,
            logs::DELETE_RETENTION_POLICY,
            logs::GET_DATA_PROTECTION_POLICY,
            logs::LIST_TAGS_FOR_RESOURCE,
            logs::PUT_RETENTION_POLICY,
            logs::TAG_RESOURCE,
            logs::UNTAG_RESOURCE,
        ])
        .on([arn::regional("logs", &groups)]),
        Statement::allow([
            cloudwatch::DELETE_ALARMS,
            cloudwatch::DESCRIBE_ALARMS,
            cloudwatch::LIST_TAGS_FOR_RESOURCE,
            cloudwatch::PUT_METRIC_ALARM,
            cloudwatch::TAG_RESOURCE,
            cloudwatch::UNTAG_RESOURCE,
        ])
        .on([arn::regional("cloudwatch", &format!("alarm:{own}"))]),
        Statement::allow([
            ssm::ADD_TAGS_TO_RESOURCE,
            ssm::DELETE_PARAMETER,
            ssm::PUT_PARAMETER,
            ssm::REMOVE_TAGS_FROM_RESOURCE,
        ])
        .on([arn::regional("ssm", &parameters)]),
        Statement::allow([ssm::GET_PARAMETERS])
            .on([arn::regional("ssm", &parameters), arn::aws_owned("ssm", "parameter/aws/service/ecs/*")]),
    ]
}
