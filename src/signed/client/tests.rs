//! Requests as they go over the wire, and every form of error that comes back, by a server of one answer.

use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use lisa_testkit::{Recorded, Replay};
use serde_json::json;
use tokio::net::TcpListener;

use super::Signed;
use crate::service::{EC2, IAM, RDS_CONNECT, SSM};
use crate::{Session, Why, Wire};

fn client(url: &str) -> Signed {
    let credentials = Credentials::from_keys("AKID", "secret", Some("session".to_owned()));
    let config = SdkConfig::builder()
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .build();
    Signed::new(&Session::from_parts(&config, Wire::new(None).unwrap()))
}

#[tokio::test]
async fn json_names_its_target_and_is_signed_for_its_service() {
    let server = Replay::start(vec![Recorded::new(200, r#"{"yes":1}"#)]).unwrap();
    let answer = client(server.url()).json(&SSM, "GetParameter", &json!({ "Name": "/a" })).await.unwrap();
    assert_eq!(answer, json!({ "yes": 1 }));
    let asked = server.asked().concat();
    assert!(asked.contains("x-amz-target: AmazonSSM.GetParameter\r\n"), "{asked}");
    assert!(asked.contains("content-type: application/x-amz-json-1.1\r\n"), "{asked}");
    assert!(asked.contains("/eu-west-1/ssm/aws4_request, SignedHeaders="), "{asked}");
    assert!(asked.contains("x-amz-security-token: session\r\n"), "{asked}");
    assert!(asked.ends_with(r#"{"Name":"/a"}"#), "{asked}");
}

#[tokio::test]
async fn a_query_is_a_form_and_a_global_service_is_signed_for_its_home() {
    let server = Replay::start(vec![Recorded::new(200, "<R><Role>r</Role></R>")]).unwrap();
    let answer = client(server.url()).query(&IAM, "GetRole", &[("RoleName", "a b")]).await.unwrap();
    assert_eq!(answer.text_at("Role"), Some("r"));
    let asked = server.asked().concat();
    assert!(asked.ends_with("Action=GetRole&Version=2010-05-08&RoleName=a+b"), "{asked}");
    assert!(asked.contains("/us-east-1/iam/aws4_request"), "{asked}");
}

#[tokio::test]
async fn a_url_is_signed_in_its_query() {
    let client = client("http://127.0.0.1:1");
    let url = client.presign(
        &RDS_CONNECT,
        "https://db.example:5432",
        "/?Action=connect&DBUser=lisa",
        Duration::from_mins(15),
    );
    let url = url.await.unwrap();
    assert!(url.starts_with("https://db.example:5432/?Action=connect&DBUser=lisa&"), "{url}");
    for part in [
        "X-Amz-Expires=900",
        "eu-west-1%2Frds-db%2Faws4_request",
        "X-Amz-SignedHeaders=host",
        "X-Amz-Signature=",
    ] {
        assert!(url.contains(part), "{part} in {url}");
    }
}

#[tokio::test]
async fn errors_in_json_and_xml_give_code_message_and_status() {
    let json = r#"{"__type":"com.amazonaws.ssm#ParameterNotFound","message":"gone"}"#;
    let xml = "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>gone</Message></Error>\
        </Errors></Response>";
    let in_header = Recorded::new(403, r#"{"Message":"gone"}"#);
    let forms = [
        (Recorded::new(400, json), "ParameterNotFound"),
        (in_header.header("x-amzn-errortype", "AccessDeniedException:http://x/"), "AccessDeniedException"),
        (Recorded::new(400, xml), "InvalidVpcID.NotFound"),
    ];
    for (answer, code) in forms {
        let server = Replay::start(vec![answer]).unwrap();
        let error = client(server.url()).query(&EC2, "DescribeSubnets", &[]).await.unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str(), error.why), (code, "gone", Why::Refused));
        assert!(error.status.is_some_and(|status| status >= 400));
    }
}

#[tokio::test]
async fn expired_credentials_are_asked_for_anew() {
    let expired = "<R><Error><Code>ExpiredToken</Code><Message>old</Message></Error></R>";
    let server = Replay::start(vec![Recorded::new(403, expired), Recorded::new(200, "<R/>")]).unwrap();
    let client = client(server.url());
    client.query(&EC2, "DescribeSubnets", &[]).await.unwrap_err();
    assert!(client.credentials.lock().await.is_none());
    client.query(&EC2, "DescribeSubnets", &[]).await.unwrap();
    assert!(client.credentials.lock().await.is_some());
}

#[tokio::test]
async fn no_answer_is_told_from_a_refusal() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let silent = client(&url).with_limit(Duration::from_millis(50));
    let error = silent.json(&SSM, "GetParameter", &json!({})).await.unwrap_err();
    assert_eq!((error.why, error.status), (Why::Unanswered, None));
    drop(listener);
    let error = client(&url).json(&SSM, "GetParameter", &json!({})).await.unwrap_err();
    assert_eq!(error.why, Why::Unanswered);
    assert!(error.to_string().contains("refused"), "the cause is told: {error}");
}

#[tokio::test]
async fn no_credentials_are_told_as_such() {
    let config = SdkConfig::builder().region(Region::new("eu-west-1")).build();
    let client = Signed::new(&Session::from_parts(&config, Wire::new(None).unwrap()));
    let error = client.json(&SSM, "GetParameter", &json!({})).await.unwrap_err();
    assert_eq!(error.why, Why::NoCredentials);
}

#[test]
fn calls_can_be_made_from_any_thread() {
    fn assert_send<T: Send>(_: &T) {}
    let client = client("http://127.0.0.1:1");
    assert_send(&client.query(&IAM, "GetRole", &[]));
    assert_send(&client.json(&SSM, "GetParameter", &json!({})));
}
