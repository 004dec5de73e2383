//! The `chat` stack: sessions, everything small that belongs to people, and the function that serves both.
//!
//! Both tables' keys are described in [`lisa_api::tables`]; what items they hold is told where these are written, in
//! `lisa-store`. A session's key starts with its owner, so that nobody's request can name another's.

mod images;

use lisa_api::settings::ChatSettings;
use lisa_api::tables::{CHAT, SESSIONS};
use lisa_cfn::Value;
use lisa_cfn::iam::{Statement, actions, arn};

use crate::app::StackName;
use crate::builder::{Context, StackBuilder};
use crate::parts::{FunctionSpec, auth_settings, common_settings, function, table};
use crate::stack::Stack;

/// Makes the stack.
pub(crate) fn stack(context: &Context<'_>) -> Stack {
    let mut stack = StackBuilder::new(context, StackName::Chat, "LISA chat: sessions and their back end");
    tables(&mut stack);
    images::add(&mut stack);
    let spec = FunctionSpec {
        service: "chat",
        package: "lisa-chat",
        what: "Sessions, projects, prompt templates, preferences, configuration and API tokens",
        memory: 512,
        timeout: 29,
        environment: settings(&mut stack).into_env(),
        statements: statements(&stack),
        existing_role: stack.config().roles.lambda_execution_role.as_ref(),
        in_vpc: true,
    };
    function(&mut stack, spec);
    stack.finish()
}

fn tables(stack: &mut StackBuilder<'_>) {
    let name = stack.naming().table(SESSIONS.name);
    table(stack, "SessionsTable", name, &SESSIONS);
    let name = stack.naming().table(CHAT.name);
    table(stack, "ChatTable", name, &CHAT);
}

fn settings(stack: &mut StackBuilder<'_>) -> ChatSettings<Value<String>> {
    let naming = stack.naming();
    let shared: Value<String> = naming.table(CHAT.name).into();
    ChatSettings {
        common: common_settings(stack),
        auth: auth_settings(stack, true),
        session_table: naming.table(SESSIONS.name).into(),
        config_table: shared.clone(),
        session_key_arn: Some(stack.data_key().into()),
        image_bucket: Some(images::name(naming).into()),
        model_table: None,
        prompt_template_table: Some(shared.clone()),
        preference_table: Some(shared.clone()),
        project_table: Some(shared),
        mcp_server_table: None,
        assistant_table: None,
    }
}

fn statements(stack: &StackBuilder<'_>) -> Vec<Statement> {
    let naming = stack.naming();
    let own = [naming.table(SESSIONS.name), naming.table(CHAT.name)];
    let mut statements = vec![items(&own), images::access(naming)];
    if stack.config().deploy_serve {
        statements.push(tokens(&naming.token_table()));
    }
    statements
}

fn items(tables: &[String]) -> Statement {
    use actions::dynamodb;
    let all = [
        dynamodb::BATCH_GET_ITEM,
        dynamodb::BATCH_WRITE_ITEM,
        dynamodb::CONDITION_CHECK_ITEM,
        dynamodb::DELETE_ITEM,
        dynamodb::GET_ITEM,
        dynamodb::PUT_ITEM,
        dynamodb::QUERY,
        dynamodb::UPDATE_ITEM,
    ];
    let arns = tables.iter().flat_map(|name| {
        let within = |suffix: &str| arn::regional("dynamodb", &format!("table/{name}{suffix}"));
        [within(""), within("/index/*")]
    });
    Statement::allow(all).on(arns)
}

/// API tokens: few, so that a list reads them all.
fn tokens(table: &str) -> Statement {
    use actions::dynamodb;
    let all = [dynamodb::DELETE_ITEM, dynamodb::GET_ITEM, dynamodb::PUT_ITEM, dynamodb::SCAN];
    Statement::allow(all).on([arn::regional("dynamodb", &format!("table/{table}"))])
}
