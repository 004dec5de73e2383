//! Mutants of IAM-01 to IAM-11.

use serde_json::json;

use super::{Mutant, parameter};

const STATEMENT: &str = "api/FunctionRole/Properties/Policies/0/PolicyDocument/Statement/0";
const PASS: &str = "api/FunctionRole/Properties/Policies/0/PolicyDocument/Statement/1";

pub(super) const MUTANTS: &[Mutant] = &[
    ("IAM-01-any-action", "every action", |stacks| {
        stacks.set(&format!("{STATEMENT}/Action"), json!("*"));
        stacks.set(&format!("{STATEMENT}/Effect"), json!("Allow"));
    }),
    ("IAM-01-any-action", "every action in one branch", |stacks| {
        stacks.set(&format!("{STATEMENT}/Action"), json!({"Fn::If": ["C", ["dynamodb:GetItem"], "*"]}));
    }),
    ("IAM-01-any-action", "an action that a parameter names", |stacks| {
        let any = parameter(stacks, "api");
        stacks.set(&format!("{STATEMENT}/Action"), any);
    }),
    ("IAM-01-any-action", "all but a few", |stacks| {
        stacks.remove(&format!("{STATEMENT}/Action"));
        stacks.set(&format!("{STATEMENT}/NotAction"), json!("iam:CreateUser"));
    }),
    ("IAM-01-any-action", "no action at all", |stacks| {
        stacks.remove(&format!("{STATEMENT}/Action"));
    }),
    ("IAM-01-any-action", "a whole statement that a parameter gives", |stacks| {
        let any = parameter(stacks, "api");
        stacks.set(STATEMENT, any);
    }),
    ("IAM-01-any-action", "in a managed policy", |stacks| {
        let statement =
            json!({"Effect": "Allow", "Action": "*:*", "Resource": "arn:${AWS::Partition}:s3:::b"});
        stacks.set(
            "api/Managed",
            json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [statement]}}}),
        );
    }),
    ("IAM-02-wildcard", "a whole service", |stacks| {
        stacks.set(&format!("{STATEMENT}/Action"), json!("dynamodb:*"));
    }),
    ("IAM-02-wildcard", "the start of a name, in one branch", |stacks| {
        stacks.set(
            &format!("{STATEMENT}/Action"),
            json!([{"Fn::If": ["C", "dynamodb:Get*", "dynamodb:GetItem"]}]),
        );
    }),
    ("IAM-02-wildcard", "in a resource's policy", |stacks| {
        let statement =
            json!({"Effect": "Allow", "Principal": {"AWS": "x"}, "Action": "s3:*", "Resource": "x"});
        stacks.set("core/DataBucketPolicy/Properties/PolicyDocument/Statement/1", statement);
    }),
    ("IAM-03-any-resource", "every resource", |stacks| {
        stacks.set(&format!("{STATEMENT}/Resource"), json!("*"));
    }),
    ("IAM-03-any-resource", "every resource in one branch", |stacks| {
        stacks.set(
            &format!("{STATEMENT}/Resource"),
            json!({"Fn::If": ["C", "arn:${AWS::Partition}:x:r:a:y", "*"]}),
        );
    }),
    ("IAM-03-any-resource", "every bucket", |stacks| {
        stacks.set(&format!("{STATEMENT}/Resource"), json!({"Fn::Sub": "arn:${AWS::Partition}:s3:::*"}));
    }),
    ("IAM-03-any-resource", "a resource that a parameter names", |stacks| {
        let any = parameter(stacks, "api");
        stacks.set(&format!("{STATEMENT}/Resource"), json!([any]));
    }),
    ("IAM-03-any-resource", "all but a few", |stacks| {
        stacks.remove(&format!("{STATEMENT}/Resource"));
        stacks.set(&format!("{STATEMENT}/NotResource"), json!("arn:${AWS::Partition}:s3:::b"));
    }),
    ("IAM-04-source", "a role that a service may assume for anybody", |stacks| {
        stacks.remove("serve/TaskRole/Properties/AssumeRolePolicyDocument/Statement/0/Condition");
    }),
    ("IAM-04-source", "a condition in one branch only", |stacks| {
        let path = "serve/TaskRole/Properties/AssumeRolePolicyDocument/Statement/0/Condition";
        let good = stacks.get(path);
        stacks.set(path, super::sometimes(&good));
    }),
    ("IAM-04-source", "a topic that a service may use for anybody", |stacks| {
        stacks.remove("core/TopicPolicy/Properties/PolicyDocument/Statement/0/Condition");
    }),
    ("IAM-04-source", "a function that a service may call for anybody", |stacks| {
        stacks.remove("api/Permission/Properties/SourceArn");
    }),
    ("IAM-04-source", "a function's source in one branch only", |stacks| {
        let good = stacks.get("api/Permission/Properties/SourceArn");
        stacks.set("api/Permission/Properties/SourceArn", super::sometimes(&good));
    }),
    ("IAM-04-source", "access logs under any account's path", |stacks| {
        let statement = json!({
            "Effect": "Allow", "Action": "s3:PutObject",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Resource": {"Fn::Sub": "${LogsBucket.Arn}/AWSLogs/*"},
        });
        stacks.set("core/LogsBucketPolicy/Properties/PolicyDocument/Statement/1", statement);
    }),
    ("IAM-04-anyone", "a topic for everybody", |stacks| {
        let statement =
            json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish", "Resource": "x"});
        stacks.set("core/TopicPolicy/Properties/PolicyDocument/Statement/2", statement);
    }),
    ("IAM-04-anyone", "a role for everybody in one branch", |stacks| {
        let path = "api/FunctionRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal";
        stacks.set(path, json!({"AWS": {"Fn::If": ["C", "*", "x"]}}));
    }),
    ("IAM-05-boundary", "no boundary", |stacks| {
        stacks.remove("api/FunctionRole/Properties/PermissionsBoundary");
    }),
    ("IAM-06-shared", "one role for a task and a function", |stacks| {
        stacks.set("serve/TaskRole2", json!(null));
        let role = stacks.get("serve/TaskRole");
        stacks.set("serve/TaskRole2", role);
        let second = stacks.get("serve/Task");
        stacks.set("serve/Second", second);
    }),
    ("IAM-07-same", "one role for both", |stacks| {
        stacks.set("serve/Task/Properties/TaskRoleArn", json!({"Fn::Sub": "${ExecutionRole.Arn}"}));
    }),
    ("IAM-07-same", "one role for both in one branch", |stacks| {
        let own = json!({"Fn::GetAtt": ["TaskRole", "Arn"]});
        let path = "serve/Task/Properties/TaskRoleArn";
        stacks.set(path, json!({"Fn::If": ["C", {"Fn::GetAtt": "ExecutionRole.Arn"}, own]}));
    }),
    ("IAM-08-users", "a user", |stacks| {
        stacks.set("core/Somebody", json!({"Type": "AWS::IAM::User"}));
    }),
    ("IAM-08-users", "an access key", |stacks| {
        stacks
            .set("core/Key", json!({"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": "somebody"}}));
    }),
    ("IAM-09-pass-role", "to any service", |stacks| {
        stacks.remove(&format!("{PASS}/Condition"));
    }),
    ("IAM-09-pass-role", "to any service, by a wildcard", |stacks| {
        stacks.set(&format!("{PASS}/Condition"), json!({"StringLike": {"iam:PassedToService": "*"}}));
    }),
    ("IAM-09-pass-role", "any role", |stacks| {
        stacks.set(
            &format!("{PASS}/Resource"),
            json!({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"}),
        );
    }),
    ("IAM-10-full-access", "a policy with full access", |stacks| {
        let arn = json!({"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AmazonS3FullAccess"});
        stacks.set("api/FunctionRole/Properties/ManagedPolicyArns", json!([arn]));
    }),
    ("IAM-10-full-access", "the administrator in one branch", |stacks| {
        let arn = json!({"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"});
        stacks.set("api/FunctionRole/Properties/ManagedPolicyArns", json!([super::sometimes(&arn)]));
    }),
    ("IAM-10-full-access", "a policy that a parameter names", |stacks| {
        let any = parameter(stacks, "api");
        stacks.set("api/FunctionRole/Properties/ManagedPolicyArns", json!([any]));
    }),
    ("IAM-11-partition", "an ARN of one partition", |stacks| {
        stacks.set(&format!("{STATEMENT}/Resource"), json!("arn:aws:dynamodb:r:a:table/t"));
    }),
    ("IAM-11-partition", "an ARN of one partition within a text", |stacks| {
        stacks.set(
            "api/Function/Properties/Environment/Variables/TOPIC",
            json!({"Fn::Sub": "x=arn:aws-us-gov:sns:${AWS::Region}:t"}),
        );
    }),
    ("IAM-11-principal", "a principal of one partition", |stacks| {
        let path = "api/FunctionRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal/Service";
        stacks.set(path, json!("lambda.amazonaws.com.cn"));
    }),
    ("IAM-11-principal", "a principal that is composed of the suffix", |stacks| {
        let path = "api/FunctionRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal/Service";
        stacks.set(path, json!({"Fn::Sub": "lambda.${AWS::URLSuffix}"}));
    }),
];
