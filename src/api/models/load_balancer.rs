//! `loadBalancerConfig`: how a model's load balancer asks its hosts for their health.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::read::Fields;

/// The load balancer before a model's hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancerConfig {
    /// How it asks a host for its health.
    pub health_check_config: TargetHealthCheck,
    /// The certificate that it shows, in IAM or ACM; HTTP without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssl_cert_iam_arn: Option<String>,
    /// The name that it is reached by; its own without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_name: Option<String>,
}

/// How a load balancer asks a host for its health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetHealthCheck {
    /// The path that must answer.
    #[schemars(length(min = 1))]
    pub path: String,
    /// Seconds between two checks.
    #[schemars(range(min = 1))]
    pub interval: u32,
    /// Seconds after which a check has failed.
    #[schemars(range(min = 1))]
    pub timeout: u32,
    /// Successes after which a host is healthy.
    #[schemars(range(min = 1))]
    pub healthy_threshold_count: u32,
    /// Failures after which a host is unhealthy.
    #[schemars(range(min = 1))]
    pub unhealthy_threshold_count: u32,
}

impl LoadBalancerConfig {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let check = fields.required_object("healthCheckConfig")?;
        Some(Self {
            ssl_cert_iam_arn: fields.text("sslCertIamArn"),
            domain_name: fields.text("domainName"),
            health_check_config: TargetHealthCheck {
                path: check.required_text("path"),
                interval: check.required_number("interval", 1, 1),
                timeout: check.required_number("timeout", 1, 1),
                healthy_threshold_count: check.required_number("healthyThresholdCount", 1, 1),
                unhealthy_threshold_count: check.required_number("unhealthyThresholdCount", 1, 1),
            },
        })
    }
}
