//! EC2 hosts of an ECS cluster: an Auto Scaling group of the ECS-optimized image, without keys, public addresses or
//! metadata for their containers.

use lisa_cfn::aws::autoscaling::{
    self,
    auto_scaling_group::{LaunchTemplateSpecification, MetricsCollection, TagProperty},
};
use lisa_cfn::aws::ec2::{
    self,
    launch_template::{
        BlockDeviceMapping, Ebs, HttpEndpoint, HttpTokens, IamInstanceProfile, LaunchTemplateData,
        MetadataOptions, Monitoring, VolumeType,
    },
};
use lisa_cfn::aws::{ecs, iam};
use lisa_cfn::iam::{Condition, Statement, actions, arn, keys};
use lisa_cfn::{Handle, Id, ParameterType, Value};
use lisa_config::section::auto_scaling::AutoScalingConfig;
use lisa_names::{Feature, InstanceType, capability};
use serde_json::json;

use super::container::USER;
use super::role::{RoleSpec, role};
use crate::builder::StackBuilder;
use crate::shared::Shared;

/// Hosts that a stack needs.
pub(crate) struct HostsSpec<'a> {
    /// The cluster that they join.
    pub(crate) cluster: &'a Handle<ecs::Cluster>,
    /// Their type.
    pub(crate) instance_type: &'a InstanceType,
    /// How many, and the size of their disk.
    pub(crate) scaling: &'a AutoScalingConfig,
    /// Whether they keep the weights of models on their disks.
    pub(crate) weights: bool,
    /// Their security group.
    pub(crate) group: Value<Id<ec2::SecurityGroup>>,
    /// Where the configuration says all this: `restApiConfig`.
    pub(crate) config_path: &'a str,
}

/// Adds the hosts: role and profile, launch template and Auto Scaling group.
pub(crate) fn hosts(
    stack: &mut StackBuilder<'_>,
    spec: &HostsSpec<'_>,
) -> Handle<autoscaling::AutoScalingGroup> {
    let profile = instance_profile(stack, spec.cluster);
    let template = launch_template(stack, spec, &profile);
    auto_scaling_group(stack, spec, &template)
}

fn instance_profile(
    stack: &mut StackBuilder<'_>,
    cluster: &Handle<ecs::Cluster>,
) -> Handle<iam::InstanceProfile> {
    let service = "ec2.amazonaws.com";
    let role =
        role(stack, RoleSpec { purpose: "Host", service, statements: statements(cluster), existing: None });
    let mut profile = iam::InstanceProfile::new([role.name]);
    let boundary = stack.config().permissions_boundary_aspect.as_ref();
    if let Some(prefix) = boundary.and_then(|boundary| boundary.instance_profile_prefix.as_ref()) {
        profile = profile.instance_profile_name(stack.iam_name(prefix.as_ref(), "Host"));
    } else if let Some(path) = stack.role_path() {
        profile = profile.path(path);
    }
    stack.add("HostProfile", profile)
}

/// What the ECS agent does, and Session Manager, by which people reach a host without a key.
fn statements(cluster: &Handle<ecs::Cluster>) -> Vec<Statement> {
    use actions::{ecs, ssm, ssmmessages};
    let on_cluster = Condition::arn_equals(keys::ECS_CLUSTER, cluster.arn());
    let instances = Value::join(
        "",
        ["container-instance/".into(), Value::<String>::from(cluster.reference()), "/*".into()],
    );
    let instances = Value::join(
        ":",
        [Value::sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}"), instances],
    );
    vec![
        Statement::allow([ecs::DISCOVER_POLL_ENDPOINT]).on_all(),
        Statement::allow([
            ecs::DEREGISTER_CONTAINER_INSTANCE,
            ecs::REGISTER_CONTAINER_INSTANCE,
            ecs::SUBMIT_ATTACHMENT_STATE_CHANGES,
            ecs::SUBMIT_CONTAINER_STATE_CHANGE,
            ecs::SUBMIT_TASK_STATE_CHANGE,
        ])
        .on([cluster.arn()]),
        Statement::allow([ecs::POLL, ecs::START_TELEMETRY_SESSION, ecs::UPDATE_CONTAINER_INSTANCES_STATE])
            .on([instances])
            .when(on_cluster),
        Statement::allow([ssm::UPDATE_INSTANCE_INFORMATION]).on([arn::regional("ec2", "instance/*")]),
        Statement::allow([
            ssmmessages::CREATE_CONTROL_CHANNEL,
            ssmmessages::CREATE_DATA_CHANNEL,
            ssmmessages::OPEN_CONTROL_CHANNEL,
            ssmmessages::OPEN_DATA_CHANNEL,
        ])
        .on_all(),
    ]
}

