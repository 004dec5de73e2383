//! The REST API as one OpenAPI document: every route, who lets callers in, what browsers may do, what is refused.

use lisa_api::routes::{Body, Caller, Route};
use lisa_cfn::{Arn, Value, aws::iam};
use serde_json::{Map, Value as Json, json};

use super::{authorizer, headers, routes, site};
use crate::builder::StackBuilder;

/// The longest that API Gateway waits for a function in every region, in milliseconds.
const INTEGRATION_TIMEOUT: u32 = 29_000;

/// The roles that API Gateway assumes to reach what is behind it.
#[derive(Debug)]
pub(super) struct Roles {
    /// Invokes the functions.
    pub(super) invoke: Value<Arn<iam::Role>>,
    /// Reads the web page's bucket, where there is one.
    pub(super) page: Option<Value<Arn<iam::Role>>>,
}

/// The document, with intrinsics where it names the deployment's region and account.
pub(super) fn document(stack: &StackBuilder<'_>, roles: &Roles) -> Json {
    json!({
        "openapi": "3.0.1",
        "info": { "title": name(stack), "version": "1" },
        "paths": paths(stack, roles),
        "components": {
            "securitySchemes": { authorizer::SCHEME: authorizer::scheme(stack, &roles.invoke) },
            "schemas": { "JsonObject": { "type": "object" } },
        },
        "x-amazon-apigateway-binary-media-types": ["font/*", "image/*"],
        "x-amazon-apigateway-request-validators": {
            "all": { "validateRequestBody": true, "validateRequestParameters": true },
        },
        "x-amazon-apigateway-request-validator": "all",
        "x-amazon-apigateway-gateway-responses": headers::gateway_responses(stack.config()),
    })
}

/// The API's name, which metrics go by.
pub(super) fn name(stack: &StackBuilder<'_>) -> String {
    format!("{}-api", stack.naming().prefix())
}

fn paths(stack: &StackBuilder<'_>, roles: &Roles) -> Map<String, Json> {
    let mut paths: Map<String, Json> = Map::new();
    for route in routes::deployed(stack.config()) {
        let path = paths.entry(route.path).or_insert_with(|| headers::preflight(stack.config()));
        path[route.method.key()] = operation(stack, route, &roles.invoke);
    }
    if let Some(role) = &roles.page {
        paths.extend(site::paths(&site::bucket(stack.naming()), role));
    }
    paths
}

fn operation(stack: &StackBuilder<'_>, route: &Route, role: &Value<Arn<iam::Role>>) -> Json {
    let mut operation = json!({
        "responses": { "200": { "description": "The service's answer" } },
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": invocation(&stack.naming().function(route.service.name())).as_json(),
            "credentials": role.as_json(),
            "passthroughBehavior": "when_no_match",
            "timeoutInMillis": INTEGRATION_TIMEOUT,
        },
    });
    if route.caller != Caller::Anyone {
        operation["security"] = json!([{ authorizer::SCHEME: [] }]);
    }
    let parameters = parameters(route);
    if !parameters.is_empty() {
        operation["parameters"] = Json::Array(parameters);
    }
    if route.body == Body::Object {
        let schema = json!({ "$ref": "#/components/schemas/JsonObject" });
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    operation
}

fn parameters(route: &Route) -> Vec<Json> {
    let required = |name: &str, place: &str| json!({ "name": name, "in": place, "required": true, "schema": { "type": "string" } });
    let path = route.parameters().map(|name| required(name, "path"));
    path.chain(route.query.iter().map(|name| required(name, "query"))).collect()
}

/// Where API Gateway invokes a function of this account by its name.
pub(super) fn invocation(function: &str) -> Value<String> {
    let function =
        format!("arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{function}");
    let path = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions";
    Value::sub(format!("{path}/{function}/invocations"))
}
