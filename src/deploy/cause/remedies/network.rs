//! The network: addresses, zones and names within a VPC.

use super::{Entry, Source};

const VPC: Source = Source::Key("vpcId");

/// Remedies for what does not fit into the VPC.
pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        "subnet-full",
        &[
            "Not enough IP space available in subnet",
            "not enough free addresses in subnet",
            "InsufficientFreeAddressesInSubnet",
            "has insufficient free addresses",
        ],
        "Free addresses in that subnet (a load balancer needs 8 in each), or name larger ones under `subnets`.",
    )
    .at(Source::Key("subnets")),
    Entry::new(
        "private-dns-taken",
        &["private-dns-enabled cannot be set"],
        "The VPC has an endpoint of that service already. Delete it and let LISA make its own, or leave `vpcId` out so \
         that LISA makes a VPC.",
    )
    .at(VPC),
    Entry::new(
        "vpc-without-dns",
        &["Enabling private DNS requires both enableDnsSupport and enableDnsHostnames"],
        "Turn on DNS support and DNS host names for the VPC, and run the command again.",
    )
    .at(VPC),
    Entry::new(
        "endpoint-not-in-zone",
        &["does not support the availability zone of the subnet"],
        "The service has no endpoint in that zone. Name subnets in other zones under `subnets`.",
    )
    .at(Source::Key("subnets")),
    Entry::new(
        "addresses-overlap",
        &["conflicts with another subnet", "InvalidSubnet.Conflict"],
        "Another subnet of the VPC has these addresses. If it is left from an earlier deployment, delete it.",
    )
    .at(VPC),
    Entry::new(
        "too-few-zones",
        &["At least two subnets in two different Availability Zones"],
        "Name subnets in at least two Availability Zones under `subnets`, or set `maxAzs` to 2 or more.",
    )
    .at(Source::Key("subnets")),
];
