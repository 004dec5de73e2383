//! The REST API: who may call what without a token, and what a configuration adds and takes away.

use serde_json::{Map, Value as Json, json};

use super::{config, of_type, template, valid};

/// What anybody may call, with the reason: documentation, and the page that signs people in.
const PUBLIC: [(&str, &str); 4] =
    [("get", "/"), ("get", "/docs"), ("get", "/openapi.json"), ("get", "/{proxy+}")];

const EVERYTHING: &str = "deployRag: true\nragRepositories: [{repositoryId: handbooks, type: pgvector, \
                          rdsConfig: {username: postgres}}]\n";

fn body(template: &Json) -> &Json {
    let apis = of_type(template, "AWS::ApiGateway::RestApi");
    let [(_, properties)] = apis[..] else { panic!("one API, found {}", apis.len()) };
    &properties["Body"]
}

fn paths(body: &Json) -> &Map<String, Json> {
    body["paths"].as_object().expect("the document has paths")
}

/// Method, path and operation, all of them.
fn operations(body: &Json) -> Vec<(&str, &str, &Json)> {
    let mut all = Vec::new();
    for (path, item) in paths(body) {
        for (method, operation) in item.as_object().expect("a path has methods") {
            all.push((method.as_str(), path.as_str(), operation));
        }
    }
    all
}

fn deployment(template: &Json) -> &str {
    of_type(template, "AWS::ApiGateway::Deployment")[0].0
}

#[test]
fn every_method_asks_the_authorizer_unless_it_is_public() {
    let mut checked = 0;
    for (name, config) in valid() {
        let Some(template) = super::find(&super::app(&config), "api") else { continue };
        for (method, path, operation) in operations(body(&template)) {
            let public = method == "options" || PUBLIC.contains(&(method, path));
            let expected = if public { Json::Null } else { json!([{ "lisa": [] }]) };
            assert_eq!(operation["security"], expected, "{name}: {method} {path}");
            checked += 1;
        }
    }
    assert!(checked > 1000, "{checked} methods");
}

#[test]
fn preflight_requests_reach_no_function() {
    let template = template(&config(EVERYTHING), "api");
    for (method, path, operation) in operations(body(&template)) {
        let kind = operation["x-amazon-apigateway-integration"]["type"].as_str();
        match (method, path) {
            ("options", _) => assert_eq!(kind, Some("mock"), "{path}"),
            (_, "/" | "/{proxy+}") => assert_eq!(kind, Some("aws"), "{path}"),
            _ => assert_eq!(kind, Some("aws_proxy"), "{path}"),
        }
    }
}

#[test]
fn each_switch_takes_its_routes_away() {
    let has = |more: &str, path: &str| {
        let template = template(&config(more), "api");
        paths(body(&template)).contains_key(path)
    };
    assert!(has(EVERYTHING, "/models") && has(EVERYTHING, "/session"));
    assert!(has(EVERYTHING, "/repository") && has(EVERYTHING, "/{proxy+}"));
    assert!(!has("deployServe: false\n", "/models"));
    assert!(!has("deployServe: false\n", "/docs"));
    assert!(!has("deployChat: false\ndeployUi: false\n", "/session"));
    assert!(!has("deployChat: false\ndeployUi: false\n", "/project"));
    assert!(!has("deployRag: false\n", "/repository"));
    assert!(!has("deployUi: false\n", "/"));
    assert!(!has("deployUi: false\n", "/{proxy+}"));
}

#[test]
fn api_gateway_may_invoke_the_deployed_functions_alone() {
    let template = template(&config("deployUi: false\n"), "api");
    let statements = super::statements(&template, "InvokeRole");
    let [statement] = statements[..] else { panic!("one statement") };
    assert_eq!(statement["Action"], json!(["lambda:InvokeFunction"]));
    let name = |resource: &Json| {
        let arn = resource["Fn::Sub"].as_str().expect("an ARN by name");
        arn.rsplit(':').next().expect("a name").to_owned()
    };
    let functions: Vec<String> = statement["Resource"].as_array().expect("a list").iter().map(name).collect();
    assert_eq!(functions, ["demo-lisa-prod-authorizer", "demo-lisa-prod-chat", "demo-lisa-prod-models"]);
    assert!(of_type(&template, "AWS::Lambda::Permission").is_empty());
}

#[test]
fn a_deployment_is_named_after_what_it_deploys() {
    let (one, same) = (template(&config(""), "api"), template(&config("logLevel: DEBUG\n"), "api"));
    let other = template(&config("deployUi: false\n"), "api");
    assert_eq!(deployment(&one), deployment(&same), "a function's setting is no change of the API");
    assert_ne!(deployment(&one), deployment(&other));
}

