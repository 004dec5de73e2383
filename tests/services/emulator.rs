//! Functions behind a REST API of the emulator, from the packages that `lisa build` makes: what API Gateway sends
//! them is what they understand, and what they answer is what it takes.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;

use lisa_testkit::emulator::Outcome;
use lisa_testkit::{Emulator, programs};
use serde_json::{Map, Value, json};

use super::environment;
use super::process::send;

const REGION: &str = "us-east-1";

/// Holds the functions' packages.
const BUCKET: &str = "packages";

/// A function of a service, from its package in the bucket.
fn function(emulator: SocketAddr, service: &str, handler: &str) -> Value {
    let binary = fs::read(programs::service(service).unwrap()).unwrap();
    let package = lisa_containers::zip::package(&binary).unwrap();
    let key = format!("{service}.zip");
    let stored = send(emulator, "PUT", &format!("/{BUCKET}/{key}"), &[], &package);
    assert!(stored.starts_with("HTTP/1.1 200"), "{stored}");
    let variables: Map<String, Value> =
        environment::of(service).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!({ "Type": "AWS::Lambda::Function", "Properties": {
        "FunctionName": handler,
        "Runtime": "provided.al2023",
        "Handler": handler,
        "Role": "arn:aws:iam::000000000000:role/any",
        "Timeout": 29,
        "Code": { "S3Bucket": BUCKET, "S3Key": key },
        "Environment": { "Variables": variables },
    } })
}

fn invocation(function: &str) -> String {
    let arn = format!("arn:aws:lambda:{REGION}:000000000000:function:{function}");
    format!("arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations")
}

/// An API with routes of the models' function: two that are open, one that the authorizer guards.
fn body() -> Value {
    let operation = |security: Value| {
        json!({ "get": {
            "security": security,
            "responses": { "200": { "description": "The service's answer" } },
            "x-amazon-apigateway-integration": {
                "type": "aws_proxy",
                "httpMethod": "POST",
                "uri": invocation("models"),
            },
        } })
    };
    let authorizer = json!({
        "type": "request",
        "identitySource": "method.request.header.Authorization",
        "authorizerUri": invocation("authorizer"),
        "authorizerResultTtlInSeconds": 0,
    });
    json!({
        "openapi": "3.0.1",
        "info": { "title": "models", "version": "1" },
        "paths": {
            "/docs": operation(json!([])),
            "/openapi.json": operation(json!([])),
            "/models": operation(json!([{ "lisa": [] }])),
        },
        "components": { "securitySchemes": { "lisa": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": authorizer,
        } } },
    })
}

#[test]
fn functions_answer_behind_the_api() {
    let emulator = Emulator::start().unwrap();
    let address: SocketAddr = emulator.url().trim_start_matches("http://").parse().unwrap();
    assert!(send(address, "PUT", &format!("/{BUCKET}"), &[], b"").starts_with("HTTP/1.1 200"));
    let api = json!({ "Ref": "Api" });
    let template = json!({ "Resources": {
        "Models": function(address, "lisa-models", "models"),
        "Authorizer": function(address, "lisa-authorizer", "authorizer"),
        "Api": { "Type": "AWS::ApiGateway::RestApi", "Properties": { "Name": "models", "Body": body() } },
        "Deployment": { "Type": "AWS::ApiGateway::Deployment", "Properties": { "RestApiId": api } },
        "Stage": { "Type": "AWS::ApiGateway::Stage", "Properties": {
            "RestApiId": api,
            "DeploymentId": { "Ref": "Deployment" },
            "StageName": "dev",
        } },
    } });
    let outcome = emulator.deploy(REGION, "services", &template, &BTreeMap::new()).unwrap();
    assert_eq!(outcome, Outcome::Complete(5));
    let id = emulator.physical_ids(REGION, "services").unwrap()["Api"].clone();
    let get = |path: &str, headers: &[(&str, &str)]| {
        send(address, "GET", &format!("/restapis/{id}/dev/_user_request_{path}"), headers, b"")
    };

    let described = get("/openapi.json", &[("X-Request-Id", "mine")]);
    assert!(described.starts_with("HTTP/1.1 200") && described.contains("\"3.1.0\""), "{described}");
    assert!(described.to_lowercase().contains("x-request-id: mine"), "{described}");
    let docs = get("/docs", &[]);
    assert!(docs.starts_with("HTTP/1.1 200") && docs.contains("<!doctype html>"), "{docs}");
    let refused = get("/models", &[("Authorization", "Bearer nobody")]);
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
}
