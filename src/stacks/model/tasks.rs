//! A model's task: one container that brings the weights, then the engine.

use std::collections::BTreeMap;

use lisa_api::settings::WeightsSettings;
use lisa_cfn::aws::ecs::{
    self,
    task_definition::{
        Condition as Reached, ContainerDefinition, ContainerDependency, LinuxParameters, NetworkMode,
        PortMapping, Protocol, RequiresCompatibilities, ResourceRequirement, ResourceRequirementTypeValue,
        Volume,
    },
};
use lisa_cfn::aws::logs;
use lisa_cfn::iam::{Condition, Statement, actions, arn};
use lisa_cfn::{Handle, Value, pseudo};
use lisa_config::section::model::InferenceContainer;

use super::engine;
use super::service::ENGINE;
use super::spec::ModelSpec;
use crate::builder::StackBuilder;
use crate::parts::{
    PORT, RoleSpec, TASKS, container, execution_role, health_check, host_volume, image, log_group, mount,
    role,
};

/// The container that brings the weights.
const WEIGHTS: &str = "weights";

/// Memory of a host that is not for the engine, in MiB, as upstream leaves it.
const RESERVED_MIB: u32 = 5120;

/// Memory of the container that brings the weights, in MiB.
const WEIGHTS_MIB: u32 = 512;

/// Seconds that the weights may take: a few hundred gigabytes from S3.
const WEIGHTS_SECONDS: u32 = 3600;

/// Where hosts of isolated partitions keep the authorities that they trust, and containers look for them.
const PKI: &str = "/etc/pki";

/// Adds the task definition.
pub(super) fn definition(stack: &mut StackBuilder<'_>, spec: &ModelSpec) -> Handle<ecs::TaskDefinition> {
    let config = stack.config();
    let logs = log_group(stack, "Logs", &spec.stack_name());
    let execution = execution_role(stack, &logs, Some(&spec.image), None);
    let existing = config.roles.ecs_model_task_role.as_ref();
    let statements = statements(stack, spec);
    let role = role(stack, RoleSpec { purpose: "Task", service: TASKS, statements, existing });
    let containers = [weights(stack, spec, &logs), engine(stack, spec, &logs)];
    let task = ecs::TaskDefinition::new()
        .family(stack.naming().model_stack(spec.id.as_str()))
        .requires_compatibilities([RequiresCompatibilities::EC2])
        .network_mode(NetworkMode::AWSVPC)
        .task_role_arn(role.arn)
        .execution_role_arn(execution.arn)
        .volumes(volumes(stack))
        .container_definitions(containers);
    let task = stack.add("Task", task);
    stack.template.options(&task).set_by("ContainerDefinitions", &spec.path("containerConfig"));
    task
}

/// The model's own folder in the bucket of weights, to read.
fn statements(stack: &StackBuilder<'_>, spec: &ModelSpec) -> Vec<Statement> {
    let bucket = stack.config().s3_bucket_models.to_string();
    let folder = format!("{}/*", spec.name);
    vec![
        Statement::allow([actions::s3::GET_OBJECT]).on([arn::s3_object(bucket.as_str(), &folder)]),
        Statement::allow([actions::s3::LIST_BUCKET])
            .on([arn::s3_bucket(bucket)])
            .when(Condition::string_like("s3:prefix", folder)),
    ]
}

fn volumes(stack: &StackBuilder<'_>) -> Vec<Volume> {
    let host = &stack.config().nvme_host_mount_path;
    let mut volumes = vec![
        host_volume("model", &format!("{host}/model")),
        host_volume("scratch", &format!("{host}/scratch")),
    ];
    if stack.config().partition.is_isolated() {
        volumes.push(host_volume("pki", PKI));
    }
    volumes
}

/// Where containers see the weights.
fn model_path(stack: &StackBuilder<'_>) -> String {
    format!("{}/model", stack.config().nvme_container_mount_path)
}

fn weights(
    stack: &mut StackBuilder<'_>,
    spec: &ModelSpec,
    logs: &Handle<logs::LogGroup>,
) -> ContainerDefinition {
    let image = stack.image("lisa-weights");
    let path = model_path(stack);
    let environment = common(stack, spec);
    container(WEIGHTS, image, logs, environment, LinuxParameters::new())
        .essential(false)
        .memory_reservation(WEIGHTS_MIB)
        .mount_points(mounts(stack, [mount("model", &path, false)]))
        .start_timeout(WEIGHTS_SECONDS)
}

