//! DATA-15 to DATA-20: S3 buckets.

use crate::kv::lookup;
use crate::leaf::Want;
use crate::report::Severity::{High, Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Hardened, Standard};
use crate::world::{Index, Resource, World};

const BUCKET: &[&str] = &["AWS::S3::Bucket"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "DATA-15-encrypted",
        title: "Buckets say how they are encrypted",
        why: "Encryption that is not written down is whatever the default of the day is.",
        remedy: "Set `BucketEncryption`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::property(
            BUCKET,
            &["BucketEncryption.ServerSideEncryptionConfiguration"],
            Want::Present,
        ),
    },
    Rule {
        id: "DATA-15-kms",
        title: "Buckets are encrypted with KMS and a bucket key",
        why: "Without a KMS key, reading a bucket is enough to read its data; nobody sees who decrypted what.",
        remedy: "Set `SSEAlgorithm` to `aws:kms` and `BucketKeyEnabled` to `true`. Buckets for access logs are exempt: \
                 log delivery cannot write to KMS.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::With(kms),
    },
    Rule {
        id: "DATA-15-own-key",
        title: "Buckets are encrypted with an own key",
        why: "The key that AWS manages cannot be taken away from anybody, nor shut in an emergency.",
        remedy: "Set `KMSMasterKeyID` to a key of the deployment.",
        cost: Some("a dollar a month per key"),
        from: Hardened,
        severity: Low,
        check: Check::property_unless(
            BUCKET,
            &[
                "BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault.KMSMasterKeyID",
            ],
            Want::Present,
            takes_logs,
        ),
    },
    Rule {
        id: "DATA-16-public-block",
        title: "Buckets block public access",
        why: "One careless policy or list would put the data on the internet.",
        remedy: "Set all four flags of `PublicAccessBlockConfiguration` to `true`.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::property(
            BUCKET,
            &[
                "PublicAccessBlockConfiguration.BlockPublicAcls",
                "PublicAccessBlockConfiguration.BlockPublicPolicy",
                "PublicAccessBlockConfiguration.IgnorePublicAcls",
                "PublicAccessBlockConfiguration.RestrictPublicBuckets",
            ],
            Want::True,
        ),
    },
    Rule {
        id: "DATA-17-tls",
        title: "Buckets refuse plain HTTP",
        why: "Whoever listens on the way reads what goes in and out.",
        remedy: "Add a bucket policy that denies `s3:*` to everybody if `aws:SecureTransport` is `false`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(tls),
    },
    Rule {
        id: "DATA-18-versions",
        title: "Buckets keep versions",
        why: "Overwritten or deleted by mistake or by ransom, an object is gone.",
        remedy: "Set `VersioningConfiguration.Status` to `Enabled`.",
        cost: Some("storage for old versions until the lifecycle removes them"),
        from: Standard,
        severity: Medium,
        check: Check::property(BUCKET, &["VersioningConfiguration.Status"], Want::OneOf(&["Enabled"])),
    },
    Rule {
        id: "DATA-18-lifecycle",
        title: "Buckets let old objects and versions go",
        why: "What is kept for ever can leak for ever, and costs for ever.",
        remedy: "Add a rule to `LifecycleConfiguration` and enable it.",
        cost: None,
        from: Standard,
        severity: Low,
        check: Check::With(lifecycle),
    },
    Rule {
        id: "DATA-19-access-logs",
        title: "Buckets log who read them",
        why: "After a leak nobody can say what was taken, or by whom.",
        remedy: "Set `LoggingConfiguration.DestinationBucketName` to a bucket for logs.",
        cost: Some("storage for the logs"),
        from: Hardened,
        severity: Low,
        check: Check::property_unless(BUCKET, &["LoggingConfiguration"], Want::Present, takes_logs),
    },
    Rule {
        id: "DATA-20-owner",
        title: "Buckets own what is put into them",
        why: "An object can carry a list of its own that lets others read it, past every policy.",
        remedy: "Set `ObjectOwnership` to `BucketOwnerEnforced`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(owner),
    },
    Rule {
        id: "DATA-20-acl",
        title: "Buckets have no access control lists",
        why: "A canned list such as `PublicRead` opens the whole bucket with one word.",
        remedy: "Remove `AccessControl` and grant by policy.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::property(BUCKET, &["AccessControl"], Want::Absent),
    },
];

