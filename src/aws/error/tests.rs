//! Recorded refusals of every service, each through its real client, and what they mean.

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use lisa_deploy::ports::{Account as _, account};
use lisa_deploy::ports::{
    CallError, CallErrorKind as Kind, CloudFormation as _, Objects as _, Registry as _,
};
use lisa_signed::{Session, Signed, Wire};
use lisa_testkit::{Recorded, Replay};

use crate::account::Account;
use crate::cloudformation::CloudFormation;
use crate::objects::Objects;
use crate::registry::Registry;

pub(crate) fn session(url: &str) -> Session {
    session_with(url, SharedCredentialsProvider::new(Credentials::from_keys("AKID", "secret", None)))
}

fn session_with(url: &str, credentials: SharedCredentialsProvider) -> Session {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .retry_config(RetryConfig::disabled())
        .region(Region::new("eu-west-1"))
        .credentials_provider(credentials)
        .endpoint_url(url)
        .build();
    Session::from_parts(&config, Wire::new(None).unwrap())
}

fn query_error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    )
}

/// What CloudFormation's refusal of a deletion means.
async fn of_cloudformation(answer: Recorded) -> CallError {
    let server = Replay::start(vec![answer]).unwrap();
    CloudFormation::new(&session(server.url())).protect("app", true).await.unwrap_err()
}

#[tokio::test]
async fn cloudformation_says_most_things_in_words() {
    let cases = [
        (400, "Throttling", "Rate exceeded", Kind::Throttled),
        (400, "ValidationError", "Stack with id app does not exist", Kind::NotFound),
        (
            400,
            "ValidationError",
            "Stack:arn:aws:cloudformation:eu-west-1:1:stack/app/1 is in UPDATE_IN_PROGRESS state and can not be updated.",
            Kind::Conflict,
        ),
        (
            400,
            "ValidationError",
            "Stack [app] cannot be deleted while TerminationProtection is enabled",
            Kind::Conflict,
        ),
        (
            400,
            "ValidationError",
            "Template format error: unresolved resource dependencies [Vpc]",
            Kind::Invalid,
        ),
        (400, "AlreadyExistsException", "Stack [app] already exists", Kind::Conflict),
        (
            400,
            "InsufficientCapabilitiesException",
            "Requires capabilities : [CAPABILITY_NAMED_IAM]",
            Kind::Invalid,
        ),
        (400, "LimitExceededException", "Limit for stack has been exceeded", Kind::Invalid),
        (400, "TokenAlreadyExistsException", "the token was used", Kind::Conflict),
        (400, "InvalidAction", "Could not find operation RollbackStack", Kind::Unsupported),
        (403, "AccessDenied", "User is not authorized to perform: cloudformation:DeleteStack", Kind::Denied),
        (403, "ExpiredToken", "The security token included in the request is expired", Kind::Expired),
        (
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            Kind::Expired,
        ),
        (
            403,
            "SignatureDoesNotMatch",
            "Signature expired: 20261123T000000Z is now earlier than",
            Kind::Denied,
        ),
        (500, "InternalFailure", "An internal error has occurred.", Kind::Service),
        (503, "ServiceUnavailable", "Service is unavailable", Kind::Service),
    ];
    for (status, code, message, kind) in cases {
        let error = of_cloudformation(Recorded::new(status, query_error(code, message))).await;
        assert_eq!((error.code.as_str(), error.kind), (code, kind), "{message}");
        assert_eq!(error.message, message);
        assert_eq!(error.action, "cloudformation:UpdateTerminationProtection");
    }
}

#[tokio::test]
async fn an_answer_of_something_else_is_judged_by_its_status() {
    for (status, kind) in
        [(502, Kind::Service), (504, Kind::Service), (429, Kind::Throttled), (403, Kind::Denied)]
    {
        let error = of_cloudformation(Recorded::new(status, "<html>a proxy's page</html>")).await;
        assert_eq!(error.kind, kind, "{status}: {error}");
        assert!(!error.code.is_empty(), "an answer came: {error}");
    }
}

#[tokio::test]
async fn nobody_there_is_no_answer() {
    let error = CloudFormation::new(&session("http://127.0.0.1:1")).stacks().await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (Kind::Unanswered, ""));
    assert!(error.message.contains("refused"), "the cause is told: {error}");
}

#[derive(Debug)]
struct LoggedOut;

impl ProvideCredentials for LoggedOut {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let error = CredentialsError::not_loaded("the token has expired and refresh failed");
        future::ProvideCredentials::ready(Err(error))
    }
}

