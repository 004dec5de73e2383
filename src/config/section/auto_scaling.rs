//! `autoScalingConfig`: how many hosts run, and what makes it more or fewer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many hosts run, and what makes it more or fewer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AutoScalingConfig {
    /// Least number of hosts.
    #[schemars(range(min = 1, max = 1000))]
    pub min_capacity: u32,
    /// Largest number of hosts.
    #[schemars(range(min = 1, max = 1000))]
    pub max_capacity: u32,
    /// Seconds until a new host counts in the group's metrics.
    #[schemars(range(min = 0, max = 3600))]
    pub default_instance_warmup: u32,
    /// Seconds between two changes of the number of hosts.
    #[schemars(range(min = 1, max = 86400))]
    pub cooldown: u32,
    /// Size of a host's disk in GiB.
    #[schemars(range(min = 30, max = 16384))]
    pub block_device_volume_size: u32,
    /// The load-balancer metric that scaling follows.
    pub metric_config: MetricConfig,
}

impl Default for AutoScalingConfig {
    fn default() -> Self {
        Self {
            min_capacity: 1,
            max_capacity: 2,
            default_instance_warmup: 180,
            cooldown: 420,
            block_device_volume_size: 50,
            metric_config: MetricConfig::default(),
        }
    }
}

/// The load-balancer metric that scaling follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MetricConfig {
    /// The metric. `AlbMetricName`, as 3.x spells it, is accepted too.
    #[serde(alias = "AlbMetricName")]
    pub alb_metric_name: AlbMetric,
    /// The value that scaling keeps the metric at: requests per host and period, or seconds per response.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub target_value: f64,
    /// Length of the metric's period in seconds.
    #[schemars(range(min = 10, max = 86400))]
    pub duration: u32,
    /// Seconds until a new host counts in this metric.
    #[schemars(range(min = 0, max = 3600))]
    pub estimated_instance_warmup: u32,
}

impl Default for MetricConfig {
    fn default() -> Self {
        Self {
            alb_metric_name: AlbMetric::RequestCountPerTarget,
            target_value: 30.0,
            duration: 60,
            estimated_instance_warmup: 180,
        }
    }
}

/// A metric of the application load balancer that scaling can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AlbMetric {
    /// Requests per host and period.
    RequestCountPerTarget,
    /// Seconds until a host answers.
    TargetResponseTime,
}

impl AlbMetric {
    /// The metric's name in CloudWatch.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequestCountPerTarget => "RequestCountPerTarget",
            Self::TargetResponseTime => "TargetResponseTime",
        }
    }
}
