//! `autoScalingConfig`: how many hosts a model has, and what makes them more or fewer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::read::Fields;
use super::schema;

/// How many hosts a model has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = schema::scaling)]
pub struct AutoScalingConfig {
    /// Fewest hosts.
    pub min_capacity: u32,
    /// Most hosts.
    pub max_capacity: u32,
    /// Hosts to begin with; the fewest without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired_capacity: Option<u32>,
    /// Seconds between two changes, 420 by default.
    #[schemars(range(min = 1))]
    pub cooldown: u32,
    /// Seconds until a host counts, 180 by default.
    #[schemars(range(min = 1))]
    pub default_instance_warmup: u32,
    /// Size of the root volume in GiB, at least 30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 30))]
    pub block_device_volume_size: Option<u32>,
    /// What the number of hosts follows.
    pub metric_config: MetricConfig,
}

/// What the number of hosts follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = schema::metric)]
pub struct MetricConfig {
    /// A metric of the load balancer, `RequestCountPerTarget` by default.
    pub alb_metric_name: String,
    /// The value that is aimed at, 30 by default.
    pub target_value: u32,
    /// Seconds that one value of the metric stands for, 60 by default.
    #[schemars(range(min = 1))]
    pub duration: u32,
    /// Seconds until a new host's values count, 330 by default.
    #[schemars(range(min = 1))]
    pub estimated_instance_warmup: u32,
}

impl Default for MetricConfig {
    fn default() -> Self {
        Self {
            alb_metric_name: "RequestCountPerTarget".to_owned(),
            target_value: 30,
            duration: 60,
            estimated_instance_warmup: 330,
        }
    }
}

impl AutoScalingConfig {
    pub(super) fn read(fields: &Fields<'_>) -> Self {
        let config = Self {
            min_capacity: fields.required_number("minCapacity", 0, 0),
            max_capacity: fields.required_number("maxCapacity", 0, u32::MAX),
            desired_capacity: fields.number("desiredCapacity", 0),
            cooldown: fields.number("cooldown", 1).unwrap_or(420),
            default_instance_warmup: fields.number("defaultInstanceWarmup", 1).unwrap_or(180),
            block_device_volume_size: fields.number("blockDeviceVolumeSize", 30),
            metric_config: fields.object("metricConfig").as_ref().map(MetricConfig::read).unwrap_or_default(),
        };
        let (least, most) = (config.min_capacity, config.max_capacity);
        if least > most {
            fields.fault("minCapacity", format!("is {least}, more than `maxCapacity`, which is {most}"));
        } else if let Some(desired) =
            config.desired_capacity.filter(|desired| !(least..=most).contains(desired))
        {
            fields.fault("desiredCapacity", format!("is {desired}, allowed is {least} to {most}"));
        }
        config
    }
}

impl MetricConfig {
    fn read(fields: &Fields<'_>) -> Self {
        let default = Self::default();
        // config.yaml writes this one key with a capital.
        let name = if fields.get("AlbMetricName").is_some() { "AlbMetricName" } else { "albMetricName" };
        let metric = fields.get(name).map(|_| fields.required_text(name));
        Self {
            alb_metric_name: metric.unwrap_or(default.alb_metric_name),
            target_value: fields.number("targetValue", 0).unwrap_or(default.target_value),
            duration: fields.number("duration", 1).unwrap_or(default.duration),
            estimated_instance_warmup: fields
                .number("estimatedInstanceWarmup", 1)
                .unwrap_or(default.estimated_instance_warmup),
        }
    }
}
