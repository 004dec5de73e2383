//! Images, packages and containers that do not start.

use super::{Entry, Moment, Source};

const IMAGE: Source = Source::Property { kind: "AWS::ECS::TaskDefinition", property: "ContainerDefinitions" };

/// Remedies for what is to run.
pub(super) const TABLE: &[Entry] = &[
    Entry::new(
        "package-missing",
        &["Error occurred while GetObject. S3 Error Code: NoSuch"],
        "The function's package is not in the asset bucket. Run `lisa build`, then `lisa deploy`: it uploads what is \
         missing.",
    ),
    Entry::new(
        "image-missing",
        &[
            "CannotPullContainer",
            "Source image * does not exist",
            "Source image * is not valid",
            "pull image manifest has been retried",
            "failed to resolve ref",
        ],
        "The image is not there, or cannot be reached from the VPC. Check `containerConfig.image`; without a way out \
         to its registry, bring it into the account with `lisa image mirror`. `lisa build` pushes LISA's own.",
    )
    .at(IMAGE)
    .in_log(),
    Entry::new(
        "circuit-breaker",
        &["Circuit Breaker was triggered"],
        "The service's containers started and ended, or did not answer their health check, until ECS gave up. Their \
         last words are in {group}: `lisa logs` shows them.",
    )
    .of("AWS::ECS::Service")
    .at(IMAGE)
    .in_log(),
    Entry::new(
        "service-unstable",
        &["did not stabilize", "Exceeded attempts to wait", "NotStabilized"],
        "The service's containers did not become healthy in time. Their last words are in {group}: `lisa logs` shows \
         them. Without any, the hosts did not join the cluster.",
    )
    .of("AWS::ECS::Service")
    .when(Moment::Change)
    .at(IMAGE)
    .in_log(),
];
