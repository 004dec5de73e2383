//! The state machines that create, update and delete a model, as `lisa-workflow` describes them.

use lisa_cfn::aws::stepfunctions::{
    self,
    state_machine::{
        CloudWatchLogsLogGroup, Level, LogDestination, LoggingConfiguration, StateMachineType,
        TracingConfiguration,
    },
};
use lisa_cfn::aws::{iam, logs};
use lisa_cfn::iam::{Statement, actions};
use lisa_cfn::{Arn, Handle, Map, Value};
use lisa_workflow::Substitution;

use crate::builder::StackBuilder;
use crate::parts::{Function, RoleSpec, log_group, role};

/// The workflows' short names.
pub(super) const WORKFLOWS: [&str; 3] = ["create", "update", "delete"];

/// Adds the machines, with one role and one log group for all.
pub(super) fn add(
    stack: &mut StackBuilder<'_>,
    tasks: &Function,
) -> Vec<Handle<stepfunctions::StateMachine>> {
    let group = log_group(stack, "WorkflowLogs", "model-workflows");
    let role = workflow_role(stack, tasks);
    let machines = lisa_workflow::all().into_iter();
    machines.map(|(workflow, machine)| add_one(stack, workflow, &machine, &role, &group, tasks)).collect()
}

fn add_one(
    stack: &mut StackBuilder<'_>,
    workflow: &str,
    machine: &lisa_workflow::StateMachine,
    role: &Value<Arn<iam::Role>>,
    group: &Handle<logs::LogGroup>,
    tasks: &Function,
) -> Handle<stepfunctions::StateMachine> {
    let destination = LogDestination::new()
        .cloud_watch_logs_log_group(CloudWatchLogsLogGroup::new().log_group_arn(group.arn()));
    // What an execution carries is a request with its container's environment: it stays out of the log.
    let logging = LoggingConfiguration::new()
        .level(Level::ALL)
        .include_execution_data(false)
        .destinations([destination]);
    let resource = stepfunctions::StateMachine::new(role.clone())
        .state_machine_name(stack.naming().model_workflow(workflow))
        .state_machine_type(StateMachineType::STANDARD)
        .definition_string(machine.to_asl().to_string())
        .definition_substitutions(substitutions(tasks))
        .logging_configuration(logging)
        .tracing_configuration(TracingConfiguration::new().enabled(true));
    stack.add(format!("{}{}Model", workflow[..1].to_uppercase(), &workflow[1..]), resource)
}

fn substitutions(tasks: &Function) -> Map<String> {
    let value = |substitution| match substitution {
        Substitution::ModelsFunction => Value::from(tasks.handle.arn()),
        Substitution::InvokeLambda => Value::sub("arn:${AWS::Partition}:states:::lambda:invoke"),
    };
    Substitution::ALL.into_iter().map(|substitution| (substitution.key(), value(substitution))).collect()
}

fn workflow_role(stack: &mut StackBuilder<'_>, tasks: &Function) -> Value<Arn<iam::Role>> {
    use actions::{logs, xray};
    let statements = vec![
        Statement::allow([actions::lambda::INVOKE_FUNCTION]).on([tasks.handle.arn()]),
        // Step Functions delivers logs by calls that take no resource.
        Statement::allow([
            logs::CREATE_LOG_DELIVERY,
            logs::DELETE_LOG_DELIVERY,
            logs::DESCRIBE_LOG_GROUPS,
            logs::DESCRIBE_RESOURCE_POLICIES,
            logs::GET_LOG_DELIVERY,
            logs::LIST_LOG_DELIVERIES,
            logs::PUT_RESOURCE_POLICY,
            logs::UPDATE_LOG_DELIVERY,
            xray::GET_SAMPLING_RULES,
            xray::GET_SAMPLING_TARGETS,
            xray::PUT_TELEMETRY_RECORDS,
            xray::PUT_TRACE_SEGMENTS,
        ])
        .on_all(),
    ];
    let existing = stack.config().roles.model_sfn_role.as_ref();
    let service = "states.amazonaws.com";
    role(stack, RoleSpec { purpose: "ModelWorkflow", service, statements, existing }).arn
}
