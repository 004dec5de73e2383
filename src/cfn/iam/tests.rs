//! The documents that the builders write, and the table of actions.

use serde_json::{Value as JsonValue, json};

use super::actions::{self, dynamodb, ecr, ecs, kms, rds_db, s3, sqs};
use super::*;
use crate::aws::iam::Role;
use crate::{Name, Template, Value, aws};

fn statement(statement: Statement) -> JsonValue {
    Policy::new([statement]).into_json()["Statement"][0].clone()
}

#[test]
fn actions_and_resources_are_sorted_and_listed_once() {
    let one = Statement::allow([s3::PUT_OBJECT, s3::GET_OBJECT, s3::PUT_OBJECT]).on([
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::a/*",
        "arn:aws:s3:::b/*",
    ]);
    let other =
        Statement::allow([s3::GET_OBJECT, s3::PUT_OBJECT]).on(["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]);
    let expected = json!({
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"],
    });
    assert_eq!(statement(one), expected);
    assert_eq!(statement(other), expected);
}

#[test]
fn one_action_and_one_resource_stay_lists() {
    let written = statement(Statement::allow([ecr::GET_AUTHORIZATION_TOKEN]).on_all());
    assert_eq!(written["Action"], json!(["ecr:GetAuthorizationToken"]));
    assert_eq!(written["Resource"], json!(["*"]));
}

#[test]
fn conditions_of_one_operator_are_merged() {
    let written = statement(
        Statement::allow([ecs::RUN_TASK])
            .on([arn::regional("ecs", "task-definition/app:*")])
            .when(Condition::string_equals(keys::ECS_CLUSTER, "one"))
            .when(Condition::string_equals(keys::ECS_CLUSTER, "another"))
            .when(Condition::string_equals(keys::resource_tag("app"), "lisa").if_exists())
            .when(Condition::new(Operator::StringLike, keys::TAG_KEYS, ["app", "env"]).for_all())
            .when(Condition::bool(keys::SECURE_TRANSPORT, true)),
    );
    assert_eq!(
        written["Condition"],
        json!({
            "StringEquals": { "ecs:cluster": ["another", "one"] },
            "StringEqualsIfExists": { "aws:ResourceTag/app": "lisa" },
            "ForAllValues:StringLike": { "aws:TagKeys": ["app", "env"] },
            "Bool": { "aws:SecureTransport": "true" },
        })
    );
}

#[test]
fn operators_are_known_in_all_their_forms() {
    for operator in Operator::ALL {
        assert!(Operator::is_known(operator.text()), "{operator:?}");
    }
    for known in ["StringLikeIfExists", "ForAnyValue:ArnLike", "ForAllValues:StringEqualsIfExists", "Null"] {
        assert!(Operator::is_known(known), "{known}");
    }
    for unknown in ["StringEqual", "stringequals", "NullIfExists", "ForSomeValue:ArnLike", ""] {
        assert!(!Operator::is_known(unknown), "{unknown}");
    }
}

#[test]
fn principals_are_grouped_by_class() {
    let written = statement(
        Statement::allow([sqs::SEND_MESSAGE])
            .to(Principal::service("sns.amazonaws.com"))
            .to(Principal::service("events.amazonaws.com"))
            .to(Principal::account_root()),
    );
    let root = json!({ "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" });
    assert_eq!(
        written["Principal"],
        json!({ "AWS": root, "Service": ["events.amazonaws.com", "sns.amazonaws.com"] })
    );
    assert_eq!(statement(Statement::deny([sqs::SEND_MESSAGE]).to(Principal::any()))["Principal"], "*");
}

#[test]
fn arns_hold_in_every_partition() {
    let text = |value: Value<String>| value.into_json()["Fn::Sub"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        text(arn::regional("dynamodb", "table/Sessions")),
        "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/Sessions"
    );
    assert_eq!(text(arn::global("iam", "role/app")), "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/app");
    assert_eq!(
        text(arn::aws_owned("bedrock", "foundation-model/*")),
        "arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/*"
    );
    assert_eq!(text(arn::s3_object("models", "*")), "arn:${AWS::Partition}:s3:::models/*");
    assert_eq!(
        arn::managed_policy::<aws::iam::ManagedPolicy>("ReadOnlyAccess").into_json(),
        json!({ "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess" })
    );
}

#[test]
fn arns_take_references_apart() {
    let mut template = Template::new("");
    let bucket = template.add("Models", aws::s3::Bucket::new());
    assert_eq!(
        arn::s3_object(bucket.reference(), "*").into_json(),
        json!({ "Fn::Sub": "arn:${AWS::Partition}:s3:::${Models}/*" })
    );
    assert_eq!(arn::within(bucket.arn(), "/*").into_json(), json!({ "Fn::Sub": "${Models.Arn}/*" }));
    assert_eq!(arn::within("arn:aws:s3:::models", "/*").into_json(), json!("arn:aws:s3:::models/*"));
    assert_eq!(
        arn::within(arn::regional("dynamodb", "table/T"), "/index/*"),
        arn::regional("dynamodb", "table/T/index/*")
    );
    let joined = Value::join("-", ["a", "b"]);
    assert_eq!(
        arn::s3_bucket(joined.clone()).into_json(),
        json!({ "Fn::Sub": ["arn:${AWS::Partition}:s3:::${Value}", { "Value": joined.into_json() }] })
    );
}

#[test]
fn resources_are_arns_of_any_type() {
    let role: Value<crate::Arn<Role>> = crate::Arn::literal("arn:aws:iam::123456789012:role/app");
    let written = statement(Statement::allow([actions::iam::PASS_ROLE]).on([&role]));
    assert_eq!(written["Resource"], json!(["arn:aws:iam::123456789012:role/app"]));
    let name: Value<Name<Role>> = Name::literal("app");
    assert_eq!(Value::<String>::from(name).into_json(), json!("app"));
}

#[test]
fn a_trust_guards_against_a_confused_deputy_where_the_service_plays_along() {
    let tasks = trust("ecs-tasks.amazonaws.com");
    assert!(tasks.check(DocumentKind::Trust).is_empty());
    let tasks = tasks.into_json();
    assert_eq!(
        tasks["Statement"][0]["Condition"],
        json!({ "StringEquals": { "aws:SourceAccount": { "Ref": "AWS::AccountId" } } })
    );
    let states = trust_from("states.amazonaws.com", arn::regional("states", "stateMachine:app")).into_json();
    let source = json!({ "aws:SourceArn": arn::regional("states", "stateMachine:app").into_json() });
    assert_eq!(states["Statement"][0]["Condition"]["ArnLike"], source);
    let ec2 = trust_from("ec2.amazonaws.com", "arn:aws:ec2:*").into_json();
    assert_eq!(ec2["Statement"][0].get("Condition"), None);
    assert!(!trusts_source_account("apigateway.amazonaws.com"));
    assert!(!trusts_source_account("lambda.amazonaws.com"), "a condition would lock the function out");
}

#[test]
fn insecure_transport_is_denied_on_the_bucket_and_its_objects() {
    let policy =
        Policy::new([deny_insecure_transport("s3", [arn::s3_bucket("b"), arn::s3_object("b", "*")])]);
    assert!(policy.check(DocumentKind::Resource).is_empty());
    let written = policy.into_json()["Statement"][0].clone();
    assert_eq!(written["Effect"], "Deny");
    assert_eq!(written["Principal"], "*");
    assert_eq!(written["Condition"], json!({ "Bool": { "aws:SecureTransport": "false" } }));
}

#[test]
fn a_key_is_administered_by_its_account_and_used_by_named_services() {
    let events = Principal::service("events.amazonaws.com");
    let policy = key_policy([
        KeyGrant::logs("/aws/lambda/app-*"),
        KeyGrant::publish(events, [Condition::source_account()]),
        KeyGrant::create_grants(Principal::arn(arn::global("iam", "role/app"))),
    ]);
    assert_eq!(policy.check(DocumentKind::Attached), []);
    let statements = policy.into_json()["Statement"].clone();
    assert_eq!(statements.as_array().map(Vec::len), Some(4));
    assert_eq!(statements[0]["Action"], json!(["kms:*"]));
    assert_eq!(
        statements[1]["Principal"]["Service"],
        json!({ "Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}" })
    );
}

#[test]
fn every_service_and_action_is_found_by_its_text() {
    let prefixes: Vec<&str> = actions::SERVICES.iter().map(|service| service.prefix).collect();
    assert!(prefixes.is_sorted());
    for service in actions::SERVICES {
        assert!(!service.actions.is_empty(), "{}", service.prefix);
        for action in service.actions {
            assert_eq!(find(&action.text()), Some(action), "{}", action.text());
            assert_eq!(find(&action.text().to_uppercase()), Some(action), "{}", action.text());
        }
    }
}

#[test]
fn facts_of_the_table_are_those_of_the_service_authorization_reference() {
    assert_eq!(s3::GET_OBJECT.access, Access::Read);
    assert!(ecr::GET_AUTHORIZATION_TOKEN.resources.is_empty());
    assert_eq!(
        rds_db::CONNECT.resources[0].arn,
        "arn:${Partition}:rds-db:${Region}:${Account}:dbuser:${DbiResourceId}/${DbUserName}"
    );
    let kinds: Vec<&str> = dynamodb::QUERY.resources.iter().map(|kind| kind.name).collect();
    assert_eq!(kinds, ["index", "table"]);
    assert!(kms::DECRYPT.supports_resources());
}

#[test]
fn whether_a_star_is_needed_is_known_by_text() {
    assert_eq!(supports_resources("s3:GetObject"), Some(true));
    assert_eq!(supports_resources("S3:getobject"), Some(true));
    assert_eq!(supports_resources("ecr:GetAuthorizationToken"), Some(false));
    assert_eq!(supports_resources("s3:Get*"), Some(true));
    assert_eq!(supports_resources("xray:Put*"), Some(false));
    assert_eq!(supports_resources("s3:GetObjekt"), None);
    assert_eq!(supports_resources("s3:Zap*"), None);
    assert_eq!(supports_resources("madeup:GetObject"), None);
    assert_eq!(supports_resources("nothing"), None);
}

#[test]
fn condition_keys_are_known_by_service() {
    assert_eq!(condition_key("kms:ViaService"), Some(true));
    assert_eq!(condition_key("kms:EncryptionContext:aws:logs:arn"), Some(true));
    assert_eq!(condition_key("s3:ExistingObjectTag/team"), Some(true));
    assert_eq!(condition_key("kms:ViaServce"), Some(false));
    assert_eq!(condition_key("madeup:Key"), None);
}

#[test]
fn a_document_as_text_keeps_its_intrinsics_as_substitutions() {
    let statement = Statement::allow([actions::logs::PUT_LOG_EVENTS])
        .to(Principal::service("es.amazonaws.com"))
        .on([arn::regional("logs", "log-group:/app/*")])
        .when(Condition::source_account());
    let value = Policy::new([statement]).into_text().into_json();
    let text = value["Fn::Sub"].as_str().expect("one substitution");
    let document: serde_json::Value = serde_json::from_str(text).expect("the text is JSON");
    let resource = &document["Statement"][0]["Resource"][0];
    assert_eq!(resource, "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/app/*");
    assert!(text.contains("\"aws:SourceAccount\":\"${AWS::AccountId}\""), "{text}");
}
