//! Access and execution logs of the REST API.
//!
//! API Gateway writes logs with one role for a whole account and region. Every deployment sets it to a role of its
//! own that does the same and outlives its stack: whichever was deployed last is in force, and deleting a deployment
//! takes the logs of no other away.

use lisa_cfn::aws::apigateway;
use lisa_cfn::aws::apigateway::stage::{AccessLogSetting, MethodSetting};
use lisa_cfn::iam::{Statement, actions, arn};
use lisa_cfn::{Handle, Value};
use serde_json::json;

use crate::builder::StackBuilder;
use crate::parts::{RoleSpec, lasting_role, log_group};

/// Requests in a second, and at once, that the stage takes from all callers together.
const THROTTLE: u32 = 100;

/// Sets the account's role for logs.
pub(super) fn account(stack: &mut StackBuilder<'_>) -> Handle<apigateway::Account> {
    use actions::logs;
    // The account's role serves every API of the account, so no log group can be named here.
    let groups = [
        logs::CREATE_LOG_GROUP,
        logs::CREATE_LOG_STREAM,
        logs::DESCRIBE_LOG_STREAMS,
        logs::FILTER_LOG_EVENTS,
        logs::GET_LOG_EVENTS,
        logs::PUT_LOG_EVENTS,
    ];
    let statements = vec![
        Statement::allow(groups).on([arn::regional("logs", "log-group:*")]),
        Statement::allow([logs::DESCRIBE_LOG_GROUPS]).on_all(),
    ];
    let spec =
        RoleSpec { purpose: "GatewayLogs", service: "apigateway.amazonaws.com", statements, existing: None };
    let role = lasting_role(stack, spec);
    let account = stack.add("GatewayAccount", apigateway::Account::new().cloud_watch_role_arn(role.arn));
    stack.template.options(&account).retain();
    account
}

/// One line of JSON for each request: who, what, how long, and why not. No body, no query, no token.
pub(super) fn access_logs(stack: &mut StackBuilder<'_>) -> AccessLogSetting {
    let group = log_group(stack, "AccessLogs", "api-access");
    let format = json!({
        "authorizerError": "$context.authorizer.error",
        "error": "$context.error.message",
        "integrationLatency": "$context.integration.latency",
        "integrationStatus": "$context.integration.status",
        "ip": "$context.identity.sourceIp",
        "latency": "$context.responseLatency",
        "length": "$context.responseLength",
        "method": "$context.httpMethod",
        "path": "$context.path",
        "protocol": "$context.protocol",
        "requestId": "$context.requestId",
        "route": "$context.resourcePath",
        "status": "$context.status",
        "time": "$context.requestTime",
        "trace": "$context.xrayTraceId",
        "user": "$context.authorizer.principalId",
        "userAgent": "$context.identity.userAgent",
    });
    AccessLogSetting::new().destination_arn(group.arn()).format(format.to_string())
}

/// Settings of every method: errors are logged without what was sent, requests are counted and throttled.
pub(super) fn method_settings() -> [MethodSetting; 1] {
    [MethodSetting::new()
        .resource_path("/*")
        .http_method("*")
        .logging_level("ERROR")
        .data_trace_enabled(false)
        .metrics_enabled(true)
        .throttling_rate_limit(Value::from(THROTTLE))
        .throttling_burst_limit(THROTTLE)]
}
