//! What a single service wants to be there first: certificates, service-linked roles, versions.

use super::{Entry, Source};

/// Remedies for what a service asks for.
pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        "certificate",
        &[
            "Certificate ARN * is not valid",
            "Certificate * not found",
            "CertificateNotFound",
            "UnsupportedCertificate",
            "must have a fully-qualified domain name",
        ],
        "The load balancer does not take this certificate. Correct `{key}`: a certificate of ACM that is issued, or a \
         server certificate of IAM, in this account and region.",
    )
    .at(Source::Property { kind: "AWS::ElasticLoadBalancingV2::Listener", property: "Certificates" }),
    Entry::new(
        "search-role-missing",
        &["must enable a service-linked role"],
        "Run the same command again: `lisa deploy` makes the role `AWSServiceRoleForAmazonOpenSearchService` first, if \
         it may `iam:CreateServiceLinkedRole`. A role that was just made takes a minute to hold.",
    )
    .passing(),
    Entry::new(
        "containers-role-missing",
        &["Unable to assume the service linked role", "ECS Service Linked Role does not exist"],
        "AWS makes the role `AWSServiceRoleForECS` at the first use of ECS in an account. Run the same command again \
         in a minute; if it stays so, allow the caller `iam:CreateServiceLinkedRole`.",
    )
    .passing(),
    Entry::new(
        "gateway-log-role",
        &["CloudWatch Logs role ARN must be set in account settings"],
        "API Gateway has no role to write logs with in this region. The resource `GatewayAccount` of the stack `api` \
         sets it: run `lisa deploy --stack api` again. Where `roles` or a policy keeps LISA from it, set it in API \
         Gateway's settings.",
    )
    .passing(),
    Entry::new(
        "engine-version",
        &["Cannot find version * for", "at 'engineVersion' failed to satisfy", "engine version * not supported", "Invalid engine version"],
        "The region does not offer this version. Update `lisa`, or leave this repository out of `ragRepositories` \
         until the region has it.",
    ),
];
