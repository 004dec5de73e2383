//! Refusals: whose policy refuses, and what to ask of whom.

use super::{Entry, Source};

/// Remedies for what may not be done. Policies of the organisation come before the caller's own.
pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        "scp-denied",
        &["in a service control policy", "no service control policy allows", "resource control policy"],
        "A policy of the organisation forbids {denial}, whatever the account allows. Ask those who run the \
         organisation to allow it.",
    ),
    Entry::new(
        "boundary-denied",
        &["in a permissions boundary", "no permissions boundary allows"],
        "The permissions boundary of {principal} does not allow {denial}. Ask its owner to allow it.",
    )
    .at(Source::Key("permissionsBoundaryAspect")),
    Entry::new(
        "endpoint-denied",
        &["in a VPC endpoint policy", "no VPC endpoint policy allows"],
        "The policy of a VPC endpoint on the way does not allow {denial}. Add it to the endpoint's policy, or run \
         `lisa` from where the service is reached another way.",
    ),
    Entry::new(
        "pass-role-denied",
        &["perform: iam:PassRole", "pass role is not allowed"],
        "Allow {principal} {denial}: to hand on that role. Or name roles under `roles` that it may hand on.",
    )
    .at(Source::Key("roles")),
    Entry::new(
        "key-denied",
        &[
            "KMS key does not exist or is not allowed to be used",
            "ciphertext refers to a customer master key that does not exist",
            "perform: kms:",
            "KMSAccessDenied",
            "KMS key is not accessible",
        ],
        "The key's policy does not let the service use it, or the key is gone. LISA's keys are in the stack `core`: \
         run `lisa deploy --stack core`. A key that is scheduled for deletion can be restored until it is gone.",
    ),
    Entry::new(
        "function-role-denied",
        &["does not have permissions to call CreateNetworkInterface"],
        "The function's role may not make network interfaces in the VPC. Where the role is one of `roles`, attach \
         `AWSLambdaVPCAccessExecutionRole` to it; else run the command again, for a new role takes a moment to hold.",
    )
    .at(Source::Key("roles")),
    Entry::new(
        "role-not-assumable",
        &["is invalid or cannot be assumed", "cannot be assumed by", "unable to assume the role"],
        "The role is gone, or does not trust the service. Where it is one of `roles`, correct its trust policy; where \
         the stack was made with a role of CloudFormation's own, make that role again.",
    )
    .at(Source::Key("roles")),
    Entry::new(
        "credentials-expired",
        &["security token included in the request is expired", "ExpiredToken", "token has expired", "Request has expired"],
        "Sign in again and run the same command: it takes up where this one stopped.",
    )
    .at(Source::Key("profile")),
    Entry::new(
        "region-disabled",
        &["UnrecognizedClientException", "InvalidClientTokenId", "security token included in the request is invalid", "OptInRequired"],
        "Enable the region for the account, and check that the credentials are of the region's partition: \
         `lisa doctor` shows whose they are.",
    )
    .at(Source::Key("region")),
    Entry::new(
        "denied",
        &[
            "is not authorized to perform",
            "not authorized to perform this operation",
            "UnauthorizedOperation",
            "AccessDenied",
            "Access Denied",
            "did not have IAM permissions",
        ],
        "Allow {principal} {denial}, and run the same command again: it takes up where this one stopped.",
    ),
];
