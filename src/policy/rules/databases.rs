//! DATA-22: RDS databases.

use crate::leaf::{Leaf, Want};
use crate::report::Severity::{High, Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Hardened, Standard};
use crate::world::{Resource, World};

const INSTANCE: &[&str] = &["AWS::RDS::DBInstance"];
const EITHER: &[&str] = &["AWS::RDS::DBInstance", "AWS::RDS::DBCluster"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "DATA-22-encrypted",
        title: "Databases are encrypted",
        why: "A copied snapshot or disk can be read by whoever holds it; this cannot be changed later.",
        remedy: "Set `StorageEncrypted` to `true`.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::property_unless(EITHER, &["StorageEncrypted"], Want::True, is_in_cluster),
    },
    Rule {
        id: "DATA-22-own-key",
        title: "Databases are encrypted with an own key",
        why: "The key that AWS manages cannot be taken away from anybody, nor shut in an emergency.",
        remedy: "Set `KmsKeyId` to a key of the deployment.",
        cost: Some("a dollar a month per key"),
        from: Hardened,
        severity: Low,
        check: Check::property_unless(EITHER, &["KmsKeyId"], Want::Present, is_in_cluster),
    },
    Rule {
        id: "DATA-22-tls",
        title: "Databases refuse connections without TLS",
        why: "Whoever listens in the network reads queries, results and passwords.",
        remedy: "Use a parameter group that sets `rds.force_ssl` to `1`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::With(tls),
    },
    Rule {
        id: "DATA-22-iam",
        title: "Databases take IAM credentials",
        why: "A password that must be shared and stored leaks sooner or later; a token ends after minutes.",
        remedy: "Set `EnableIAMDatabaseAuthentication` to `true`.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::property_unless(
            EITHER,
            &["EnableIAMDatabaseAuthentication"],
            Want::True,
            is_in_cluster,
        ),
    },
    Rule {
        id: "DATA-22-backup",
        title: "Databases keep seven days of backups or more",
        why: "A mistake on Friday that is seen on Monday cannot be undone.",
        remedy: "Set `BackupRetentionPeriod` to 7 or more.",
        cost: Some("backup storage beyond the size of the database"),
        from: Standard,
        severity: High,
        check: Check::property_unless(EITHER, &["BackupRetentionPeriod"], Want::AtLeast(7), is_copy),
    },
    Rule {
        id: "DATA-22-deletion",
        title: "Databases are hard to delete",
        why: "One call, or one removed line in a template, deletes every vector and document.",
        remedy: "Set `DeletionProtection` to `true`.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::property_unless(EITHER, &["DeletionProtection"], Want::True, is_in_cluster),
    },
    Rule {
        id: "DATA-22-zones",
        title: "Databases stand in two zones",
        why: "When the one zone fails, the database is down until somebody restores it.",
        remedy: "Set `MultiAZ` to `true`.",
        cost: Some("twice the price of the database"),
        from: Standard,
        severity: Medium,
        check: Check::property_unless(INSTANCE, &["MultiAZ"], Want::True, is_in_cluster),
    },
    Rule {
        id: "DATA-22-logs",
        title: "Databases send their logs to CloudWatch",
        why: "Failed logins and slow queries are seen by nobody.",
        remedy: "List the logs in `EnableCloudwatchLogsExports`.",
        cost: Some("log ingestion, by volume"),
        from: Dev,
        severity: Low,
        check: Check::property_unless(EITHER, &["EnableCloudwatchLogsExports"], Want::Present, is_in_cluster),
    },
    Rule {
        id: "DATA-22-upgrades",
        title: "Databases take minor upgrades",
        why: "Known holes stay open until somebody thinks of them.",
        remedy: "Set `AutoMinorVersionUpgrade` to `true`, or leave it out.",
        cost: None,
        from: Dev,
        severity: Low,
        check: Check::property(INSTANCE, &["AutoMinorVersionUpgrade"], Want::NotFalse),
    },
    Rule {
        id: "DATA-22-public",
        title: "Databases have no public address",
        why: "The internet can try passwords, and the next hole in the database is everybody's.",
        remedy: "Set `PubliclyAccessible` to `false`; without it the subnets decide.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::property(INSTANCE, &["PubliclyAccessible"], Want::False),
    },
];

/// What a cluster decides for its instances is asked of the cluster.
fn is_in_cluster(world: &World<'_>, database: &Resource<'_>) -> bool {
    database.leaves(world, "DBClusterIdentifier").iter().all(|leaf| leaf.is_present())
}

/// A read replica is backed up where it reads from.
fn is_copy(world: &World<'_>, database: &Resource<'_>) -> bool {
    is_in_cluster(world, database)
        || database.leaves(world, "SourceDBInstanceIdentifier").iter().all(|leaf| leaf.is_present())
}

fn tls(world: &World<'_>, findings: &mut Findings) {
    for (kind, path) in [
        ("AWS::RDS::DBInstance", "DBParameterGroupName"),
        ("AWS::RDS::DBCluster", "DBClusterParameterGroupName"),
    ] {
        for database in world
            .of(kind)
            .filter(|database| kind != "AWS::RDS::DBInstance" || !is_in_cluster(world, database))
        {
            let leaves = database.leaves(world, path);
            let groups: Vec<_> = leaves.iter().map(|leaf| world.targets_of(database.stack, *leaf)).collect();
            // Each branch must lead to a group that forces TLS.
            let forced = |index: &usize| forces_tls(world, &world.resources[*index]);
            if !groups.iter().all(|found| !found.is_empty() && found.iter().all(forced)) {
                findings.add(database, path, "leads to no parameter group that sets `rds.force_ssl` to `1`");
            }
        }
    }
}

fn forces_tls(world: &World<'_>, group: &Resource<'_>) -> bool {
    ["rds.force_ssl", "require_secure_transport"].into_iter().any(|name| {
        let set = group.property("Parameters").and_then(|parameters| parameters.get(name));
        let leaves = set.map(|value| group.leaves_of(world, value, "")).unwrap_or_default();
        let on = |leaf: &Leaf<'_>| leaf.number() == Some(1) || leaf.text() == Some("ON");
        !leaves.is_empty() && leaves.iter().all(on)
    })
}
