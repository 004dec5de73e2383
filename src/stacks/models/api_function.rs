//! The function of the model-management API: it reads the table and starts workflows, and changes nothing itself but
//! for the keys of models elsewhere.

use lisa_cfn::iam::{Statement, actions, arn};

use super::settings::{Made, settings};
use super::workflows;
use crate::builder::StackBuilder;
use crate::parts::{FunctionSpec, MODEL_TABLE, function};

/// Adds the function.
pub(super) fn add(stack: &mut StackBuilder<'_>, made: &Made) {
    let spec = FunctionSpec {
        service: "models",
        package: "lisa-models",
        what: "Model-management API",
        memory: 512,
        timeout: 29,
        environment: settings(stack, made).into_env(),
        statements: statements(stack),
        existing_role: stack.config().roles.model_api_role.as_ref(),
        in_vpc: true,
    };
    function(stack, spec);
}

fn statements(stack: &StackBuilder<'_>) -> Vec<Statement> {
    let naming = stack.naming();
    let table = arn::regional("dynamodb", &format!("table/{}", naming.table(MODEL_TABLE)));
    let names = || workflows::WORKFLOWS.into_iter().map(|workflow| naming.model_workflow(workflow));
    let machines = names().map(|name| arn::regional("states", &format!("stateMachine:{name}")));
    let executions = names().map(|name| arn::regional("states", &format!("execution:{name}:*")));
    let keys = arn::regional("secretsmanager", &format!("secret:{}", naming.secret("model-*")));
    vec![
        Statement::allow([actions::dynamodb::GET_ITEM, actions::dynamodb::SCAN]).on([table]),
        Statement::allow([actions::states::START_EXECUTION]).on(machines),
        Statement::allow([actions::states::DESCRIBE_EXECUTION]).on(executions),
        // Keys of models elsewhere, which must not travel with an execution. Nothing reads them here; that of a model which
        // is not made after all goes again.
        Statement::allow([
            actions::secretsmanager::CREATE_SECRET,
            actions::secretsmanager::DELETE_SECRET,
            actions::secretsmanager::PUT_SECRET_VALUE,
        ])
        .on([keys]),
        // Neither call can be limited to resources: what a group's limits are, which instance types the region has.
        Statement::allow([
            actions::autoscaling::DESCRIBE_AUTO_SCALING_GROUPS,
            actions::ec2::DESCRIBE_INSTANCE_TYPE_OFFERINGS,
        ])
        .on_all(),
    ]
}