#[tokio::test]
async fn no_credentials_are_not_taken_for_a_lost_connection() {
    let session = session_with("http://127.0.0.1:1", SharedCredentialsProvider::new(LoggedOut));
    let error = CloudFormation::new(&session).stacks().await.unwrap_err();
    assert_eq!(error.kind, Kind::Expired, "{error}");
    let error = Account::new(Signed::new(&session)).parameter("/a").await.unwrap_err();
    assert_eq!(error.kind, Kind::Expired, "{error}");
}

#[tokio::test]
async fn s3_answers_heads_without_a_word() {
    let cases = [(404, Ok(false)), (403, Err((Kind::Denied, "AccessDenied"))), (200, Ok(true))];
    for (status, expected) in cases {
        let server = Replay::start(vec![Recorded::new(status, "")]).unwrap();
        let found = Objects::new(&session(server.url())).bucket_exists("assets").await;
        let found = found.map_err(|error| (error.kind, error.code));
        assert_eq!(found, expected.map_err(|(kind, code)| (kind, code.to_owned())), "{status}");
    }
    let elsewhere = Recorded::new(301, "").header("x-amz-bucket-region", "us-east-1");
    let server = Replay::start(vec![elsewhere]).unwrap();
    let error = Objects::new(&session(server.url())).bucket_exists("assets").await.unwrap_err();
    assert_eq!(error.message, "the bucket lies in region `us-east-1`");
}

#[tokio::test]
async fn s3_lists_failures_of_a_deletion_that_succeeded() {
    let body = "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>";
    let server = Replay::start(vec![Recorded::new(200, body)]).unwrap();
    let error = Objects::new(&session(server.url())).delete("assets", &["a".to_owned()]).await.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (Kind::Denied, "`a`: no"));
}

#[tokio::test]
async fn what_a_registry_does_not_have_is_none() {
    for code in ["RepositoryNotFoundException", "ImageNotFoundException"] {
        let body = format!(r#"{{"__type":"{code}","message":"gone"}}"#);
        let server = Replay::start(vec![Recorded::new(400, body)]).unwrap();
        let image = Registry::new(&session(server.url()), "1").image("lisa", "latest").await.unwrap();
        assert_eq!(image, None);
    }
    let body = r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;
    let server = Replay::start(vec![Recorded::new(400, body)]).unwrap();
    let error = Registry::new(&session(server.url()), "1").repository("lisa").await.unwrap_err();
    assert_eq!(error.kind, Kind::Throttled);
}

#[tokio::test]
async fn another_accounts_registry_is_another_host() {
    let body = r#"{"authorizationData":[{"authorizationToken":"QVdTOndvcmQ=",
        "proxyEndpoint":"https://111122223333.dkr.ecr.eu-west-1.amazonaws.com"}]}"#;
    let server = Replay::start(vec![Recorded::new(200, body)]).unwrap();
    let registry = Registry::new(&session(server.url()), "111122223333");
    let login = registry.login(Some("444455556666")).await.unwrap();
    assert_eq!(login.host, "444455556666.dkr.ecr.eu-west-1.amazonaws.com");
    assert_eq!((login.user.as_str(), login.password.as_str(), login.plain), ("AWS", "word", false));
}

#[tokio::test]
async fn small_services_say_it_their_own_way() {
    let taken =
        query_error("InvalidInput", "Service role name AWSServiceRoleForX has been taken in this account");
    let server = Replay::start(vec![Recorded::new(400, taken)]).unwrap();
    let account = Account::new(Signed::new(&session(server.url())));
    assert!(!account.ensure_service_linked_role("es.amazonaws.com").await.unwrap());

    let unknown = r#"{"__type":"NoSuchResourceException","Message":"gone"}"#;
    let value = r#"{"Quota":{"Value":32.0}}"#;
    let server = Replay::start(vec![Recorded::new(400, unknown), Recorded::new(200, value)]).unwrap();
    let account = Account::new(Signed::new(&session(server.url())));
    assert_eq!(
        account.quota("ec2", "L-1216C47A").await.unwrap(),
        Some(32.0),
        "the default, where none is applied"
    );

    let who = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn>\
        <Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let server = Replay::start(vec![Recorded::new(200, who)]).unwrap();
    let identity = Account::new(Signed::new(&session(server.url()))).identity().await.unwrap();
    let expected = account::Identity { account: "1".to_owned(), arn: "arn:aws:iam::1:user/a".to_owned() };
    assert_eq!(identity, expected);
}