#[test]
fn several_origins_are_answered_one_by_one_and_never_with_credentials() {
    let origins = "corsAllowedOrigins: https://a.example.com,https://b.example.com\n";
    let template = template(&config(origins), "api");
    let integration = &body(&template)["paths"]["/models"]["options"]["x-amazon-apigateway-integration"];
    let answer = &integration["responses"]["default"];
    let first = &answer["responseParameters"]["method.response.header.Access-Control-Allow-Origin"];
    assert_eq!(first, "'https://a.example.com'");
    let others = answer["responseTemplates"]["application/json"].as_str().expect("a text");
    assert!(others.contains(r#"$origin == "https://b.example.com""#), "{others}");
    assert!(!template.to_string().contains("Allow-Credentials"));
}

#[test]
fn refusals_are_json_with_a_valid_hsts_header() {
    let template = template(&config(""), "api");
    let refusals =
        body(&template)["x-amazon-apigateway-gateway-responses"].as_object().expect("refusals").clone();
    assert_eq!(
        refusals.keys().collect::<Vec<_>>(),
        ["DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN"]
    );
    for (name, refusal) in refusals {
        let hsts = &refusal["responseParameters"]["gatewayresponse.header.Strict-Transport-Security"];
        assert!(hsts.as_str().is_some_and(|value| value.starts_with("'max-age=")), "{name}: {hsts}");
        assert!(
            refusal["responseTemplates"]["application/json"]
                .as_str()
                .is_some_and(|text| text.contains("error"))
        );
    }
}

#[test]
fn a_private_api_is_reached_through_its_endpoint_alone() {
    let template = template(&config("privateEndpoints: true\n"), "api");
    let (_, api) = of_type(&template, "AWS::ApiGateway::RestApi")[0];
    assert_eq!(api["EndpointConfiguration"]["Types"], json!(["PRIVATE"]));
    let endpoint = json!({ "Ref": "ExecuteApiEndpointId" });
    let policy = &api["Policy"]["Statement"];
    assert_eq!(policy[0]["Condition"]["StringEquals"]["aws:SourceVpce"], endpoint);
    assert_eq!(policy[1]["Effect"], "Deny");
    assert_eq!(policy[1]["Condition"]["StringNotEquals"]["aws:SourceVpce"], endpoint);
    assert_eq!(api["Body"]["x-amazon-apigateway-policy"], api["Policy"], "an import replaces the property");
}

#[test]
fn the_stage_is_traced_throttled_and_logged_without_bodies() {
    let template = template(&config(""), "api");
    let (_, stage) = of_type(&template, "AWS::ApiGateway::Stage")[0];
    assert_eq!(stage["StageName"], "prod");
    assert_eq!(stage["TracingEnabled"], true);
    let settings = &stage["MethodSettings"][0];
    assert_eq!(settings["ThrottlingRateLimit"], 100);
    assert_eq!(settings["ThrottlingBurstLimit"], 100);
    assert_eq!(settings["DataTraceEnabled"], false);
    assert_eq!(settings["LoggingLevel"], "ERROR");
    let format = stage["AccessLogSetting"]["Format"].as_str().expect("a format");
    let fields: Map<String, Json> = serde_json::from_str(format).expect("a line of JSON");
    assert_eq!(fields["status"], "$context.status");
    for hidden in ["body", "querystring", "authorizer.claims", "header"] {
        assert!(!format.contains(hidden), "{hidden}");
    }
}

#[test]
fn the_account_keeps_a_role_for_logs_when_the_stack_goes() {
    let template = template(&config(""), "api");
    for id in ["GatewayAccount", "GatewayLogsRole"] {
        assert_eq!(template["Resources"][id]["DeletionPolicy"], "Retain", "{id}");
    }
    assert_eq!(template["Resources"]["Stage"]["DependsOn"], json!(["GatewayAccount"]));
}

#[test]
fn a_revoked_token_is_refused_at_the_next_request() {
    let template = template(&config(""), "api");
    let scheme = &body(&template)["components"]["securitySchemes"]["lisa"];
    assert_eq!(scheme["x-amazon-apigateway-authorizer"]["authorizerResultTtlInSeconds"], 0);
}

#[test]
fn the_services_depend_on_nothing_of_each_other() {
    for stack in super::app(&config("deployRag: true\nragRepositories: []\n")).stacks {
        if ["api", "models", "chat", "rag"].contains(&stack.name.as_str()) {
            let needed: Vec<&str> = stack.depends_on.iter().map(String::as_str).collect();
            assert!(
                needed.iter().all(|needed| ["core", "network"].contains(needed)),
                "{}: {needed:?}",
                stack.name
            );
        }
    }
}

#[test]
fn a_firewall_stands_before_the_stage_of_a_hardened_deployment_alone() {
    let acls = |more: &str| of_type(&template(&config(more), "api"), "AWS::WAFv2::WebACLAssociation").len();
    assert_eq!(acls("securityProfile: hardened\n"), 1);
    assert_eq!(acls("securityProfile: standard\n"), 0);
}

#[test]
fn without_a_route_there_is_no_api() {
    let off = "deployServe: false\ndeployChat: false\ndeployUi: false\ndeployRag: false\n";
    assert!(super::find(&super::app(&config(off)), "api").is_none());
}