/// Whether a load balancer or another bucket writes its access logs into this one.
fn takes_logs(world: &World<'_>, bucket: &Resource<'_>) -> bool {
    log_buckets(world).contains(&bucket.index)
}

fn log_buckets(world: &World<'_>) -> Vec<Index> {
    let from_buckets = world
        .of("AWS::S3::Bucket")
        .flat_map(|bucket| bucket.targets(world, "LoggingConfiguration.DestinationBucketName"));
    let from_balancers = world.of("AWS::ElasticLoadBalancingV2::LoadBalancer").flat_map(|balancer| {
        lookup(world, balancer, "LoadBalancerAttributes", ("Key", "Value"), "access_logs.s3.bucket")
            .into_iter()
            .flat_map(|leaf| world.targets_of(balancer.stack, leaf))
    });
    from_buckets.chain(from_balancers).collect()
}

const DEFAULT_ENCRYPTION: &str = "BucketEncryption.ServerSideEncryptionConfiguration[]";

fn kms(world: &World<'_>, findings: &mut Findings) {
    let log_buckets = log_buckets(world);
    for bucket in world.of("AWS::S3::Bucket").filter(|bucket| !log_buckets.contains(&bucket.index)) {
        let mut count = 0;
        for (path, want) in [
            ("ServerSideEncryptionByDefault.SSEAlgorithm", Want::OneOf(&["aws:kms", "aws:kms:dsse"])),
            ("BucketKeyEnabled", Want::True),
        ] {
            bucket.each(world, DEFAULT_ENCRYPTION, |trail, entry| {
                count += 1;
                for leaf in world.leaves_under(bucket, entry, path) {
                    if !want.holds(leaf) {
                        findings.add(bucket, format!("{trail}.{path}"), want.message(leaf));
                    }
                }
            });
        }
        if count == 0 {
            findings.add(bucket, "BucketEncryption", "is missing, must name KMS");
        }
    }
}

fn tls(world: &World<'_>, findings: &mut Findings) {
    for bucket in world.of("AWS::S3::Bucket") {
        if !world.refuses_plain_text("AWS::S3::BucketPolicy", "Bucket", bucket) {
            findings.add(bucket, "", "has no bucket policy that refuses plain HTTP");
        }
    }
}

fn lifecycle(world: &World<'_>, findings: &mut Findings) {
    for bucket in world.of("AWS::S3::Bucket") {
        let states = bucket.leaves(world, "LifecycleConfiguration.Rules[].Status");
        let whole = bucket.leaves(world, "LifecycleConfiguration.Rules");
        if !whole.iter().all(|leaf| leaf.is_present())
            || !states.iter().any(|leaf| leaf.text() == Some("Enabled"))
        {
            findings.add(bucket, "LifecycleConfiguration.Rules", "has no enabled rule");
        }
    }
}

fn owner(world: &World<'_>, findings: &mut Findings) {
    for bucket in world.of("AWS::S3::Bucket") {
        let owners = bucket.leaves(world, "OwnershipControls.Rules[].ObjectOwnership");
        let want = Want::OneOf(&["BucketOwnerEnforced"]);
        let missing = bucket.leaves(world, "OwnershipControls.Rules").iter().any(|leaf| !leaf.is_present());
        if missing || owners.is_empty() {
            findings.add(bucket, "OwnershipControls", "is missing, must be `BucketOwnerEnforced`");
        }
        for leaf in owners.into_iter().filter(|leaf| !want.holds(*leaf)) {
            findings.add(bucket, "OwnershipControls.Rules[].ObjectOwnership", want.message(leaf));
        }
    }
}
