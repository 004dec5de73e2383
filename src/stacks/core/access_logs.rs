//! The bucket that takes the access logs of load balancers and of the other buckets.

use lisa_cfn::Value;
use lisa_cfn::aws::s3::bucket::{
    AbortIncompleteMultipartUpload, LifecycleConfiguration, NoncurrentVersionExpiration, Rule,
    RuleStatusValue, ServerSideEncryptionByDefault, SseAlgorithm,
};
use lisa_cfn::iam::{Condition, Principal, Statement, actions, arn};
use lisa_config::section::environment::SecurityProfile;
use lisa_names::partition::endpoint::{LogDelivery, load_balancer_log_delivery};

use crate::builder::StackBuilder;
use crate::parts::{Access, closed_bucket, encrypted_bucket, protect_bucket};
use crate::shared::Shared;

/// Where the bucket's writers put their logs: load balancers below `alb/`, buckets below `s3/`.
const LOAD_BALANCERS: &str = "alb/*/AWSLogs/${AWS::AccountId}/*";

/// Adds the bucket. It is encrypted by S3's own keys: load balancers cannot deliver to a bucket with another key.
pub(super) fn bucket(stack: &mut StackBuilder<'_>) {
    let name = stack.naming().bucket("access-logs");
    let days = if stack.at_least(SecurityProfile::Hardened) { 365 } else { 90 };
    let rule = Rule::new(RuleStatusValue::ENABLED)
        .id("expire")
        .expiration_in_days(days)
        .abort_incomplete_multipart_upload(AbortIncompleteMultipartUpload::new(7))
        .noncurrent_version_expiration(NoncurrentVersionExpiration::new(7));
    let bucket = closed_bucket(&name)
        .bucket_encryption(encrypted_bucket(ServerSideEncryptionByDefault::new(SseAlgorithm::AES256)))
        .lifecycle_configuration(LifecycleConfiguration::new([rule]));
    let bucket = stack.add_stateful("AccessLogBucket", bucket);
    let access = Access(vec![load_balancer_logs(stack, &name), server_access_logs(&name)]);
    protect_bucket(stack, "AccessLogBucket", &bucket, access);
    stack.publish(Shared::AccessLogBucket, bucket.reference());
}

/// Load balancers write only below the account's own number, which is what limits the grant: their log delivery sends
/// no source account that a condition could ask for.
fn load_balancer_logs(stack: &StackBuilder<'_>, bucket: &str) -> Statement {
    let service = Principal::service("logdelivery.elasticloadbalancing.amazonaws.com");
    let statement = Statement::allow([actions::s3::PUT_OBJECT])
        .on([arn_of_objects(bucket, LOAD_BALANCERS)])
        .to(service)
        .sid("LoadBalancerLogs");
    match load_balancer_log_delivery(&stack.config().region) {
        // Isolated regions are not known to have moved from the accounts to the service.
        LogDelivery::Account(account) if stack.config().partition.is_isolated() => {
            statement.to(Principal::arn(Value::sub(format!("arn:${{AWS::Partition}}:iam::{account}:root"))))
        }
        LogDelivery::Account(_) | LogDelivery::Service(_) => statement,
    }
}

fn server_access_logs(bucket: &str) -> Statement {
    Statement::allow([actions::s3::PUT_OBJECT])
        .on([arn::s3_object(bucket, "s3/*")])
        .to(Principal::service("logging.s3.amazonaws.com"))
        .when(Condition::source_account())
        .sid("ServerAccessLogs")
}

fn arn_of_objects(bucket: &str, key: &str) -> Value<String> {
    Value::sub(format!("arn:${{AWS::Partition}}:s3:::{bucket}/{key}"))
}
