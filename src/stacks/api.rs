//! The `api` stack: the REST API, who is let in, and what is logged.
//!
//! The API is one OpenAPI document made from a table of routes. It names the functions and the web page's bucket, so
//! that this stack depends on none of those that have them. The deployment's logical id holds a hash of the document:
//! a changed route is deployed, and an unchanged document changes nothing.

mod authorizer;
mod headers;
mod logging;
mod openapi;
mod roles;
mod routes;
pub(crate) mod site;

use lisa_cfn::aws::apigateway::rest_api::EndpointConfiguration;
use lisa_cfn::aws::{apigateway, ec2};
use lisa_cfn::iam::{Condition, Policy, Principal, Statement, actions, keys};
use lisa_cfn::{Handle, Resource, Value};
use serde_json::json;

use crate::app::StackName;
use crate::assets::hex_digest;
use crate::builder::{Context, StackBuilder};
use crate::parts::{Alarm, alarm, web_acl};
use crate::shared::Shared;
use crate::stack::Stack;

/// Bytes from which an answer is compressed for callers that take it: less would grow. The web page's files lie in
/// their bucket as they are, since what S3 answers is passed on as text.
const COMPRESSED_FROM: i64 = 1024;

/// Makes the stack.
pub(crate) fn stack(context: &Context<'_>) -> Stack {
    let mut stack = StackBuilder::new(context, StackName::Api, "LISA API: routes, authorizer and logs");
    authorizer::add(&mut stack);
    let roles = roles::add(&mut stack);
    let document = openapi::document(&stack, &roles);
    let (api, hash) = rest_api(&mut stack, document);
    let deployment = stack.add(format!("Deployment{hash}"), apigateway::Deployment::new(api.reference()));
    stage(&mut stack, &api, &deployment);
    errors_alarm(&mut stack);
    output(&mut stack);
    stack.finish()
}

/// Adds the API; also returns a hash of all that a deployment of it fixes.
fn rest_api(
    stack: &mut StackBuilder<'_>,
    mut document: serde_json::Value,
) -> (Handle<apigateway::RestApi>, String) {
    let endpoint = stack.config().private_endpoints.then(|| {
        let id = stack.read(Shared::ExecuteApiEndpointId);
        // An import replaces what the properties set, so the document says it as well.
        document["servers"] = json!([{
            "url": "/",
            "x-amazon-apigateway-endpoint-configuration": { "vpcEndpointIds": [id.as_json()] },
        }]);
        document["x-amazon-apigateway-policy"] = through(&id).into_json();
        id
    });
    let mut api = apigateway::RestApi::new()
        .name(openapi::name(stack))
        .description("Models, sessions and repositories of LISA")
        .body(document)
        .minimum_compression_size(COMPRESSED_FROM)
        .fail_on_warnings(true);
    api = match &endpoint {
        Some(id) => {
            let endpoints = [id.as_id::<ec2::VpcEndpoint>()];
            let configuration = EndpointConfiguration::new().types(["PRIVATE"]);
            api.endpoint_configuration(configuration.vpc_endpoint_ids(endpoints)).policy(through(id))
        }
        None => api.endpoint_configuration(EndpointConfiguration::new().types(["REGIONAL"])),
    };
    let hash = hex_digest(api.clone().into_properties().into_json().to_string().as_bytes());
    let handle = stack.add("RestApi", api);
    stack.template.options(&handle).set_by("EndpointConfiguration", "privateEndpoints");
    (handle, hash[..12].to_owned())
}

/// Only what comes through the deployment's endpoint reaches a private API.
fn through(endpoint: &Value<String>) -> Policy {
    let all = "execute-api:/*";
    Policy::new([
        Statement::allow([actions::execute_api::INVOKE])
            .on([all])
            .to(Principal::any())
            .when(Condition::string_equals(keys::SOURCE_VPCE, endpoint.clone())),
        Statement::deny([actions::execute_api::INVOKE])
            .on([all])
            .to(Principal::any())
            .when(Condition::string_not_equals(keys::SOURCE_VPCE, endpoint.clone())),
    ])
}

fn stage(
    stack: &mut StackBuilder<'_>,
    api: &Handle<apigateway::RestApi>,
    deployment: &Handle<apigateway::Deployment>,
) {
    let account = logging::account(stack);
    let stage = apigateway::Stage::new(api.reference())
        .deployment_id(deployment.deployment_id())
        .stage_name(stack.naming().stage())
        .access_log_setting(logging::access_logs(stack))
        .method_settings(logging::method_settings())
        .tracing_enabled(true);
    let handle = stack.add("Stage", stage);
    let arn = format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}::/restapis/${{RestApi}}/stages/${{{}}}",
        handle.logical_id()
    );
    web_acl(stack, "WebAcl", Value::sub(arn));
    let options = stack.template.options(&handle);
    options.depends_on(&account).set_by("StageName", "deploymentStage");
}

fn errors_alarm(stack: &mut StackBuilder<'_>) {
    let dimensions =
        vec![("ApiName", openapi::name(stack).into()), ("Stage", Value::from(stack.naming().stage()))];
    let errors = Alarm {
        what: "the REST API answers with server errors",
        namespace: "AWS/ApiGateway",
        metric: "5XXError",
        dimensions,
        statistic: "Sum",
        threshold: 5.0,
        periods: 3,
        period: 300,
    };
    alarm(stack, "ServerErrorsAlarm", errors);
}

/// The custom domain is the customer's own: LISA has no certificate for it, so it makes none of it.
fn output(stack: &mut StackBuilder<'_>) {
    let stage = "https://${RestApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}";
    let domain = stack.config().api_gateway_config.domain_name.as_ref();
    let url = domain.map_or_else(
        || Value::sub(format!("{stage}/{}", stack.naming().stage())),
        |domain| Value::from(format!("https://{domain}")),
    );
    stack.template.output("ApiUrl", "URL of the REST API and of the web page", url);
}
