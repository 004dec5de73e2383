//! The function that runs the workflows' tasks. Its rights are those that the tasks name, each on no more than its
//! scope.

use std::collections::BTreeMap;

use lisa_cfn::Handle;
use lisa_cfn::aws::{lambda::function::DeadLetterConfig, sqs};
use lisa_cfn::iam::{Statement, actions, find};
use lisa_workflow::{Task, TaskName};

use super::scopes::{self, Scope};
use super::settings::{Made, settings};
use crate::builder::StackBuilder;
use crate::parts::{Function, FunctionSpec, function_with};

/// The service's name, as [`crate::Naming::function`] takes it.
const SERVICE: &str = "models-tasks";

/// Adds the function. An event that it could not handle, in three attempts, ends among the `unheard` ones.
pub(super) fn add(stack: &mut StackBuilder<'_>, made: &Made, unheard: &Handle<sqs::Queue>) -> Function {
    let mut statements = statements(stack, made);
    statements.push(Statement::allow([actions::sqs::SEND_MESSAGE]).on([unheard.arn()]));
    let spec = FunctionSpec {
        service: SERVICE,
        package: "lisa-models",
        what: "Tasks of the models' workflows",
        memory: 512,
        timeout: Task::TIMEOUT_SECONDS,
        environment: settings(stack, made).into_env(),
        statements,
        existing_role: stack.config().roles.models_sfn_lambda_role.as_ref(),
        in_vpc: true,
    };
    let dead_letters = DeadLetterConfig::new().target_arn(unheard.arn());
    function_with(stack, spec, |function| function.dead_letter_config(dead_letters))
}

fn statements(stack: &StackBuilder<'_>, made: &Made) -> Vec<Statement> {
    let mut by_scope: BTreeMap<Scope, Vec<_>> = BTreeMap::new();
    for name in TaskName::all_actions() {
        for scope in scopes::of(name) {
            by_scope.entry(*scope).or_default().extend(find(name).copied());
        }
    }
    let allowed =
        by_scope.into_iter().map(|(scope, actions)| scope.narrow(stack, made, Statement::allow(actions)));
    allowed.chain([scopes::keep_own_stacks(stack)]).collect()
}
