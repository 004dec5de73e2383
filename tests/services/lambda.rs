//! A service in Lambda: each program against Lambda's own interface, with events as API Gateway sends them.

use std::process::Command;

use lisa_api::routes;
use lisa_testkit::programs;
use lisa_testkit::runtime_api::{Function, Outcome, proxied};
use serde_json::{Value, json};

use super::environment;
use super::event::question;

fn function(service: &str, handler: &str) -> Function {
    let mut environment = environment::of(service);
    environment.push(("CORS_ORIGINS", "https://page.example"));
    Function::start(Command::new(programs::service(service).unwrap()), handler, &environment).unwrap()
}

/// What API Gateway makes of an answer: status, headers, body.
fn answered(function: &Function, event: Value) -> (u64, Value, Value) {
    let Outcome::Returned(answer) = function.invoke(event).unwrap() else { panic!("{}", function.log()) };
    assert_eq!(answer["isBase64Encoded"], false, "{answer}");
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].as_u64().unwrap(), answer["multiValueHeaders"].clone(), body)
}

#[test]
fn every_route_of_the_api_leads_to_an_answer_by_its_name() {
    // The chat back end serves all of its routes, and needs tables for that.
    for service in routes::Service::ALL.into_iter().filter(|service| *service != routes::Service::Chat) {
        let function = function(&format!("lisa-{}", service.name()), service.name());
        // Pages that anybody may read are no JSON.
        let routes = routes::all().filter(|route| route.service == service);
        for route in routes.filter(|route| route.caller != routes::Caller::Anyone) {
            let path = route.path.replace(['{', '}'], "");
            let (status, headers, body) =
                answered(&function, proxied(route.method.name(), route.path, &path));
            // This caller is nobody that the authorizer has let in.
            assert_eq!((status, &body["error"]), (401, &json!("Unauthorized")), "{route:?}");
            assert_eq!(headers["access-control-allow-origin"], json!(["https://page.example"]));
            assert_eq!(headers["x-request-id"], json!(["a7b1c2d3-0000-4000-8000-000000000001"]));
        }
        assert!(!function.log().contains("private"), "{}", function.log());
        assert!(!function.log().contains("two words"), "{}", function.log());
    }
}

#[test]
fn a_path_below_a_stage_or_a_domains_base_path_is_found() {
    let function = function("lisa-models", "models");
    let route = "/openapi.json";
    for path in [route, "/dev/openapi.json", "/base/openapi.json"] {
        let (status, _, body) = answered(&function, proxied("GET", route, path));
        assert_eq!(status, 200, "{path}: {body}");
        assert_eq!(body["openapi"], "3.1.0");
    }
}

#[test]
fn a_wrong_event_fails_and_the_next_one_is_served() {
    let function = function("lisa-models", "models");
    let Outcome::Failed(error) = function.invoke(json!({ "unknown": true })).unwrap() else {
        panic!("it was served")
    };
    assert!(error["errorMessage"].is_string(), "{error}");
    assert_eq!(answered(&function, proxied("GET", "/models", "/models")).0, 401);
}

#[test]
fn the_authorizer_refuses_by_a_policy() {
    let function = function("lisa-authorizer", "authorizer");
    let method = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/session";
    let statement = json!([{ "Effect": "Deny", "Action": "execute-api:Invoke", "Resource": method }]);
    assert_eq!(
        function.invoke(question(method)).unwrap(),
        Outcome::Returned(json!({
            "principalId": "unknown",
            "policyDocument": { "Version": "2012-10-17", "Statement": statement },
        }))
    );
    assert!(!function.log().contains("private"), "{}", function.log());
}

#[test]
fn a_task_fails_by_its_name() {
    let function = function("lisa-models", "models-tasks");
    let mut event = json!({ "execution": "e", "state": {} });
    for (name, value) in [("workflow", "create"), ("task", "CreateStack")] {
        event[name] = value.into();
    }
    let failed = function.invoke(event).unwrap();
    let Outcome::Failed(error) = failed else { panic!("{failed:?}") };
    assert_eq!(error["errorType"], "ValidationError", "{error}");
    assert!(error["errorMessage"].as_str().unwrap().contains("`modelId`"), "{error}");
}

#[test]
fn a_message_that_is_no_job_is_done_with() {
    let function = function("lisa-rag", "rag-ingest");
    let batch = json!({ "Records": [{ "messageId": "m-1", "body": "private", "eventSource": "aws:sqs" }] });
    let Outcome::Returned(answer) = function.invoke(batch).unwrap() else { panic!("{}", function.log()) };
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    assert!(!function.log().contains("private"), "{}", function.log());
}
