//! `loadBalancerConfig`: how a model's load balancer asks its hosts for their health.

use serde::{Deserialize, Serialize};

use super::read::Fields;

/// The load balancer before a model's hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancerConfig {
    /// How it asks a host for its health.
    pub health_check_config: TargetHealthCheck,
}

/// How a load balancer asks a host for its health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetHealthCheck {
    /// The path that must answer.
    pub path: String,
    /// Seconds between two checks.
    pub interval: u32,
    /// Seconds after which a check has failed.
    pub timeout: u32,
    /// Successes after which a host is healthy.
    pub healthy_threshold_count: u32,
    /// Failures after which a host is unhealthy.
    pub unhealthy_threshold_count: u32,
}

impl LoadBalancerConfig {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let check = fields.required_object("healthCheckConfig")?;
        Some(Self {
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
