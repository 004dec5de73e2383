//! `loadBalancerConfig`: certificate, domain and health check of an application load balancer.

use crate::words::{self, CertificateArn};
use lisa_names::DomainName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Certificate, domain and health check of an application load balancer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LoadBalancerConfig {
    /// Certificate for HTTPS on port 443: of IAM or of ACM. Not given: HTTP on port 80.
    pub ssl_cert_iam_arn: Option<CertificateArn>,
    /// Custom domain that stands in published URLs instead of the load balancer's own name.
    #[schemars(schema_with = "words::domain_name")]
    pub domain_name: Option<DomainName>,
    /// How the load balancer finds out whether a host answers.
    pub health_check_config: TargetHealthCheck,
}

/// How a load balancer finds out whether a host answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TargetHealthCheck {
    /// The path that is asked for. The serve API answers on `/health`.
    #[schemars(length(max = 1024), regex(pattern = r"^/[^\s]*$"), extend("x-expected" = "a path that starts with `/`"))]
    pub path: String,
    /// Seconds between two checks. More than `timeout`.
    #[schemars(range(min = 5, max = 300))]
    pub interval: u32,
    /// Seconds until a check has failed.
    #[schemars(range(min = 2, max = 120))]
    pub timeout: u32,
    /// How many successes in a row make a host healthy.
    #[schemars(range(min = 2, max = 10))]
    pub healthy_threshold_count: u32,
    /// How many failures in a row make a host unhealthy.
    #[schemars(range(min = 2, max = 10))]
    pub unhealthy_threshold_count: u32,
}

impl Default for TargetHealthCheck {
    fn default() -> Self {
        Self {
            path: "/health".to_owned(),
            interval: 30,
            timeout: 10,
            healthy_threshold_count: 2,
            unhealthy_threshold_count: 2,
        }
    }
}
