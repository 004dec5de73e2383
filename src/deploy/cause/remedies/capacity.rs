//! Hosts that cannot be had: no capacity, or a type that the zone does not offer.

use super::{Entry, INSTANCE_TYPE};

/// Remedies for hosts that do not start.
pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        "no-capacity",
        &["do not have sufficient * capacity", "InsufficientInstanceCapacity", "Insufficient capacity"],
        "AWS has no {type} free in that Availability Zone at the moment. Try again later, choose another `{key}`, let \
         the hosts use more zones (`maxAzs`, or `subnets` of an existing VPC), or reserve capacity.",
    )
    .at(INSTANCE_TYPE)
    .passing(),
    Entry::new(
        "type-not-offered",
        &[
            "instance type * is not supported in your requested Availability Zone",
            "requested configuration is currently not supported",
            "instance type * does not exist",
            "Invalid instance type",
        ],
        "{type} is not offered there. Choose another `{key}`, or subnets in zones that have it: `lisa doctor` lists \
         which zones of the region offer which of the configured types.",
    )
    .at(INSTANCE_TYPE),
    Entry::new(
        "hosts-unstable",
        &["Group did not stabilize", "SUCCESS signal(s) out of"],
        "The hosts did not come into service. The Auto Scaling group's activity history says why; `lisa doctor` \
         checks quotas and instance types.",
    )
    .at(INSTANCE_TYPE),
];
