//! The chat back end: its tables' keys, its images, its rights.

use serde_json::{Value as Json, json};

use super::{config, of_type, statements, template};

fn keys(properties: &Json) -> Vec<&str> {
    let schema = properties["KeySchema"].as_array().expect("a table has keys");
    schema.iter().filter_map(|key| key["AttributeName"].as_str()).collect()
}

#[test]
fn two_tables_hold_what_upstream_keeps_in_eight() {
    let template = template(&config(""), "chat");
    let tables = of_type(&template, "AWS::DynamoDB::Table");
    assert_eq!(tables.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["ChatTable", "SessionsTable"]);
    for (id, properties) in tables {
        assert_eq!(keys(properties), ["pk", "sk"], "{id}");
        assert_eq!(
            properties["TimeToLiveSpecification"],
            json!({ "AttributeName": "expires", "Enabled": true })
        );
        assert_eq!(properties["SSESpecification"]["SSEType"], "KMS", "{id}");
    }
}

#[test]
fn images_are_read_by_pages_of_the_allowed_origins() {
    let template = template(&config("corsAllowedOrigins: https://lisa.example.com\n"), "chat");
    let (_, bucket) = of_type(&template, "AWS::S3::Bucket")[0];
    let rule = &bucket["CorsConfiguration"]["CorsRules"][0];
    assert_eq!(rule["AllowedOrigins"], json!(["https://lisa.example.com"]));
    assert_eq!(bucket["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"], true);
}

#[test]
fn without_the_serve_api_there_are_no_tokens_to_manage() {
    let rights = |more: &str| {
        let template = template(&config(more), "chat");
        statements(&template, "ChatFunctionRole").into_iter().map(Json::to_string).collect::<String>()
    };
    assert!(rights("").contains("demo-LISAApiTokenTable"));
    assert!(!rights("deployServe: false\n").contains("LISAApiTokenTable"));
}

#[test]
fn an_existing_role_takes_the_place_of_a_new_one() {
    let template = template(&config("roles: {LambdaExecutionRole: team-lambda}\n"), "chat");
    assert!(of_type(&template, "AWS::IAM::Role").is_empty());
    let (_, function) = of_type(&template, "AWS::Lambda::Function")[0];
    assert_eq!(
        function["Role"],
        json!({ "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/team-lambda" })
    );
}
