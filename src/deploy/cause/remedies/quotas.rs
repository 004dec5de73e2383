//! Quotas of the account: what to ask for, and how to need less.

use super::{Entry, INSTANCE_TYPE, Source};

/// Remedies for quotas that are used up.
pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        "quota-vcpu",
        &["more vCPU capacity than your current vCPU limit", "VcpuLimitExceeded", "maximum Fleet Requests"],
        "Ask Service Quotas for more vCPUs (Amazon EC2, running on-demand instances of the family of {type}), or \
         choose a smaller `{key}` or a lower `maxCapacity`. `lisa doctor` compares the quotas with what the \
         configuration needs.",
    )
    .at(INSTANCE_TYPE),
    Entry::new(
        "quota-addresses",
        &["maximum number of addresses has been reached", "AddressLimitExceeded"],
        "The NAT gateway needs an Elastic IP address. Release one that nothing uses, ask Service Quotas for more \
         (Amazon EC2, EC2-VPC Elastic IPs), or deploy into an existing VPC with `vpcId`.",
    )
    .at(Source::Key("vpcId")),
    Entry::new(
        "quota-vpcs",
        &["maximum number of VPCs has been reached", "maximum number of internet gateways has been reached"],
        "Delete a VPC that nothing uses, ask Service Quotas for more (Amazon VPC, VPCs per Region), or deploy into an \
         existing VPC with `vpcId`.",
    )
    .at(Source::Key("vpcId")),
    Entry::new(
        "quota-nat-gateways",
        &["NatGatewayLimitExceeded", "exceed the limit of * NAT gateways"],
        "Ask Service Quotas for more NAT gateways (Amazon VPC, NAT gateways per Availability Zone), or deploy into an \
         existing VPC with `vpcId`.",
    )
    .at(Source::Key("vpcId")),
    Entry::new(
        "tables-at-once",
        &["can be created, updated, or deleted simultaneously"],
        "Other tables are being made in this account. Run the command again when that is done.",
    )
    .passing(),
    Entry::new(
        "quota-tables",
        &["limit of * tables per subscriber", "Table limit exceeded"],
        "Delete tables that nothing uses, or ask Service Quotas for more (Amazon DynamoDB, maximum number of tables).",
    ),
    Entry::new(
        "quota-concurrency",
        &["UnreservedConcurrentExecution below its minimum value"],
        "The `hardened` profile reserves executions for each function. Ask Service Quotas for more (AWS Lambda, \
         concurrent executions), or choose the profile `standard`.",
    )
    .at(Source::Key("securityProfile")),
    Entry::new(
        "quota",
        &[
            "LimitExceeded",
            "Cannot exceed quota",
            "Subscriber limit exceeded",
            "maximum number of * has been reached",
            "quota * exceeded",
            "limit * exceeded",
        ],
        "A quota of the account is used up. Delete what nothing uses, or ask Service Quotas for more, and run the \
         command again.",
    ),
];