fn launch_template(
    stack: &mut StackBuilder<'_>,
    spec: &HostsSpec<'_>,
    profile: &Handle<iam::InstanceProfile>,
) -> Handle<ec2::LaunchTemplate> {
    let image = stack.ssm_parameter(
        "HostImage",
        ParameterType::SsmImageId,
        "The ECS-optimized image",
        host_image(stack, spec.instance_type),
        None,
    );
    let disk = Ebs::new()
        .volume_type(VolumeType::GP3)
        .volume_size(spec.scaling.block_device_volume_size)
        .encrypted(true)
        .delete_on_termination(true);
    // Containers have interfaces of their own and are kept from the metadata: one hop reaches the agent alone.
    let metadata = MetadataOptions::new()
        .http_endpoint(HttpEndpoint::ENABLED)
        .http_tokens(HttpTokens::REQUIRED)
        .http_put_response_hop_limit(1);
    let data = LaunchTemplateData::new()
        .image_id(image.value())
        .instance_type(spec.instance_type.as_str())
        .iam_instance_profile(IamInstanceProfile::new().arn(profile.arn()))
        .security_group_ids([spec.group.clone()])
        .block_device_mappings([BlockDeviceMapping::new().device_name("/dev/xvda").ebs(disk)])
        .ebs_optimized(true)
        .metadata_options(metadata)
        .monitoring(Monitoring::new().enabled(true))
        .user_data(user_data(stack, spec).base64());
    let template = stack.add("LaunchTemplate", ec2::LaunchTemplate::new(data));
    let options = stack.template.options(&template);
    let disk = format!("{}.autoScalingConfig.blockDeviceVolumeSize", spec.config_path);
    options.set_by("LaunchTemplateData/BlockDeviceMappings", &disk);
    options.set_by("LaunchTemplateData/InstanceType", &format!("{}.instanceType", spec.config_path));
    template
}

/// The public parameter with the newest image's id: Amazon Linux 2023, or 2 where that is not to be had.
fn host_image(stack: &StackBuilder<'_>, instance_type: &InstanceType) -> String {
    let old = capability(&stack.config().region, Feature::EcsAmazonLinux2023).is_absent();
    let system = if old { "amazon-linux-2" } else { "amazon-linux-2023" };
    let gpu = if instance_type.facts().gpus > 0 { "gpu/" } else { "" };
    format!("/aws/service/ecs/optimized-ami/{system}/{gpu}recommended/image_id")
}

/// What a host does at its first start: joins the cluster, and gives its local disk, where it has one, to Docker and to
/// the weights of models. Formatting and mounting leave a disk alone that has a file system already.
fn user_data(stack: &StackBuilder<'_>, spec: &HostsSpec<'_>) -> Value<String> {
    let facts = spec.instance_type.facts();
    let mount = &stack.config().nvme_host_mount_path;
    let mut lines = vec![
        "#!/bin/bash".to_owned(),
        "echo ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config".to_owned(),
        "echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config".to_owned(),
    ];
    if facts.gpus > 0 {
        lines.push("echo ECS_ENABLE_GPU_SUPPORT=true >> /etc/ecs/ecs.config".to_owned());
    }
    if facts.nvme {
        lines.extend([
            "disk=$(lsblk -dnpo NAME,MODEL | awk '/Instance Storage/ { print $1; exit }')".to_owned(),
            "if [ -n \"$disk\" ]; then".to_owned(),
            "  blkid \"$disk\" || mkfs.xfs \"$disk\"".to_owned(),
            format!("  mkdir -p {mount}"),
            format!("  mount \"$disk\" {mount}"),
            format!("  echo \"$disk {mount} xfs defaults,nofail 0 2\" >> /etc/fstab"),
            "  systemctl stop docker.socket docker".to_owned(),
            format!("  mkdir -p {mount}/docker"),
            format!("  mount --bind {mount}/docker /var/lib/docker"),
            format!("  echo \"{mount}/docker /var/lib/docker none bind,nofail 0 0\" >> /etc/fstab"),
            "  systemctl start docker".to_owned(),
            "fi".to_owned(),
        ]);
    }
    if spec.weights {
        lines.push(format!("install -d -o {USER} -g {USER} {mount} {mount}/model {mount}/scratch"));
    }
    Value::sub(lines.join("\n") + "\n")
}

fn auto_scaling_group(
    stack: &mut StackBuilder<'_>,
    spec: &HostsSpec<'_>,
    template: &Handle<ec2::LaunchTemplate>,
) -> Handle<autoscaling::AutoScalingGroup> {
    let AutoScalingConfig { min_capacity, max_capacity, default_instance_warmup, cooldown, .. } =
        spec.scaling;
    let launch = LaunchTemplateSpecification::new(template.latest_version_number())
        .launch_template_id(template.launch_template_id());
    let name = format!("{}-host", stack.naming().prefix());
    let group = autoscaling::AutoScalingGroup::new(max_capacity.to_string(), min_capacity.to_string())
        .launch_template(launch)
        .vpc_zone_identifier(stack.read_list(Shared::PrivateSubnetIds).as_ids())
        .cooldown(cooldown.to_string())
        .default_instance_warmup(*default_instance_warmup)
        .health_check_type("EC2")
        .health_check_grace_period(*default_instance_warmup)
        .metrics_collection([MetricsCollection::new("1Minute")])
        .new_instances_protected_from_scale_in(false)
        .tags([TagProperty::new("Name", true, name)]);
    let group = stack.add("Hosts", group);
    let options = stack.template.options(&group);
    options.set_by("", &format!("{}.autoScalingConfig", spec.config_path));
    // A new template reaches the hosts one by one, as long as one may be missing or one more may run.
    let in_service = (*min_capacity).min(max_capacity.saturating_sub(1));
    options.update_policy(json!({
        "AutoScalingRollingUpdate": {
            "MaxBatchSize": 1,
            "MinInstancesInService": in_service,
            "PauseTime": "PT5M",
            "SuspendProcesses": ["AZRebalance", "AlarmNotification", "HealthCheck", "ReplaceUnhealthy", "ScheduledActions"],
        },
    }));
    group
}
