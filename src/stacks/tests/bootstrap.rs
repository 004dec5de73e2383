//! What the deployments of an account and region share.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{config, of_type, valid};
use crate::bootstrap;

fn made(more: &str, there: &[&str]) -> Option<Json> {
    let there: BTreeSet<String> = there.iter().map(ToString::to_string).collect();
    let stack = bootstrap::stack(&config(more), &there).unwrap_or_else(|errors| panic!("{errors}"));
    stack.map(|stack| stack.template.to_json())
}

fn ids(template: &Json) -> Vec<&str> {
    template["Resources"].as_object().expect("resources").keys().map(String::as_str).collect()
}

#[test]
fn deployments_of_an_account_and_region_make_the_same_stack() {
    let one = made("deploymentStage: test\nremovalPolicy: retain\nsecurityProfile: hardened", &[]);
    assert_eq!(one, made("deploymentStage: prod\nsecurityProfile: dev\ndeployRag: true", &[]));
}

#[test]
fn nothing_goes_with_the_stack_but_a_creation_that_fails_leaves_nothing() {
    let template = made("", &[]).expect("a stack");
    for (id, resource) in template["Resources"].as_object().expect("resources") {
        if resource["Type"] != "AWS::S3::BucketPolicy" {
            assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{id}");
            assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{id}");
        }
    }
}

#[test]
fn what_exists_is_not_made() {
    let template = made("assetBucket: ours", &[]).expect("a stack");
    assert_eq!(ids(&template), ["AssetKey", "OtherImages", "ServeImages", "WeightsImages"]);
    let template = made("imageRepositoryPrefix: team/lisa", &["AccessLogBucket"]).expect("a stack");
    assert_eq!(ids(&template), ["AssetBucket", "AssetBucketPolicy", "AssetKey"]);
    assert_eq!(made("assetBucket: ours\nimageRepositoryPrefix: team/lisa", &[]), None);
}

#[test]
fn names_are_those_that_the_other_stacks_use() {
    for (name, config) in valid() {
        let Some(stack) = bootstrap::stack(&config, &BTreeSet::new()).expect("a valid stack") else {
            continue;
        };
        let template = stack.template.to_json();
        assert!(template.to_string().len() <= 51_200, "{name}: the template must fit into a request");
        assert!(stack.depends_on.is_empty() && stack.parameters.is_empty(), "{name}");
        for (logical_id, named) in bootstrap::named(&config) {
            let (kind, property, expected) = match named {
                bootstrap::Named::Bucket(name) => ("AWS::S3::Bucket", "BucketName", name),
                bootstrap::Named::Repository(name) => ("AWS::ECR::Repository", "RepositoryName", name),
            };
            let all = of_type(&template, kind);
            let one = all.iter().find(|(id, _)| *id == logical_id);
            assert_eq!(one.expect("it is there").1[property], expected.as_str(), "{name}: {logical_id}");
        }
    }
}
