//! DATA-23: OpenSearch domains.

use crate::document::Document;
use crate::leaf::Want;
use crate::report::Severity::{High, Low, Medium};
use crate::rule::{Check, Findings, Rule};
use crate::settings::Profile::{Dev, Hardened, Standard};
use crate::world::World;

const DOMAIN: &[&str] = &["AWS::OpenSearchService::Domain"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "DATA-23-encrypted",
        title: "Search domains are encrypted at rest and between nodes",
        why: "Documents can be read from a disk or on the way between two nodes.",
        remedy: "Set `EncryptionAtRestOptions.Enabled` and `NodeToNodeEncryptionOptions.Enabled` to `true`.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::property(
            DOMAIN,
            &["EncryptionAtRestOptions.Enabled", "NodeToNodeEncryptionOptions.Enabled"],
            Want::True,
        ),
    },
    Rule {
        id: "DATA-23-own-key",
        title: "Search domains are encrypted with an own key",
        why: "The key that AWS manages cannot be taken away from anybody, nor shut in an emergency.",
        remedy: "Set `EncryptionAtRestOptions.KmsKeyId` to a key of the deployment.",
        cost: Some("a dollar a month per key"),
        from: Hardened,
        severity: Low,
        check: Check::property(DOMAIN, &["EncryptionAtRestOptions.KmsKeyId"], Want::Present),
    },
    Rule {
        id: "DATA-23-https",
        title: "Search domains only speak HTTPS",
        why: "Whoever listens in the network reads queries and documents.",
        remedy: "Set `DomainEndpointOptions.EnforceHTTPS` to `true`.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::property(DOMAIN, &["DomainEndpointOptions.EnforceHTTPS"], Want::True),
    },
    Rule {
        id: "DATA-23-tls",
        title: "Search domains speak TLS 1.2 or newer",
        why: "Older versions of TLS have known breaks.",
        remedy: "Set `DomainEndpointOptions.TLSSecurityPolicy` to a policy of TLS 1.2.",
        cost: None,
        from: Dev,
        severity: Medium,
        check: Check::property(
            DOMAIN,
            &["DomainEndpointOptions.TLSSecurityPolicy"],
            Want::OneOf(&[
                "Policy-Min-TLS-1-2-2019-07",
                "Policy-Min-TLS-1-2-PFS-2023-10",
                "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08",
            ]),
        ),
    },
    Rule {
        id: "DATA-23-vpc",
        title: "Search domains stand in the network",
        why: "A domain outside has an address on the internet, guarded by its policy alone.",
        remedy: "Set `VPCOptions.SubnetIds`; this cannot be changed later.",
        cost: None,
        from: Dev,
        severity: High,
        check: Check::property(DOMAIN, &["VPCOptions.SubnetIds"], Want::Present),
    },
    Rule {
        id: "DATA-23-fine-grained",
        title: "Search domains know who may see which index",
        why: "Whoever reaches the domain reads and deletes every repository.",
        remedy: "Set `AdvancedSecurityOptions.Enabled` to `true` and name a master user or role.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::property(DOMAIN, &["AdvancedSecurityOptions.Enabled"], Want::True),
    },
    Rule {
        id: "DATA-23-principals",
        title: "Search domains name who may call them",
        why: "Every network that reaches the domain may read it.",
        remedy: "Name the roles in `AccessPolicies`.",
        cost: None,
        from: Standard,
        severity: Medium,
        check: Check::With(principals),
    },
    Rule {
        id: "DATA-23-logs",
        title: "Search domains send their logs to CloudWatch",
        why: "Failed requests and denied accesses are seen by nobody.",
        remedy: "Set `LogPublishingOptions`, with `AUDIT_LOGS` where fine-grained access is on.",
        cost: Some("log ingestion, by volume"),
        from: Standard,
        severity: Low,
        check: Check::With(logs),
    },
    Rule {
        id: "DATA-23-zones",
        title: "Search domains stand in two zones or more",
        why: "When the one zone fails, search is down until somebody restores it.",
        remedy: "Set `ClusterConfig.ZoneAwarenessEnabled` to `true` and use an even number of nodes.",
        cost: Some("at least two data nodes"),
        from: Standard,
        severity: Medium,
        check: Check::property(DOMAIN, &["ClusterConfig.ZoneAwarenessEnabled"], Want::True),
    },
    Rule {
        id: "DATA-23-three-zones",
        title: "Search domains stand in three zones",
        why: "With two, the loss of one leaves no majority, and the domain may refuse to write.",
        remedy: "Set `ClusterConfig.ZoneAwarenessConfig.AvailabilityZoneCount` to 3.",
        cost: Some("at least three data nodes"),
        from: Hardened,
        severity: Low,
        check: Check::property(
            DOMAIN,
            &["ClusterConfig.ZoneAwarenessConfig.AvailabilityZoneCount"],
            Want::AtLeast(3),
        ),
    },
];

fn principals(world: &World<'_>, findings: &mut Findings) {
    for domain in world.of("AWS::OpenSearchService::Domain") {
        for statement in world.statements.iter().filter(|statement| statement.holder == domain.index) {
            let open = statement.document == Document::Resource && statement.allows && statement.is_anyone();
            if open && statement.conditions.is_empty() {
                findings.add(domain, &*statement.path, "lets everybody in");
            }
        }
    }
}

fn logs(world: &World<'_>, findings: &mut Findings) {
    for domain in world.of("AWS::OpenSearchService::Domain") {
        let fine_grained =
            domain.leaves(world, "AdvancedSecurityOptions.Enabled").iter().any(|leaf| leaf.is_true());
        let path = if fine_grained {
            "LogPublishingOptions.AUDIT_LOGS.Enabled"
        } else {
            "LogPublishingOptions.ES_APPLICATION_LOGS.Enabled"
        };
        for leaf in domain.leaves(world, path).into_iter().filter(|leaf| !leaf.is_true()) {
            findings.add(domain, path, Want::True.message(leaf));
        }
    }
}
