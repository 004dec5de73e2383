//! Lambda functions: one static Rust binary each, with its log group and a role of its own.

use lisa_cfn::aws::lambda::function::{
    Architectures, Code, Environment, LogFormat, LoggingConfig, Mode, Runtime, TracingConfig, VpcConfig,
};
use lisa_cfn::aws::{ec2, lambda};
use lisa_cfn::iam::{Statement, actions, arn};
use lisa_cfn::{Arn, Handle, Map, Name, Value};
use lisa_config::section::environment::SecurityProfile;
use lisa_names::RoleName;

use super::alarm::{Alarm, alarm};
use super::log_group::log_group;
use super::role::{RoleRef, RoleSpec, role};
use crate::builder::StackBuilder;
use crate::shared::Shared;

/// Invocations at once that a function of a hardened deployment may have, and that no other can take from it. With six
/// functions this is a third of what an account has by default.
const RESERVED: u32 = 50;

/// A function that a stack needs.
#[derive(Debug)]
pub struct FunctionSpec<'a> {
    /// The service: `chat`. Names the function, its log group and its role.
    pub service: &'a str,
    /// The package it runs: `lisa-chat`. Two functions may share one, which tells them apart by the handler: Lambda
    /// passes it on as `_HANDLER`, and it is the service's name.
    pub package: &'a str,
    /// What it does, in words.
    pub what: &'a str,
    /// Memory in MiB; CPU comes with it.
    pub memory: u32,
    /// Seconds until it is stopped.
    pub timeout: u32,
    /// Settings, by variable.
    pub environment: Vec<(&'static str, Value<String>)>,
    /// What it may do beside logging and tracing.
    pub statements: Vec<Statement>,
    /// An existing role of the configuration that is used in place of a new one.
    pub existing_role: Option<&'a RoleName>,
    /// Whether it runs in the VPC.
    pub in_vpc: bool,
}

/// A function and what belongs to it.
#[derive(Debug)]
pub struct Function {
    /// The function.
    pub handle: Handle<lambda::Function>,
    /// Its physical name.
    pub name: String,
    /// The role it runs with.
    pub role: RoleRef,
}

/// Adds the function, its log group, its role and an alarm on its errors.
pub fn function(stack: &mut StackBuilder<'_>, spec: FunctionSpec<'_>) -> Function {
    function_with(stack, spec, |function| function)
}

/// [`function`], with properties of its own.
pub fn function_with(
    stack: &mut StackBuilder<'_>,
    spec: FunctionSpec<'_>,
    with: impl FnOnce(lambda::Function) -> lambda::Function,
) -> Function {
    let name = stack.naming().function(spec.service);
    let id = format!("{}Function", camel(spec.service));
    let logs = log_group(stack, &format!("{id}Logs"), spec.service);
    let mut statements = spec.statements;
    statements.push(writes_logs(&logs.arn().into()));
    statements.push(
        Statement::allow([actions::xray::PUT_TRACE_SEGMENTS, actions::xray::PUT_TELEMETRY_RECORDS]).on_all(),
    );
    // An existing role gets no statements, and a parameter that nothing refers to is a mistake.
    if spec.existing_role.is_none() {
        statements.push(uses_key(stack));
    }
    if spec.in_vpc {
        statements.extend(attaches_to_vpc());
    }
    let role = role(
        stack,
        RoleSpec { purpose: &id, service: "lambda.amazonaws.com", statements, existing: spec.existing_role },
    );
    let (bucket, key) = stack.package(spec.package);
    let mut resource =
        lambda::Function::new(Code::new().s3_bucket(Name::literal(bucket)).s3_key(key), role.arn.clone())
            .function_name(name.clone())
            .description(spec.what)
            .runtime(Runtime::PROVIDED_AL2023)
            .architectures([Architectures::X86_64])
            .handler(spec.service)
            .memory_size(spec.memory)
            .timeout(spec.timeout)
            .kms_key_arn(stack.data_key())
            .environment(Environment::new().variables(spec.environment.into_iter().collect::<Map<String>>()))
            .logging_config(LoggingConfig::new().log_format(LogFormat::JSON).log_group(logs.reference()))
            .tracing_config(TracingConfig::new().mode(Mode::ACTIVE));
    if spec.in_vpc {
        resource = resource.vpc_config(vpc_config(stack));
    }
    if stack.at_least(SecurityProfile::Hardened) {
        resource = resource.reserved_concurrent_executions(RESERVED);
    }
    let handle = stack.add(id.clone(), with(resource));
    let errors = Alarm {
        what: "a function fails",
        namespace: "AWS/Lambda",
        metric: "Errors",
        dimensions: vec![("FunctionName", handle.reference().into())],
        statistic: "Sum",
        threshold: 5.0,
        periods: 3,
        period: 300,
    };
    alarm(stack, &format!("{id}ErrorsAlarm"), errors);
    Function { handle, name, role }
}

/// Writing into one log group, whose ARN ends in `:*` and so covers its streams.
fn writes_logs(group: &Value<String>) -> Statement {
    Statement::allow([actions::logs::CREATE_LOG_STREAM, actions::logs::PUT_LOG_EVENTS]).on([group.clone()])
}

/// Reading and writing what the keys encrypt, the function's own environment included.
fn uses_key(stack: &mut StackBuilder<'_>) -> Statement {
    let keys: [Value<Arn<_>>; 3] = [stack.data_key(), stack.message_key(), stack.secret_key()];
    Statement::allow([actions::kms::DECRYPT, actions::kms::GENERATE_DATA_KEY]).on(keys)
}

/// What the Lambda service does in the function's name to reach the VPC. Lambda checks for the right to delete any
/// interface before it makes one, so a narrower pattern than `*/*` would keep the function from starting.
fn attaches_to_vpc() -> Vec<Statement> {
    use actions::ec2;
    let on_interfaces = [
        ec2::ASSIGN_PRIVATE_IP_ADDRESSES,
        ec2::CREATE_NETWORK_INTERFACE,
        ec2::DELETE_NETWORK_INTERFACE,
        ec2::UNASSIGN_PRIVATE_IP_ADDRESSES,
    ];
    vec![
        Statement::allow(on_interfaces).on([arn::regional("ec2", "*/*")]),
        Statement::allow([ec2::DESCRIBE_NETWORK_INTERFACES]).on_all(),
    ]
}

fn vpc_config(stack: &mut StackBuilder<'_>) -> VpcConfig {
    let subnets = stack.read_list(Shared::PrivateSubnetIds).as_ids::<ec2::Subnet>();
    let group = stack.read(Shared::LambdaSecurityGroupId).as_id::<ec2::SecurityGroup>();
    VpcConfig::new().subnet_ids(subnets).security_group_ids([group])
}

/// `rag-ingest` as `RagIngest`.
fn camel(service: &str) -> String {
    let capitalized = |word: &str| {
        let mut chars = word.chars();
        chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
    };
    service.split('-').map(capitalized).collect()
}
