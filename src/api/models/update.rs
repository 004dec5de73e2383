//! `PUT /models/{id}`: the request that changes, starts or stops a model.

use std::cell::RefCell;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::container::environment;
use super::create::features;
use super::read::Fields;
use super::{ContainerConfig, ModelFeature, ModelType};
use crate::error::FieldError;

/// The value by which a variable of the environment is taken away; upstream's word.
pub const REMOVED: &str = "LISA_MARKED_FOR_DELETION";

/// A change to a model; at least one field is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = super::schema::api_key)]
pub struct UpdateModelRequest {
    /// Another number of hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_scaling_instance_config: Option<AutoScalingInstanceConfig>,
    /// `true` starts the model, `false` stops it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Another type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_type: Option<ModelType>,
    /// Whether it can answer piece by piece.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streaming: Option<bool>,
    /// Another text for people; an empty one takes it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_description: Option<String>,
    /// Other groups that may use it; an empty list lets everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_groups: Option<Vec<String>>,
    /// What else it can do, in place of what was said before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<ModelFeature>>,
    /// Other settings of the engine's container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_config: Option<ContainerChange>,
}

/// Another number of hosts; at least one field is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AutoScalingInstanceConfig {
    /// Fewest hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub min_capacity: Option<u32>,
    /// Most hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_capacity: Option<u32>,
    /// Hosts from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub desired_capacity: Option<u32>,
    /// Seconds between two changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub cooldown: Option<u32>,
    /// Seconds until a host counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub default_instance_warmup: Option<u32>,
}

/// Other settings of the engine's container; at least one field is given. What is not given stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContainerChange {
    /// Variables to set; one with the value `LISA_MARKED_FOR_DELETION` is taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<BTreeMap<String, String>>,
    /// `/dev/shm` in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub shared_memory_size: Option<u32>,
    /// The health check's command, starting with `CMD` or `CMD-SHELL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_check_command: Option<Vec<String>>,
    /// Seconds between two health checks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub health_check_interval: Option<u32>,
    /// Seconds after which a health check has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub health_check_timeout: Option<u32>,
    /// Seconds in which failures of health checks do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub health_check_start_period: Option<u32>,
    /// Failures after which the container is unhealthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub health_check_retries: Option<u32>,
}

impl UpdateModelRequest {
    /// Reads and validates a request; the errors are every wrong field, sorted by path.
    ///
    /// What depends on the model as it is (its status, its limits) is for the service to check.
    pub fn parse(request: &Value) -> Result<Self, Vec<FieldError>> {
        let faults = RefCell::new(Vec::new());
        let fields = Fields::of(request, &faults);
        let scaling =
            fields.object("autoScalingInstanceConfig").as_ref().map(AutoScalingInstanceConfig::read);
        let update = Self {
            auto_scaling_instance_config: scaling,
            enabled: fields.flag("enabled"),
            model_type: fields.word("modelType", ModelType::ALL, ModelType::as_str),
            streaming: fields.flag("streaming"),
            model_description: fields.text("modelDescription"),
            allowed_groups: fields.texts("allowedGroups"),
            features: features(&fields),
            container_config: fields.object("containerConfig").as_ref().map(ContainerChange::read),
        };
        let mut errors = faults.into_inner();
        if errors.is_empty() {
            errors = update.validate();
        }
        errors.sort();
        if errors.is_empty() { Ok(update) } else { Err(errors) }
    }

    /// The rules between the fields.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if *self == Self::default() {
            errors.push(FieldError::new("", "at least one field must be given"));
        }
        if self.model_type == Some(ModelType::Embedding) && self.streaming == Some(true) {
            errors.push(FieldError::new(
                "streaming",
                "is `true`, but an embedding model has nothing to stream",
            ));
        }
        let others = [
            ("autoScalingInstanceConfig", self.auto_scaling_instance_config.is_some()),
            ("containerConfig", self.container_config.is_some()),
        ];
        for (other, _) in others.iter().filter(|(_, given)| *given && self.enabled.is_some()) {
            errors.push(FieldError::new("enabled", format!("cannot change together with `{other}`")));
        }
        if let Some(scaling) = &self.auto_scaling_instance_config {
            scaling.validate(&mut errors);
        }
        if self.container_config.as_ref().is_some_and(|change| *change == ContainerChange::default()) {
            errors.push(FieldError::new("containerConfig", "is empty; at least one field must be given"));
        }
        errors
    }
}

