//! `PUT /models/{id}`: the request that changes, starts or stops a model.

use std::cell::RefCell;

use serde::Serialize;
use serde_json::Value;

use super::ModelType;
use super::read::Fields;
use crate::error::FieldError;

/// A change to a model; at least one field is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateModelRequest {
    /// Another number of hosts.
    pub auto_scaling_instance_config: Option<AutoScalingInstanceConfig>,
    /// `true` starts the model, `false` stops it.
    pub enabled: Option<bool>,
    /// Another type.
    pub model_type: Option<ModelType>,
    /// Whether it can answer piece by piece.
    pub streaming: Option<bool>,
    /// Another text for people.
    pub model_description: Option<String>,
    /// Other groups that may use it.
    pub allowed_groups: Option<Vec<String>>,
}

/// Another number of hosts; at least one field is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AutoScalingInstanceConfig {
    /// Fewest hosts.
    pub min_capacity: Option<u32>,
    /// Most hosts.
    pub max_capacity: Option<u32>,
    /// Hosts from now on.
    pub desired_capacity: Option<u32>,
    /// Seconds between two changes.
    pub cooldown: Option<u32>,
    /// Seconds until a host counts.
    pub default_instance_warmup: Option<u32>,
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
        if let Some(scaling) = &self.auto_scaling_instance_config {
            if self.enabled.is_some() {
                errors.push(FieldError::new(
                    "enabled",
                    "cannot change together with `autoScalingInstanceConfig`",
                ));
            }
            scaling.validate(&mut errors);
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
