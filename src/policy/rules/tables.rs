//! DATA-21: DynamoDB tables.

use crate::leaf::Want;
use crate::report::Severity::{High, Low, Medium};
use crate::rule::{Check, Rule};
use crate::settings::Profile::{Hardened, Standard};

const TABLE: &[&str] = &["AWS::DynamoDB::Table"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "DATA-21-recovery",
        title: "Tables can be brought back to any second of the last weeks",
        why: "A bad write or delete cannot be undone.",
        remedy: "Set `PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled` to `true`.",
        cost: Some("by the size of the table, about a fifth of its storage"),
        from: Standard,
        severity: High,
        check: Check::property(
            TABLE,
            &["PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"],
            Want::True,
        ),
    },
    Rule {
        id: "DATA-21-kms",
        title: "Tables are encrypted with KMS",
        why: "With the key that DynamoDB owns, nobody sees who decrypted what.",
        remedy: "Set `SSESpecification.SSEEnabled` to `true`.",
        cost: Some("KMS requests, a few cents a month"),
        from: Standard,
        severity: Medium,
        check: Check::property(TABLE, &["SSESpecification.SSEEnabled"], Want::True),
    },
    Rule {
        id: "DATA-21-own-key",
        title: "Tables are encrypted with an own key",
        why: "The key that AWS manages cannot be taken away from anybody, nor shut in an emergency.",
        remedy: "Set `SSESpecification.KMSMasterKeyId` to a key of the deployment.",
        cost: Some("a dollar a month per key"),
        from: Hardened,
        severity: Low,
        check: Check::property(TABLE, &["SSESpecification.KMSMasterKeyId"], Want::Present),
    },
    Rule {
        id: "DATA-21-deletion",
        title: "Tables are hard to delete",
        why: "One call, or one removed line in a template, deletes sessions and tokens.",
        remedy: "Set `DeletionProtectionEnabled` to `true`.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::property(TABLE, &["DeletionProtectionEnabled"], Want::True),
    },
];
