//! S3 buckets: closed to the public, TLS only, encrypted with the data key, versioned, logged.

use lisa_cfn::aws::s3::{
    self,
    bucket::{
        AbortIncompleteMultipartUpload, BucketEncryption, LifecycleConfiguration, LoggingConfiguration,
        NoncurrentVersionExpiration, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
        PublicAccessBlockConfiguration, Rule, RuleStatusValue, ServerSideEncryptionByDefault,
        ServerSideEncryptionRule, SseAlgorithm, VersioningConfiguration, VersioningConfigurationStatusValue,
    },
};
use lisa_cfn::iam::{Policy, Statement, deny_insecure_transport};
use lisa_cfn::{Handle, Value};

use crate::builder::StackBuilder;
use crate::shared::Shared;

/// Who else may use a bucket, by statements of its policy.
#[derive(Debug, Default)]
pub struct Access(pub Vec<Statement>);

/// Adds a bucket of the given physical name and its policy. Old versions are dropped after 90 days, broken uploads
/// after 7.
pub fn bucket(
    stack: &mut StackBuilder<'_>,
    logical_id: &str,
    name: &str,
    access: Access,
) -> Handle<s3::Bucket> {
    bucket_with(stack, logical_id, name, access, |bucket| bucket)
}

/// As [`bucket`], with properties of its own.
pub fn bucket_with(
    stack: &mut StackBuilder<'_>,
    logical_id: &str,
    name: &str,
    access: Access,
    with: impl FnOnce(s3::Bucket) -> s3::Bucket,
) -> Handle<s3::Bucket> {
    let logs = stack.read(Shared::AccessLogBucket).as_name();
    let key: Value<String> = stack.data_key().into();
    let logging =
        LoggingConfiguration::new().destination_bucket_name(logs).log_file_prefix(format!("s3/{name}/"));
    let encryption = ServerSideEncryptionByDefault::new(SseAlgorithm::AWS_KMS).kms_master_key_id(key);
    let bucket = with(closed(name).bucket_encryption(encrypted(encryption)).logging_configuration(logging));
    let handle = stack.add_stateful(logical_id, bucket);
    policy(stack, logical_id, &handle, access);
    handle
}

/// A bucket that nobody outside the account reads, before encryption and logging are set.
pub(crate) fn closed(name: &str) -> s3::Bucket {
    let rule = Rule::new(RuleStatusValue::ENABLED)
        .id("expire-leftovers")
        .abort_incomplete_multipart_upload(AbortIncompleteMultipartUpload::new(7))
        .noncurrent_version_expiration(NoncurrentVersionExpiration::new(90));
    s3::Bucket::new()
        .bucket_name(name)
        .lifecycle_configuration(LifecycleConfiguration::new([rule]))
        .ownership_controls(OwnershipControls::new([
            OwnershipControlsRule::new().object_ownership(ObjectOwnership::BUCKET_OWNER_ENFORCED)
        ]))
        .public_access_block_configuration(
            PublicAccessBlockConfiguration::new()
                .block_public_acls(true)
                .block_public_policy(true)
                .ignore_public_acls(true)
                .restrict_public_buckets(true),
        )
        .versioning_configuration(VersioningConfiguration::new(VersioningConfigurationStatusValue::ENABLED))
}

/// The encryption of a bucket, with bucket keys so that each object does not cost a call to KMS.
pub(crate) fn encrypted(default: ServerSideEncryptionByDefault) -> BucketEncryption {
    let rule =
        ServerSideEncryptionRule::new().bucket_key_enabled(true).server_side_encryption_by_default(default);
    BucketEncryption::new([rule])
}

/// Adds the bucket's policy: TLS only, and what else is given.
pub(crate) fn policy(
    stack: &mut StackBuilder<'_>,
    logical_id: &str,
    bucket: &Handle<s3::Bucket>,
    access: Access,
) {
    let objects = Value::join("", [Value::from(bucket.arn()), "/*".into()]);
    let mut statements = vec![deny_insecure_transport("s3", [Value::from(bucket.arn()), objects])];
    statements.extend(access.0);
    stack.add(
        format!("{logical_id}Policy"),
        s3::BucketPolicy::new(bucket.reference(), Policy::new(statements)),
    );
}
