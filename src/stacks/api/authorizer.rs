//! The function that lets callers in, and how API Gateway asks it.

use lisa_api::settings::AuthorizerSettings;
use lisa_cfn::iam::{Statement, actions, arn};
use lisa_cfn::{Arn, Value, aws::iam};
use serde_json::{Value as Json, json};

use super::openapi::invocation;
use crate::builder::StackBuilder;
use crate::parts::{FunctionSpec, MANAGEMENT_SECRET, auth_settings, common_settings, function};

/// The security scheme's name in the OpenAPI document.
pub(super) const SCHEME: &str = "lisa";

/// The service's name, as [`crate::Naming::function`] takes it.
pub(super) const SERVICE: &str = "authorizer";

/// Adds the function.
pub(super) fn add(stack: &mut StackBuilder<'_>) {
    let settings = AuthorizerSettings {
        common: common_settings(stack),
        auth: auth_settings(stack, true),
        audit_log: None,
    };
    let spec = FunctionSpec {
        service: SERVICE,
        package: "lisa-authorizer",
        what: "Lets callers of the REST API in",
        memory: 256,
        timeout: 30,
        environment: settings.into_env(),
        statements: statements(stack),
        existing_role: stack.config().roles.rest_api_authorizer_role.as_ref(),
        in_vpc: true,
    };
    function(stack, spec);
}

/// The management key and the API tokens, which the serve stack has.
fn statements(stack: &StackBuilder<'_>) -> Vec<Statement> {
    if !stack.config().deploy_serve {
        return Vec::new();
    }
    let naming = stack.naming();
    // Secrets Manager puts a hyphen and six characters of its own behind a secret's name.
    let secret =
        arn::regional("secretsmanager", &format!("secret:{}-??????", naming.secret(MANAGEMENT_SECRET)));
    let tokens = arn::regional("dynamodb", &format!("table/{}", naming.token_table()));
    vec![
        Statement::allow([actions::secretsmanager::GET_SECRET_VALUE]).on([secret]),
        Statement::allow([actions::dynamodb::GET_ITEM]).on([tokens]),
    ]
}

/// How API Gateway asks the function.
///
/// Nothing that it answers is kept: a token that is revoked is refused at the next request, and what one route allows
/// cannot be taken for another. A request without the header is refused without asking.
pub(super) fn scheme(stack: &StackBuilder<'_>, role: &Value<Arn<iam::Role>>) -> Json {
    json!({
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "request",
            "identitySource": "method.request.header.Authorization",
            "authorizerUri": invocation(&stack.naming().function(SERVICE)).as_json(),
            "authorizerCredentials": role.as_json(),
            "authorizerResultTtlInSeconds": 0,
        },
    })
}
