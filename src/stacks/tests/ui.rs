//! The web page: its bucket, who reads it, and what the page is told.

use serde_json::{Value as Json, json};

use super::{config, find, of_type, template};

fn output<'a>(template: &'a Json, name: &str) -> &'a Json {
    &template["Outputs"][name]["Value"]
}

#[test]
fn the_page_is_told_what_the_configuration_says() {
    let more = "systemBanner: {text: TEST, backgroundColor: orange, fontColor: black}\n";
    let template = template(&config(more), "ui");
    assert_eq!(output(&template, "Authority"), "https://login.example.com");
    assert_eq!(output(&template, "ClientId"), "lisa");
    assert_eq!(output(&template, "AdminGroup"), "admins");
    assert_eq!(output(&template, "RagEnabled"), "false");
    assert_eq!(output(&template, "RestapiUri"), &json!({ "Ref": "ServeUrl" }));
    assert_eq!(output(&template, "ApiBaseUrl"), "/prod/");
    let banner: Json =
        serde_json::from_str(output(&template, "SystemBanner").as_str().expect("text")).expect("JSON");
    assert_eq!(banner, json!({ "text": "TEST", "backgroundColor": "orange", "fontColor": "black" }));
}

#[test]
fn a_custom_domain_leads_to_the_stage_itself() {
    let template = template(&config("apiGatewayConfig: {domainName: lisa.example.com}\n"), "ui");
    assert_eq!(output(&template, "ApiBaseUrl"), "/");
}

#[test]
fn a_setting_without_a_value_has_no_output() {
    let template = template(&config(""), "ui");
    assert_eq!(output(&template, "CustomScopes"), &Json::Null);
    assert_eq!(output(&template, "SystemBanner"), &Json::Null);
}

#[test]
fn the_bucket_is_closed_and_its_reader_may_read_only() {
    let app = super::app(&config("roles: {S3ReaderRole: team-reader}\n"));
    let template = find(&app, "ui").expect("the page is deployed");
    let (_, bucket) = of_type(&template, "AWS::S3::Bucket")[0];
    assert_eq!(bucket["PublicAccessBlockConfiguration"]["BlockPublicPolicy"], true);
    let (_, policy) = of_type(&template, "AWS::S3::BucketPolicy")[0];
    let allowed = policy["PolicyDocument"]["Statement"].as_array().expect("statements");
    let allowed: Vec<&Json> = allowed.iter().filter(|statement| statement["Effect"] == "Allow").collect();
    let [statement] = allowed[..] else { panic!("one reader") };
    assert_eq!(statement["Action"], json!(["s3:GetObject"]));
    let api = find(&app, "api").expect("the API is deployed");
    assert!(api["Resources"].get("PageReaderRole").is_none());
}
