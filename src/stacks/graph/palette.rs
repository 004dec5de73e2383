//! Colours of nodes: one per kind of service, legible on white and with black text.

/// The colours of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colours {
    /// Inside.
    pub(super) fill: &'static str,
    /// The line around it and the bar at its left.
    pub(super) line: &'static str,
}

const NETWORK: Colours = Colours { fill: "#f3eefc", line: "#7c4dcf" };
const COMPUTE: Colours = Colours { fill: "#fdf1e3", line: "#d97a12" };
const STORAGE: Colours = Colours { fill: "#eaf6ea", line: "#3f8f3f" };
const SECURITY: Colours = Colours { fill: "#fdeceb", line: "#c8453b" };
const INTEGRATION: Colours = Colours { fill: "#fdebf3", line: "#c73a7c" };
const MANAGEMENT: Colours = Colours { fill: "#eef1f5", line: "#64748b" };
const MODEL: Colours = Colours { fill: "#fff4e0", line: "#cf8a1d" };
const STACK: Colours = Colours { fill: "#e8f1fb", line: "#2f6fb5" };

/// The colours of a group: a service's name in lower case, `stack` or `model`.
pub(super) fn of(group: &str) -> Colours {
    match group {
        "stack" => STACK,
        "ec2" | "elasticloadbalancingv2" | "apigateway" => NETWORK,
        "model" => MODEL,
        "ecs" | "lambda" | "autoscaling" | "applicationautoscaling" | "ecr" => COMPUTE,
        "s3" | "dynamodb" | "rds" | "opensearchservice" | "efs" => STORAGE,
        "iam" | "kms" | "secretsmanager" | "wafv2" => SECURITY,
        "stepfunctions" | "events" | "sqs" | "sns" => INTEGRATION,
        _ => MANAGEMENT,
    }
}

/// What the colours of a group mean, in a word.
pub(super) fn meaning(colours: Colours) -> &'static str {
    match colours {
        NETWORK => "network",
        COMPUTE => "compute",
        STORAGE => "data",
        SECURITY => "access",
        INTEGRATION => "events and workflows",
        STACK => "stack",
        MODEL => "hosted model",
        _ => "operations",
    }
}
