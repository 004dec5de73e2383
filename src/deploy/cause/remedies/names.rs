//! Names that are taken, and names of what is not there.

use super::{Entry, Moment, Source};

const DEPLOYMENT: Source = Source::Key("deploymentName");

/// What the services say of a name that is taken.
const TAKEN: &[&str] =
    &["already exists", "AlreadyExists", "already owned by you", "bucket name is not available"];

/// Remedies for names.
pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        "secret-being-deleted",
        &["already scheduled for deletion"],
        "A secret of this name waits for its deletion. Restore it in Secrets Manager and delete it without a recovery \
         window, wait until it is gone, or choose another `deploymentName`.",
    )
    .at(DEPLOYMENT),
    Entry::new(
        "boundary-missing",
        &["does not exist or is not attachable"],
        "There is no such managed policy in this account. Make it, or correct \
         `permissionsBoundaryAspect.permissionsBoundaryPolicyName`.",
    )
    .at(Source::Key("permissionsBoundaryAspect.permissionsBoundaryPolicyName")),
    Entry::new(
        "role-missing",
        &["The role with name * cannot be found", "Role * is not valid", "Invalid principal in policy"],
        "There is no such role in this account. Make it, or correct its name under `roles`.",
    )
    .at(Source::Key("roles")),
    Entry::new(
        "bucket-name-taken",
        TAKEN,
        "There is a bucket {name} already: bucket names are shared by all accounts. If it is left from an earlier \
         deployment, empty and delete it; else choose another `deploymentName`.",
    )
    .of("AWS::S3::Bucket")
    .when(Moment::Change)
    .at(DEPLOYMENT),
    Entry::new(
        "log-group-taken",
        TAKEN,
        "The log group {name} is left from an earlier deployment. Delete it, or keep it and choose another \
         `deploymentName`.",
    )
    .of("AWS::Logs::LogGroup")
    .when(Moment::Change)
    .at(DEPLOYMENT),
    Entry::new(
        "role-name-taken",
        TAKEN,
        "There is a role or policy {name} already, in this region or another: IAM's names are shared by all of them. \
         Delete what an earlier deployment left, or choose another `deploymentName`.",
    )
    .of("AWS::IAM::")
    .when(Moment::Change)
    .at(DEPLOYMENT),
    Entry::new(
        "name-taken",
        TAKEN,
        "There is one {name} already. If an earlier deployment left it (`lisa destroy --verify` lists such), delete it; \
         else choose another `deploymentName`.",
    )
    .when(Moment::Change)
    .at(DEPLOYMENT),
];
