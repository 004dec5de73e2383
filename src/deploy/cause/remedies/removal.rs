//! What stands in the way of a deletion.

use super::{Entry, Moment, Source};

/// Remedies for what cannot be deleted.
pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        "stack-protected",
        &["TerminationProtection is enabled"],
        "The stack is protected from deletion. `lisa destroy --force` lifts the protection first.",
    ),
    Entry::new(
        "bucket-not-empty",
        &["bucket you tried to delete is not empty", "BucketNotEmpty"],
        "Run `lisa destroy --empty`: it deletes every object and version in {name} first. They cannot be brought back.",
    )
    .at(Source::Key("removalPolicy"))
    .when(Moment::Removal),
    Entry::new(
        "repository-not-empty",
        &["because it still contains images", "RepositoryNotEmpty"],
        "Run `lisa destroy --empty`: it deletes the images in {name} first.",
    )
    .when(Moment::Removal),
    Entry::new(
        "interfaces-in-use",
        &["has dependencies and cannot be deleted", "has a dependent object", "DependencyViolation", "is currently in use"],
        "Network interfaces still use it. Those of functions go by themselves within 45 minutes of the function's \
         deletion: run the same command again then. If others remain, delete them in the EC2 console.",
    )
    .of("AWS::EC2::")
    .when(Moment::Removal)
    .passing(),
    Entry::new(
        "hosts-in-cluster",
        &["while Container Instances are active or draining", "cannot be deleted while Tasks are active", "capacity provider is in use"],
        "Hosts or tasks are still leaving the cluster. Run the same command again in a few minutes.",
    )
    .when(Moment::Removal)
    .passing(),
    Entry::new(
        "data-protected",
        &["protected against deletion", "deletion protection is enabled", "Cannot delete protected", "DeletionProtection"],
        "It is protected because `removalPolicy` was `retain` when it was deployed. Lift the protection of this \
         resource alone in the console and run the same command again; or, where the data is to go too, set \
         `removalPolicy: destroy`, run `lisa deploy`, and then `lisa destroy`.",
    )
    .at(Source::Key("removalPolicy")),
    Entry::new(
        "still-attached",
        &["must detach all policies first", "must remove roles from instance profile", "DeleteConflict"],
        "Somebody attached to it what no stack knows of. Detach that in IAM and run the same command again.",
    )
    .when(Moment::Removal),
    Entry::new(
        "export-in-use",
        &["as it is in use by"],
        "Another stack, not one of LISA's, uses what this one exports. Delete or change that stack first.",
    ),
];
