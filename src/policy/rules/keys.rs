//! DATA-13 and DATA-14: KMS keys.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Document;
use crate::leaf::Want;
use crate::report::Severity::{High, Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Hardened};
use crate::world::{Index, Resource, World};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "DATA-13-rotation",
        title: "Keys rotate",
        why: "A key that never changes protects everything that was ever written with it.",
        remedy: "Set `EnableKeyRotation` to `true`.",
        cost: Some("a dollar a month for each of the first two rotations"),
        from: Dev,
        severity: Medium,
        check: Check::property_unless(&["AWS::KMS::Key"], &["EnableKeyRotation"], Want::True, cannot_rotate),
    },
    Rule {
        id: "DATA-13-classes",
        title: "Each class of data has its own key",
        why: "Whoever may use the key for logs could also read secrets and documents.",
        remedy: "Use one key for data, one for secrets, one for logs, one for messages.",
        cost: Some("a dollar a month per key"),
        from: Hardened,
        severity: Low,
        check: Check::With(classes),
    },
    Rule {
        id: "DATA-14-anyone",
        title: "No key is open to everybody",
        why: "Anybody with an AWS account could decrypt what the key protects.",
        remedy: "Name the principals, or add a condition on `kms:CallerAccount` or `aws:PrincipalOrgID`.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::With(anyone),
    },
];

/// Keys for signing and keys of hashes have no rotation in KMS.
fn cannot_rotate(world: &World<'_>, key: &Resource<'_>) -> bool {
    key.leaves(world, "KeySpec")
        .iter()
        .all(|leaf| leaf.text().is_some_and(|spec| spec != "SYMMETRIC_DEFAULT"))
}

/// Resource type, the property that names its key, the class of what it holds.
const HOLDERS: &[(&str, &str, &str)] = &[
    ("AWS::Logs::LogGroup", "KmsKeyId", "logs"),
    ("AWS::SecretsManager::Secret", "KmsKeyId", "secrets"),
    ("AWS::SQS::Queue", "KmsMasterKeyId", "messages"),
    ("AWS::SNS::Topic", "KmsMasterKeyId", "messages"),
    (
        "AWS::S3::Bucket",
        "BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault.KMSMasterKeyID",
        "data",
    ),
    ("AWS::DynamoDB::Table", "SSESpecification.KMSMasterKeyId", "data"),
    ("AWS::RDS::DBInstance", "KmsKeyId", "data"),
    ("AWS::RDS::DBCluster", "KmsKeyId", "data"),
    ("AWS::OpenSearchService::Domain", "EncryptionAtRestOptions.KmsKeyId", "data"),
    ("AWS::EFS::FileSystem", "KmsKeyId", "data"),
];

fn classes(world: &World<'_>, findings: &mut Findings) {
    let mut classes: BTreeMap<Index, BTreeSet<&str>> = BTreeMap::new();
    for (kind, path, class) in HOLDERS {
        for holder in world.of(kind) {
            for key in holder.targets(world, path) {
                classes.entry(key).or_default().insert(class);
            }
        }
    }
    for (key, classes) in classes.iter().filter(|(_, classes)| classes.len() > 1) {
        let names: Vec<&str> = classes.iter().copied().collect();
        findings.add(&world.resources[*key], "", format!("protects {}", names.join(" and ")));
    }
}

fn anyone(world: &World<'_>, findings: &mut Findings) {
    world.look(world.statements.len());
    for statement in world.statements.iter().filter(|statement| statement.document == Document::Key) {
        let narrowed =
            ["kms:calleraccount", "aws:principalorgid", "aws:principalaccount", "aws:sourceaccount"]
                .iter()
                .any(|key| statement.condition(key).is_some());
        if statement.allows && statement.is_anyone() && !narrowed {
            findings.add(&world.resources[statement.holder], &*statement.path, "lets everybody in");
        }
    }
}
