//! The `models` stack: the table of models, the API that manages them, and the workflows that make, change and delete
//! each model's own stack.
//!
//! The table has one item per model, by `model_id`; the gateway reads it as its registry. Two functions run one
//! package: the API may only start workflows, the tasks may only be started by them. A model's stack is made by
//! CloudFormation with a role of its own, which neither function can use in any other way.

mod api_function;
mod boundary;
mod config_parameter;
mod deployer;
mod failures;
mod images;
mod scopes;
mod settings;
mod tasks_function;
mod workflows;

use lisa_api::tables::MODELS;

use crate::app::StackName;
use crate::builder::{Context, StackBuilder};
use crate::parts::{MODEL_TABLE, table};
use crate::stack::Stack;

/// Makes the stack.
pub(crate) fn stack(context: &Context<'_>) -> Stack {
    let mut stack =
        StackBuilder::new(context, StackName::Models, "LISA models: management API and workflows");
    let name = stack.naming().table(MODEL_TABLE);
    table(&mut stack, "ModelTable", name, &MODELS);
    boundary::add(&mut stack);
    let made = settings::Made {
        repository: images::repository(&mut stack),
        stack_role: deployer::role(&mut stack),
        config_parameters: config_parameter::add(&mut stack),
        weights_digest: images::weights_digest(&mut stack),
        secret_key: stack.secret_key(),
    };
    let unheard = failures::unheard(&mut stack);
    api_function::add(&mut stack, &made);
    let tasks = tasks_function::add(&mut stack, &made, &unheard);
    let machines = workflows::add(&mut stack, &tasks);
    failures::add(&mut stack, &machines, &tasks, &unheard);
    stack.finish()
}
