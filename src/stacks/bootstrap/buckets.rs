//! The bucket of templates and packages, and the bucket of its access logs.

use std::collections::BTreeSet;

use lisa_cfn::aws::kms;
use lisa_cfn::aws::s3;
use lisa_cfn::aws::s3::bucket::{
    AbortIncompleteMultipartUpload, LifecycleConfiguration, LoggingConfiguration,
    NoncurrentVersionExpiration, Rule, RuleStatusValue, ServerSideEncryptionByDefault, SseAlgorithm,
};
use lisa_cfn::iam::{Condition, Principal, Statement, actions, arn};
use lisa_cfn::{Handle, Name, Value};

use super::keep;
use crate::builder::StackBuilder;
use crate::naming::Naming;
use crate::parts::{Access, closed_bucket, encrypted_bucket, protect_bucket};

/// Where templates lie: CloudFormation has copies of those in use.
const TEMPLATES: &str = "templates/";

/// Days for which a template is kept; one that is deployed again later is stored again.
const TEMPLATE_DAYS: i64 = 30;

/// Days for which a replaced or deleted object is kept.
const OLD_DAYS: i64 = 30;

/// Days for which access logs are kept.
const LOG_DAYS: i64 = 90;

/// The name of the bucket of access logs.
pub(super) fn logs(naming: &Naming) -> String {
    naming.bootstrap_bucket("asset-logs")
}

/// Adds the buckets that are wanted.
pub(super) fn add(stack: &mut StackBuilder<'_>, key: &Handle<kms::Key>, wanted: &BTreeSet<&str>) {
    let made = wanted.contains("AccessLogBucket").then(|| log_bucket(stack));
    if wanted.contains("AssetBucket") {
        let logs = made.map_or_else(|| Value::from(logs(stack.naming())).as_name(), |logs| logs.reference());
        asset_bucket(stack, key, logs);
    }
}

fn asset_bucket(stack: &mut StackBuilder<'_>, key: &Handle<kms::Key>, logs: Value<Name<s3::Bucket>>) {
    let name = stack.naming().asset_bucket();
    let encryption = ServerSideEncryptionByDefault::new(SseAlgorithm::AWS_KMS).kms_master_key_id(key.arn());
    let templates = rule("templates", OLD_DAYS).prefix(TEMPLATES).expiration_in_days(TEMPLATE_DAYS);
    let bucket = closed_bucket(&name)
        .bucket_encryption(encrypted_bucket(encryption))
        .lifecycle_configuration(LifecycleConfiguration::new([rule("leftovers", OLD_DAYS), templates]))
        .logging_configuration(
            LoggingConfiguration::new().destination_bucket_name(logs).log_file_prefix("s3/"),
        );
    let bucket = keep(stack, "AssetBucket", bucket);
    protect_bucket(stack, "AssetBucket", &bucket, Access::default());
    stack.template.output("AssetBucket", "Bucket of templates and packages", bucket.reference());
}

/// Adds the bucket of access logs. It is encrypted by S3's own keys: log delivery cannot write to another.
fn log_bucket(stack: &mut StackBuilder<'_>) -> Handle<s3::Bucket> {
    let name = logs(stack.naming());
    let expire = rule("expire", 7).expiration_in_days(LOG_DAYS);
    let bucket = closed_bucket(&name)
        .bucket_encryption(encrypted_bucket(ServerSideEncryptionByDefault::new(SseAlgorithm::AES256)))
        .lifecycle_configuration(LifecycleConfiguration::new([expire]));
    let bucket = keep(stack, "AccessLogBucket", bucket);
    let delivery = Statement::allow([actions::s3::PUT_OBJECT])
        .on([arn::s3_object(&name, "s3/*")])
        .to(Principal::service("logging.s3.amazonaws.com"))
        .when(Condition::source_account())
        .sid("ServerAccessLogs");
    protect_bucket(stack, "AccessLogBucket", &bucket, Access(vec![delivery]));
    bucket
}

fn rule(id: &str, old_days: i64) -> Rule {
    Rule::new(RuleStatusValue::ENABLED)
        .id(id)
        .abort_incomplete_multipart_upload(AbortIncompleteMultipartUpload::new(7))
        .noncurrent_version_expiration(NoncurrentVersionExpiration::new(old_days))
}
