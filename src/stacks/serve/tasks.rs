//! The gateway's task: one container, its roles and its log.

use lisa_api::tables::USAGE;
use lisa_cfn::aws::ecs::{
    self,
    task_definition::{LinuxParameters, NetworkMode, PortMapping, Protocol, RequiresCompatibilities, Tmpfs},
};
use lisa_cfn::iam::{Statement, actions, arn};
use lisa_cfn::{Handle, Value};
use lisa_names::{Feature, capability};

use super::litellm::Litellm;
use super::settings::{self, PKI};
use super::{CONFIG, CONTAINER};
use crate::builder::StackBuilder;
use crate::parts::{
    MANAGEMENT_SECRET, MODEL_TABLE, PORT, RoleSpec, TASKS, container, execution_role, health_check,
    host_volume, image, log_group, mount, role,
};

/// Memory of a host that is not for tasks, in MiB.
const HOST_MIB: u32 = 2048;

/// Size of the container's `/tmp` in MiB: uploads pass through it.
const TMP_MIB: u32 = 256;

/// Adds the task definition.
pub(super) fn definition(stack: &mut StackBuilder<'_>, litellm: &Litellm) -> Handle<ecs::TaskDefinition> {
    let config = stack.config();
    let given = &config.rest_api_config.container_config;
    let logs = log_group(stack, "Logs", "serve");
    let execution =
        execution_role(stack, &logs, given.image.as_ref(), config.roles.ecs_rest_api_ex_role.as_ref());
    let statements = statements(stack, litellm);
    let existing = config.roles.ecs_rest_api_role.as_ref();
    let role = role(stack, RoleSpec { purpose: "Task", service: TASKS, statements, existing });
    let image = match &given.image {
        Some(given) => image(stack, given, "serve-custom"),
        None => stack.image("lisa-serve"),
    };
    let environment = settings::environment(stack, litellm);
    let mut linux = LinuxParameters::new().tmpfs([Tmpfs::new(TMP_MIB).container_path("/tmp")]);
    if given.shared_memory_size > 0 {
        linux = linux.shared_memory_size(given.shared_memory_size);
    }
    let mut gateway = container(CONTAINER, image, &logs, environment, linux)
        .memory_reservation(memory(stack))
        .port_mappings([PortMapping::new().container_port(PORT).protocol(Protocol::TCP)]);
    if let Some(check) = health_check(&given.health_check_config) {
        gateway = gateway.health_check(check);
    }
    let mut task = ecs::TaskDefinition::new()
        .family(stack.naming().stack("serve"))
        .requires_compatibilities([RequiresCompatibilities::EC2])
        .network_mode(NetworkMode::AWSVPC)
        .task_role_arn(role.arn)
        .execution_role_arn(execution.arn);
    if config.partition.is_isolated() {
        gateway = gateway.mount_points([mount("pki", PKI, true)]);
        task = task.volumes([host_volume("pki", PKI)]);
    }
    let task = stack.add("Task", task.container_definitions([gateway]));
    let path = format!("{CONFIG}.containerConfig");
    stack.template.options(&task).set_by("ContainerDefinitions", &path);
    task
}

/// Half of what a host has for tasks, so that a new version starts beside the one that it takes over from.
fn memory(stack: &StackBuilder<'_>) -> u32 {
    let rest = &stack.config().rest_api_config;
    let half = rest.instance_type.facts().memory_mb.saturating_sub(HOST_MIB) / 2;
    rest.container_config.memory_reservation.unwrap_or(half)
}

/// What the gateway may do: know its callers, find models, call them, and add up what was used.
fn statements(stack: &mut StackBuilder<'_>, litellm: &Litellm) -> Vec<Statement> {
    use actions::{bedrock, dynamodb, kms, sagemaker, secretsmanager, ssm};
    let naming = stack.naming();
    let table = |name: String| arn::regional("dynamodb", &format!("table/{name}"));
    // Secrets Manager puts a hyphen and six characters of its own behind a secret's name.
    let secret = |name: &String| arn::regional("secretsmanager", &format!("secret:{name}-??????"));
    let secrets = [naming.secret(MANAGEMENT_SECRET)];
    // Keys of models elsewhere are made while the gateway runs.
    let keys = arn::regional("secretsmanager", &format!("secret:{}", naming.secret("model-*")));
    let secrets = secrets.iter().chain(&litellm.secret).map(secret).chain([keys]);
    let mut statements = vec![
        Statement::allow([dynamodb::GET_ITEM]).on([table(naming.token_table())]),
        Statement::allow([dynamodb::GET_ITEM, dynamodb::SCAN]).on([table(naming.table(MODEL_TABLE))]),
        Statement::allow([secretsmanager::GET_SECRET_VALUE]).on(secrets),
        Statement::allow([dynamodb::UPDATE_ITEM]).on([table(naming.table(USAGE.name))]),
        Statement::allow([kms::GENERATE_DATA_KEY]).on([stack.data_key()]),
        // Secrets are read here, and written by others.
        Statement::allow([kms::DECRYPT]).on([stack.data_key(), stack.secret_key()]),
    ];
    if !litellm.parameters.is_empty() {
        // A parameter's name begins with the slash that its ARN has after `parameter`.
        let parameters =
            litellm.parameters.iter().map(|name| arn::regional("ssm", &format!("parameter{name}")));
        statements.push(Statement::allow([ssm::GET_PARAMETER, ssm::GET_PARAMETERS]).on(parameters));
    }
    let absent = |feature| capability(&stack.config().region, feature).is_absent();
    if !absent(Feature::Bedrock) {
        let invoke = Statement::allow([bedrock::INVOKE_MODEL, bedrock::INVOKE_MODEL_WITH_RESPONSE_STREAM]);
        let [models, profiles] = bedrock_models();
        statements.push(Statement::allow([bedrock::COUNT_TOKENS]).on([models.clone()]));
        statements.push(invoke.on([models, profiles]));
    }
    if !absent(Feature::SageMakerRuntime) {
        let invoke = [sagemaker::INVOKE_ENDPOINT, sagemaker::INVOKE_ENDPOINT_WITH_RESPONSE_STREAM];
        statements.push(Statement::allow(invoke).on([arn::regional("sagemaker", "endpoint/*")]));
    }
    statements
}

/// Foundation models of any region of the partition, and the account's inference profiles that lead to them: a model's
/// entry may name another region.
fn bedrock_models() -> [Value<String>; 2] {
    [
        Value::sub("arn:${AWS::Partition}:bedrock:*::foundation-model/*"),
        Value::sub("arn:${AWS::Partition}:bedrock:*:${AWS::AccountId}:inference-profile/*"),
    ]
}
