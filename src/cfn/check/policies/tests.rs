//! Each rule on policy documents, with a document that breaks it and one beside it that does not.
#![expect(clippy::needless_pass_by_value, reason = "a test hands over `json!(..)` as it stands")]

use serde_json::{Value as JsonValue, json};

use super::check;
use crate::Violation;
use crate::iam::actions::{cloudwatch, dynamodb, ec2, s3, sqs, xray};
use crate::iam::{
    self, Action, Condition, DocumentKind, KeyGrant, Policy, Principal, Statement, arn, key_policy,
};

const TABLE: &str = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/T";

/// What is found in a role's policy of this one statement: rule and finding.
fn identity(statement: JsonValue) -> Vec<(&'static str, String)> {
    found(DocumentKind::Identity, statement)
}

fn found(kind: DocumentKind, statement: JsonValue) -> Vec<(&'static str, String)> {
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    brief(super::document(kind, &document))
}

fn brief(violations: Vec<Violation>) -> Vec<(&'static str, String)> {
    violations.into_iter().map(|violation| (violation.rule, violation.found)).collect()
}

fn one(rule: &'static str, found: &str) -> Vec<(&'static str, String)> {
    vec![(rule, found.to_owned())]
}

fn allow(action: &str, resource: JsonValue) -> JsonValue {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

/// A template with one resource beside a bucket, a table, a log group and a topic that it may refer to.
fn template(resource_type: &str, properties: JsonValue) -> Vec<Violation> {
    check(&json!({ "Resources": {
        "Bucket": { "Type": "AWS::S3::Bucket" },
        "Table": { "Type": "AWS::DynamoDB::Table" },
        "Logs": { "Type": "AWS::Logs::LogGroup" },
        "Topic": { "Type": "AWS::SNS::Topic" },
        "Subject": { "Type": resource_type, "Properties": properties },
    }}))
}

fn in_role(statement: JsonValue) -> Vec<Violation> {
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    template("AWS::IAM::Role", json!({ "Policies": [{ "PolicyName": "p", "PolicyDocument": document }] }))
}

#[test]
fn an_action_is_named() {
    assert_eq!(identity(allow("*", json!("arn:aws:s3:::b/*"))), one("policy action", "*"));
    assert_eq!(identity(allow("s3:*", json!("arn:aws:s3:::b/*"))), one("policy action", "s3:*"));
    assert_eq!(identity(allow("s3:Get*", json!("arn:aws:s3:::b/*"))), []);
    let deny = json!({ "Effect": "Deny", "Action": ["*"], "Resource": "*" });
    assert_eq!(identity(deny), []);
}

#[test]
fn an_action_exists() {
    assert_eq!(
        identity(allow("s3:GetObjekt", json!("arn:aws:s3:::b/*"))),
        one("policy action", "s3:GetObjekt")
    );
    assert_eq!(identity(allow("s3:Zap*", json!("arn:aws:s3:::b/*"))), one("policy action", "s3:Zap*"));
    assert_eq!(identity(allow("madeup:Get", json!("*"))), one("policy action", "madeup:Get"));
    assert_eq!(identity(allow("S3:getobject", json!("arn:aws:s3:::b/*"))), []);
}

#[test]
fn nothing_is_allowed_by_exception() {
    let but = json!({ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" });
    assert_eq!(identity(but), one("policy action", "NotAction"));
    let but =
        json!({ "Effect": "Allow", "NotPrincipal": { "AWS": "123456789012" }, "Action": "sts:AssumeRole" });
    assert_eq!(found(DocumentKind::Trust, but), one("policy principal", "NotPrincipal"));
}

#[test]
fn a_star_is_for_actions_that_take_no_resource() {
    assert_eq!(identity(allow("dynamodb:GetItem", json!("*"))), one("policy resource", "*"));
    assert_eq!(identity(allow("ecs:Describe*", json!(["*"]))), one("policy resource", "*"));
    assert_eq!(identity(allow("ec2:DescribeInstances", json!("*"))), []);
    assert_eq!(identity(allow("dynamodb:GetItem", json!({ "Fn::Sub": TABLE }))), []);
    let mixed = Policy::new([Statement::allow([xray::PUT_TRACE_SEGMENTS, dynamodb::GET_ITEM]).on_all()]);
    assert_eq!(brief(mixed.check(DocumentKind::Identity)), one("policy resource", "*"));
    let deny = json!({ "Effect": "Deny", "Action": "dynamodb:GetItem", "Resource": "*" });
    assert_eq!(identity(deny), []);
}

#[test]
fn actions_without_resources_need_a_star() {
    assert_eq!(
        identity(allow(
            "ecr:GetAuthorizationToken",
            json!("arn:aws:ecr:us-east-1:123456789012:repository/r")
        )),
        one("policy resource", "arn:aws:ecr:us-east-1:123456789012:repository/r")
    );
}

#[test]
fn a_resource_is_an_arn() {
    assert_eq!(identity(allow("s3:GetObject", json!("models/*"))), one("policy resource", "models/*"));
    let short = json!({ "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*" });
    assert_eq!(found(DocumentKind::Resource, short), []);
}

#[test]
fn an_action_can_touch_what_is_listed() {
    let cases = [
        ("s3:GetObject", "arn:aws:s3:::b", false),
        ("s3:GetObject", "arn:aws:s3:::b/*", true),
        ("s3:GetObject", "arn:aws:s3:::*", true),
        ("s3:ListBucket", "arn:aws:s3:::b/*", false),
        ("s3:ListBucket", "arn:aws:s3:::b", true),
        ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:123456789012:table/T/index/*", false),
        ("dynamodb:Query", "arn:aws:dynamodb:us-east-1:123456789012:table/T/index/*", true),
        ("logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/app", false),
        ("logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/app:*", true),
        ("sqs:SendMessage", "arn:aws:sns:us-east-1:123456789012:queue", false),
        ("sqs:SendMessage", "arn:aws:sqs:*:123456789012:queue-?", true),
        ("states:StartExecution", "arn:aws:states:us-east-1:123456789012:execution:m:*", false),
        ("ssm:GetParameter", "arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter/dev/app/*", true),
        ("ssm:GetParameter", "arn:aws:ssm:us-east-1::parameter/aws/service/ecs/*", true),
    ];
    for (action, resource, fits) in cases {
        let expected = if fits { Vec::new() } else { one("policy resource", resource) };
        assert_eq!(identity(allow(action, json!(resource))), expected, "{action} on {resource}");
        let deny = json!({ "Effect": "Deny", "Action": action, "Resource": resource });
        assert_eq!(identity(deny).is_empty(), fits, "a denial that denies nothing: {action} on {resource}");
    }
}

#[test]
fn one_of_several_resources_is_enough() {
    let both = json!({
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
    });
    assert_eq!(identity(both), []);
}

#[test]
fn references_tell_what_they_yield() {
    let att = |id: &str| json!({ "Fn::GetAtt": [id, "Arn"] });
    let rules = |action: &str, resource: JsonValue| in_role(allow(action, resource)).len();
    assert_eq!(rules("s3:GetObject", att("Bucket")), 1);
    assert_eq!(rules("s3:ListBucket", att("Bucket")), 0);
    assert_eq!(rules("s3:GetObject", json!({ "Fn::Sub": "${Bucket.Arn}/*" })), 0);
    assert_eq!(rules("s3:GetObject", json!({ "Fn::Join": ["", [att("Bucket"), "/*"]] })), 0);
    assert_eq!(rules("s3:ListBucket", json!({ "Fn::Join": ["/", [att("Bucket"), "*"]] })), 1);
    assert_eq!(rules("s3:GetObject", json!({ "Fn::Sub": "arn:${AWS::Partition}:s3:::${Bucket}" })), 1);
    assert_eq!(rules("s3:GetObject", json!({ "Fn::Sub": ["${B}/*", { "B": att("Bucket") }] })), 0);
    assert_eq!(rules("dynamodb:GetItem", att("Table")), 0);
    assert_eq!(rules("dynamodb:GetItem", att("Bucket")), 1);
    assert_eq!(rules("logs:PutLogEvents", att("Logs")), 0);
    assert_eq!(rules("sns:Publish", json!({ "Ref": "Topic" })), 0);
    assert_eq!(rules("sqs:SendMessage", json!({ "Ref": "Topic" })), 1);
    // What a parameter holds is known at deployment alone.
    assert_eq!(rules("sqs:SendMessage", json!({ "Ref": "SomeParameter" })), 0);
    assert_eq!(rules("s3:GetObject", json!({ "Fn::ImportValue": "x" })), 0);
}

#[test]
fn violations_name_their_place() {
    let violations = in_role(allow("s3:GetObject", json!({ "Fn::GetAtt": ["Bucket", "Arn"] })));
    assert_eq!(violations[0].logical_id, "Subject");
    assert_eq!(violations[0].property, "Policies/0/PolicyDocument/Statement/0/Resource");
    assert!(violations[0].expected.contains("`s3:GetObject` takes"), "{}", violations[0]);
}

#[test]
fn every_branch_is_read() {
    let star = allow("dynamodb:GetItem", json!("*"));
    let fine = allow("dynamodb:GetItem", json!({ "Fn::Sub": TABLE }));
    let branches = json!({ "Fn::If": ["C", fine, star] });
    assert_eq!(in_role(branches).len(), 1);
    assert_eq!(in_role(json!({ "Fn::If": ["C", fine, { "Ref": "AWS::NoValue" }] })), []);
    let resource = json!([{ "Fn::If": ["C", { "Fn::Sub": TABLE }, "*"] }]);
    assert_eq!(in_role(allow("dynamodb:GetItem", resource)).len(), 1);
}

#[test]
fn documents_are_found_wherever_they_stand() {
    let document = |statement: JsonValue| json!({ "Version": "2012-10-17", "Statement": statement });
    let star = json!({ "Effect": "Allow", "Principal": { "AWS": "123456789012" }, "Action": "*", "Resource": "arn:aws:s3:::b" });
    let bad = document(star);
    for (resource_type, properties) in [
        ("AWS::IAM::ManagedPolicy", json!({ "PolicyDocument": document(allow("*", json!("*"))) })),
        ("AWS::IAM::Policy", json!({ "PolicyDocument": document(allow("*", json!("*"))) })),
        ("AWS::S3::BucketPolicy", json!({ "PolicyDocument": bad })),
        ("AWS::SQS::QueuePolicy", json!({ "PolicyDocument": bad })),
        ("AWS::SNS::TopicPolicy", json!({ "PolicyDocument": bad })),
        ("AWS::KMS::Key", json!({ "KeyPolicy": bad })),
        ("AWS::SecretsManager::ResourcePolicy", json!({ "ResourcePolicy": bad })),
        ("AWS::ECR::Repository", json!({ "RepositoryPolicyText": bad })),
        ("AWS::EC2::VPCEndpoint", json!({ "PolicyDocument": bad })),
        ("AWS::OpenSearchService::Domain", json!({ "AccessPolicies": bad })),
        ("AWS::ApiGateway::RestApi", json!({ "Policy": bad })),
        ("AWS::DynamoDB::Table", json!({ "ResourcePolicy": { "PolicyDocument": bad } })),
    ] {
        let rules: Vec<&str> = template(resource_type, properties).iter().map(|found| found.rule).collect();
        assert!(rules.contains(&"policy action"), "{resource_type}: {rules:?}");
    }
}

#[test]
fn statements_of_other_languages_are_left_alone() {
    let firewall = json!({ "Rules": [{ "Name": "r", "Statement": { "GeoMatchStatement": {} } }] });
    assert_eq!(template("AWS::WAFv2::WebACL", firewall), []);
    let protection =
        json!({ "DataProtectionPolicy": { "Version": "2021-06-01", "Statement": [{ "Operation": {} }] } });
    assert_eq!(template("AWS::Logs::LogGroup", protection), []);
}

#[test]
fn elements_fit_the_place_of_the_document() {
    let with_principal =
        json!({ "Effect": "Allow", "Principal": "*", "Action": "ec2:DescribeInstances", "Resource": "*" });
    assert!(identity(with_principal).contains(&("policy of a role", "Principal".to_owned())));
    let without_resource = json!({ "Effect": "Allow", "Action": "ec2:DescribeInstances" });
    assert_eq!(identity(without_resource), one("policy statement", "none"));
    let without_action = json!({ "Effect": "Allow", "Resource": "*" });
    assert_eq!(identity(without_action), one("policy statement", "none"));
    let trust = json!({ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole", "Resource": "*" });
    assert_eq!(found(DocumentKind::Trust, trust), one("trust of a role", "Resource"));
    let without_principal = json!({ "Effect": "Allow", "Action": "sts:AssumeRole" });
    assert_eq!(found(DocumentKind::Trust, without_principal), one("policy statement", "none"));
}

#[test]
fn elements_effects_versions_and_names_are_spelled_right() {
    let element =
        json!({ "Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*", "Conditions": {} });
    assert_eq!(identity(element), one("policy element", "Conditions"));
    let effect = json!({ "Effect": "allow", "Action": "ec2:DescribeInstances", "Resource": "*" });
    assert_eq!(identity(effect), one("policy effect", "allow"));
    let sid =
        json!({ "Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*", "Sid": "read-all" });
    assert_eq!(identity(sid), one("policy statement's name", "read-all"));
    let old = json!({ "Version": "2008-10-17", "Statement": [allow("ec2:DescribeInstances", json!("*"))] });
    assert_eq!(brief(super::document(DocumentKind::Identity, &old)), one("policy version", "2008-10-17"));
    assert_eq!(identity(json!("text")), one("policy statement", "\"text\""));
}

#[test]
fn a_document_says_something_and_names_each_statement_once() {
    assert_eq!(brief(Policy::default().check(DocumentKind::Identity)), one("policy statements", "none"));
    let twice = || Statement::allow([ec2::DESCRIBE_INSTANCES]).on_all().sid("Read");
    let policy = Policy::new([twice(), twice()]);
    assert_eq!(brief(policy.check(DocumentKind::Identity)), one("policy statement's name", "Read"));
}

#[test]
fn services_have_the_name_of_every_partition() {
    let trust = |service: JsonValue| {
        let statement =
            json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" });
        found(DocumentKind::Trust, statement).len()
    };
    assert_eq!(trust(json!("lambda.amazonaws.com")), 0);
    assert_eq!(trust(json!(["lambda.amazonaws.com", "states.amazonaws.com"])), 0);
    assert_eq!(trust(json!({ "Fn::Sub": "logs.${AWS::Region}.amazonaws.com" })), 0);
    assert_eq!(trust(json!({ "Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}" })), 0);
    assert_eq!(trust(json!("ec2.amazonaws.com.cn")), 1);
    assert_eq!(trust(json!("ec2.c2s.ic.gov")), 1);
    assert_eq!(trust(json!({ "Fn::Sub": "ec2.${AWS::URLSuffix}" })), 1);
    assert_eq!(trust(json!({ "Fn::Join": [".", ["ec2", { "Ref": "AWS::URLSuffix" }]] })), 1);
}

#[test]
fn the_world_is_allowed_nothing_without_a_condition() {
    let queue = || Statement::allow([sqs::SEND_MESSAGE]).on([arn::regional("sqs", "q")]).to(Principal::any());
    let open = Policy::new([queue()]);
    assert_eq!(brief(open.check(DocumentKind::Resource)), one("policy principal", "*"));
    let narrowed = Policy::new([queue().when(Condition::source_account())]);
    assert_eq!(narrowed.check(DocumentKind::Resource), []);
    let spelled = json!({ "Effect": "Allow", "Principal": { "AWS": ["*"] }, "Action": "sts:AssumeRole" });
    assert_eq!(found(DocumentKind::Trust, spelled), one("policy principal", "*"));
}

#[test]
fn conditions_have_operators_keys_and_values_that_exist() {
    let when = |condition: JsonValue| {
        let mut statement = allow("cloudwatch:PutMetricData", json!("*"));
        statement["Condition"] = condition;
        identity(statement)
    };
    assert_eq!(when(json!({ "StringEquals": { "cloudwatch:namespace": "LISA" } })), []);
    assert_eq!(when(json!({ "StringEqualsIfExists": { "aws:ResourceTag/app": "LISA" } })), []);
    assert_eq!(
        when(json!({ "StringEqual": { "cloudwatch:namespace": "LISA" } })),
        one("policy condition", "StringEqual")
    );
    assert_eq!(
        when(json!({ "StringEquals": { "aws:SourceAcount": "123456789012" } })),
        one("policy condition", "aws:SourceAcount")
    );
    assert_eq!(
        when(json!({ "StringEquals": { "cloudwatch:namespaces": "LISA" } })),
        one("policy condition", "cloudwatch:namespaces")
    );
    assert_eq!(when(json!({ "Bool": { "aws:SecureTransport": "yes" } })), one("policy condition", "\"yes\""));
    assert_eq!(when(json!({ "Bool": { "aws:SecureTransport": false } })), []);
}

#[test]
fn every_key_with_a_constant_is_known() {
    use crate::iam::keys;
    for key in [
        keys::SOURCE_ACCOUNT,
        keys::SOURCE_ARN,
        keys::SECURE_TRANSPORT,
        keys::SOURCE_VPC,
        keys::SOURCE_VPCE,
        keys::PRINCIPAL_ARN,
        keys::PRINCIPAL_ACCOUNT,
        keys::PRINCIPAL_IS_AWS_SERVICE,
        keys::RESOURCE_ACCOUNT,
        keys::REQUESTED_REGION,
        keys::TAG_KEYS,
        keys::PASSED_TO_SERVICE,
        keys::KMS_VIA_SERVICE,
        keys::KMS_CALLER_ACCOUNT,
        keys::KMS_GRANT_IS_FOR_AWS_RESOURCE,
        keys::ECS_CLUSTER,
        keys::CLOUDWATCH_NAMESPACE,
    ] {
        let statement =
            Statement::allow([cloudwatch::PUT_METRIC_DATA]).on_all().when(Condition::string_equals(key, "x"));
        assert_eq!(Policy::new([statement]).check(DocumentKind::Identity), [], "{key}");
    }
}

#[test]
fn a_key_s_own_policy_may_say_star_and_a_bucket_s_may_not() {
    assert_eq!(key_policy([KeyGrant::logs("/app")]).check(DocumentKind::Attached), []);
    let bucket = Policy::new([Statement::allow([s3::GET_OBJECT]).on_all().to(Principal::account_root())]);
    assert_eq!(brief(bucket.check(DocumentKind::Resource)), one("policy resource", "*"));
}

#[test]
fn an_endpoint_passes_everything_only_under_a_condition() {
    let wide = || Statement::allow([Action::all_of("s3")]).on_all().to(Principal::any());
    assert_eq!(brief(Policy::new([wide()]).check(DocumentKind::Endpoint)), one("policy action", "s3:*"));
    let own =
        wide().when(Condition::string_equals(iam::keys::PRINCIPAL_ACCOUNT, crate::pseudo::account_id()));
    assert_eq!(Policy::new([own]).check(DocumentKind::Endpoint), []);
}