fn engine(
    stack: &mut StackBuilder<'_>,
    spec: &ModelSpec,
    logs: &Handle<logs::LogGroup>,
) -> ContainerDefinition {
    let path = model_path(stack);
    let (start, environment) = started(stack, spec);
    let image = image(stack, &spec.image, &spec.stack_name());
    let facts = spec.instance_type.facts();
    let mut linux = LinuxParameters::new();
    if spec.container.shared_memory_size > 0 {
        linux = linux.shared_memory_size(spec.container.shared_memory_size);
    }
    let memory = facts.memory_mb.saturating_sub(RESERVED_MIB).max(WEIGHTS_MIB);
    let after = ContainerDependency::new().container_name(WEIGHTS).condition(Reached::SUCCESS);
    let mut engine = container(ENGINE, image, logs, environment, linux)
        .memory_reservation(spec.container.memory_reservation.unwrap_or(memory))
        .port_mappings([PortMapping::new().container_port(PORT).protocol(Protocol::TCP)])
        .mount_points(mounts(stack, [mount("model", &path, true), mount("scratch", "/tmp", false)]))
        .depends_on([after]);
    if facts.gpus > 0 {
        let gpus = ResourceRequirement::new(ResourceRequirementTypeValue::GPU, facts.gpus.to_string());
        engine = engine.resource_requirements([gpus]);
    }
    if let Some(check) = health_check(&spec.container.health_check_config) {
        engine = engine.health_check(check);
    }
    engine = start.entry_point.into_iter().fold(engine, ContainerDefinition::entry_point);
    start.command.into_iter().fold(engine, ContainerDefinition::command)
}

/// How the engine is started, and its whole environment.
pub(super) fn started(
    stack: &StackBuilder<'_>,
    spec: &ModelSpec,
) -> (engine::Start, BTreeMap<String, Value<String>>) {
    let start = engine::start(spec, &model_path(stack));
    let environment = engine_environment(stack, spec, &start);
    (start, environment)
}

fn mounts<const N: usize>(
    stack: &StackBuilder<'_>,
    own: [lisa_cfn::aws::ecs::task_definition::MountPoint; N],
) -> Vec<lisa_cfn::aws::ecs::task_definition::MountPoint> {
    let pki = stack.config().partition.is_isolated().then(|| mount("pki", PKI, true));
    own.into_iter().chain(pki).collect()
}

/// What both containers read: which weights, from where, to where.
fn common(stack: &StackBuilder<'_>, spec: &ModelSpec) -> BTreeMap<String, Value<String>> {
    let config = stack.config();
    let threads = spec.instance_type.facts().vcpus.div_ceil(2);
    let bundle: Option<Value<String>> = config.certificate_authority_bundle.as_ref().map(Into::into);
    let settings = WeightsSettings {
        directory: model_path(stack).into(),
        log_level: config.log_level.as_str().into(),
        model: spec.name.as_str().into(),
        bucket: config.s3_bucket_models.to_string().into(),
        threads: Some(threads.to_string().into()),
        certificates: bundle.clone(),
        ca_bundle: bundle.clone(),
    };
    let region = ("AWS_REGION", pseudo::region());
    let python = bundle.map(|bundle| ("REQUESTS_CA_BUNDLE", bundle));
    let all = settings.into_env().into_iter().chain([region]).chain(python);
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// LISA's variables, the engine's, and those of the model's `environment`, which win. Everything that an engine writes
/// goes to `/tmp`: the user that it runs as has no home.
fn engine_environment(
    stack: &StackBuilder<'_>,
    spec: &ModelSpec,
    start: &engine::Start,
) -> BTreeMap<String, Value<String>> {
    let mut environment = common(stack, spec);
    for (name, value) in
        [("HF_HUB_OFFLINE", "1"), ("HOME", "/tmp"), ("USER", "nonroot"), ("XDG_CACHE_HOME", "/tmp/.cache")]
    {
        environment.insert(name.to_owned(), value.into());
    }
    if spec.engine == InferenceContainer::Instructor {
        let path = stack.config().nvme_container_mount_path.to_string();
        environment.insert("SAGEMAKER_BASE_DIR".to_owned(), path.into());
    }
    environment.extend(start.environment.iter().map(|(name, value)| ((*name).to_owned(), value.into())));
    environment.extend(spec.container.environment.iter().map(|(name, value)| (name.clone(), value.into())));
    environment
}
