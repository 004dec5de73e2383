//! Keys, access logs, alarms.

use serde_json::json;

use super::{app, config, of_type, template, valid, valid_named};

#[test]
fn keys_turn_and_follow_the_removal_policy() {
    for (policy, expected) in [("destroy", "Delete"), ("retain", "Retain")] {
        let template = template(&config(&format!("removalPolicy: {policy}")), "core");
        for id in ["DataKey", "LogKey", "AccessLogBucket"] {
            let resource = &template["Resources"][id];
            assert_eq!(resource["DeletionPolicy"], expected, "{id}");
            assert_eq!(resource["UpdateReplacePolicy"], expected, "{id}");
        }
        for (id, properties) in of_type(&template, "AWS::KMS::Key") {
            assert_eq!(properties["EnableKeyRotation"], true, "{id}");
        }
    }
}

#[test]
fn every_encrypted_log_group_is_one_that_the_log_key_serves() {
    for (name, config) in valid() {
        let app = app(&config);
        let prefix = format!("/{}/{}/{}/", config.app_name, config.deployment_name, config.deployment_stage);
        for stack in &app.stacks {
            let template = stack.template.to_json();
            for (id, properties) in of_type(&template, "AWS::Logs::LogGroup") {
                let group = properties["LogGroupName"].as_str().expect("log groups are named");
                assert!(group.starts_with(&prefix), "{name}: {}/{id} is named {group}", stack.name);
            }
        }
    }
}

#[test]
fn the_log_key_serves_this_deployments_groups_alone() {
    let template = template(&config(""), "core");
    let statements = &template["Resources"]["LogKey"]["Properties"]["KeyPolicy"]["Statement"];
    let logs = &statements[1];
    let service = logs["Principal"]["Service"]["Fn::Sub"].as_str().expect("a regional principal");
    assert!(service.starts_with("logs.${AWS::Region}."), "{service}");
    let group = &logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"];
    let expected = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/lisa/demo/prod/*";
    assert_eq!(group, &json!({ "Fn::Sub": expected }));
}

#[test]
fn access_logs_are_taken_from_the_two_services_that_write_them_and_over_tls_alone() {
    let template = template(&config(""), "core");
    let policy = &template["Resources"]["AccessLogBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"];
    let principals: Vec<_> =
        policy.as_array().expect("statements").iter().map(|one| &one["Principal"]).collect();
    assert_eq!(
        principals,
        [
            &json!("*"),
            &json!({ "Service": "logdelivery.elasticloadbalancing.amazonaws.com" }),
            &json!({ "Service": "logging.s3.amazonaws.com" }),
        ]
    );
    assert_eq!(policy[0]["Effect"], "Deny");
    let encryption = &template["Resources"]["AccessLogBucket"]["Properties"]["BucketEncryption"];
    let default = &encryption["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"];
    assert_eq!(default, &json!({ "SSEAlgorithm": "AES256" }));
}

#[test]
fn an_isolated_regions_own_account_may_deliver_load_balancer_logs() {
    let config = valid_named("isolated.yaml");
    let template = template(&config, "core");
    let policy = &template["Resources"]["AccessLogBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"];
    assert_eq!(
        policy[1]["Principal"]["AWS"],
        json!({ "Fn::Sub": "arn:${AWS::Partition}:iam::770363063475:root" })
    );
}

#[test]
fn alarms_reach_the_configured_address() {
    let topic = |more: &str| template(&config(more), "core")["Resources"]["AlarmTopic"]["Properties"].clone();
    let subscription = &topic("alarmEmail: ops@example.com")["Subscription"];
    assert_eq!(subscription, &json!([{ "Endpoint": "ops@example.com", "Protocol": "email" }]));
    assert_eq!(topic("").get("Subscription"), None);
    assert!(topic("").get("KmsMasterKeyId").is_some());
}

#[test]
fn hardened_has_a_key_for_each_class_of_data() {
    let key_of = |more: &str, stack: &str, id: &str, property: &str| {
        template(&config(more), stack)["Resources"][id]["Properties"][property].clone()
    };
    let hardened = "securityProfile: hardened";
    assert_eq!(key_of(hardened, "serve", "ManagementKey", "KmsKeyId"), json!({ "Ref": "SecretKeyArn" }));
    assert_eq!(key_of("", "serve", "ManagementKey", "KmsKeyId"), json!({ "Ref": "DataKeyArn" }));
    let message_key = json!({ "Fn::GetAtt": ["MessageKey", "Arn"] });
    assert_eq!(key_of(hardened, "core", "AlarmTopic", "KmsMasterKeyId"), message_key);
    assert_eq!(of_type(&template(&config(hardened), "core"), "AWS::KMS::Key").len(), 4);
}