impl AutoScalingInstanceConfig {
    fn read(fields: &Fields<'_>) -> Self {
        Self {
            min_capacity: fields.number("minCapacity", 1),
            max_capacity: fields.number("maxCapacity", 1),
            desired_capacity: fields.number("desiredCapacity", 1),
            cooldown: fields.number("cooldown", 1),
            default_instance_warmup: fields.number("defaultInstanceWarmup", 1),
        }
    }

    fn validate(&self, errors: &mut Vec<FieldError>) {
        let mut fault = |name: &str, message: String| {
            errors.push(FieldError::new(format!("autoScalingInstanceConfig{name}"), message));
        };
        if *self == Self::default() {
            fault("", "is empty; at least one field must be given".to_owned());
        }
        let above =
            |left: Option<u32>, right: Option<u32>| left.zip(right).filter(|(left, right)| left > right);
        if let Some((least, most)) = above(self.min_capacity, self.max_capacity) {
            fault(".minCapacity", format!("is {least}, more than `maxCapacity`, which is {most}"));
        }
        if let Some((desired, most)) = above(self.desired_capacity, self.max_capacity) {
            fault(".desiredCapacity", format!("is {desired}, more than `maxCapacity`, which is {most}"));
        }
        if let Some((least, desired)) = above(self.min_capacity, self.desired_capacity) {
            fault(".desiredCapacity", format!("is {desired}, less than `minCapacity`, which is {least}"));
        }
    }
}

impl ContainerChange {
    /// The health check is written flat, as since 6.x, or as an object like that of a request to create a model.
    fn read(fields: &Fields<'_>) -> Self {
        let nested = fields.object("healthCheckConfig");
        let number = |flat: &str, name: &str| {
            fields.number(flat, 1).or_else(|| nested.as_ref().and_then(|check| check.number(name, 1)))
        };
        let command = match fields.get("healthCheckCommand") {
            Some(_) => command(fields, "healthCheckCommand"),
            None => nested.as_ref().and_then(|check| command(check, "command")),
        };
        Self {
            environment: environment(fields),
            shared_memory_size: fields.number("sharedMemorySize", 1),
            health_check_command: command,
            health_check_interval: number("healthCheckInterval", "interval"),
            health_check_timeout: number("healthCheckTimeout", "timeout"),
            health_check_start_period: number("healthCheckStartPeriod", "startPeriod"),
            health_check_retries: number("healthCheckRetries", "retries"),
        }
    }

    /// The container with the change in it.
    #[must_use]
    pub fn applied_to(&self, container: &ContainerConfig) -> ContainerConfig {
        let mut changed = container.clone();
        for (name, value) in self.environment.iter().flatten() {
            if value == REMOVED {
                changed.environment.remove(name);
            } else {
                changed.environment.insert(name.clone(), value.clone());
            }
        }
        let check = &mut changed.health_check_config;
        let numbers = [
            (&mut changed.shared_memory_size, self.shared_memory_size),
            (&mut check.interval, self.health_check_interval),
            (&mut check.timeout, self.health_check_timeout),
            (&mut check.start_period, self.health_check_start_period),
            (&mut check.retries, self.health_check_retries),
        ];
        for (place, new) in numbers {
            *place = new.unwrap_or(*place);
        }
        if let Some(command) = &self.health_check_command {
            check.command.clone_from(command);
        }
        changed
    }
}

/// A command as a list, or as the line of a shell.
fn command(fields: &Fields<'_>, name: &str) -> Option<Vec<String>> {
    match fields.get(name)? {
        Value::String(line) => Some(vec!["CMD-SHELL".to_owned(), line.clone()]),
        Value::Array(words) if words.is_empty() => {
            fields.fault(name, "is empty");
            None
        }
        _ => fields.texts(name),
    }
}
