//! `POST /models`: the request that makes a model, which is also what its row in the table keeps.

use std::cell::RefCell;

use lisa_names::{ImageRef, InstanceType, ModelId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::read::{Fields, wrong};
use super::{AutoScalingConfig, ContainerConfig, InferenceContainer, LoadBalancerConfig, ModelType, schema};
use crate::error::FieldError;

/// A model to be made: hosted by LISA when it has the five hosting fields, otherwise reached elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = schema::request)]
pub struct CreateModelRequest {
    /// The unique name that clients send as `model`.
    #[schemars(length(min = 1))]
    pub model_id: String,
    /// What the engine or provider calls it: `mistralai/Mistral-7B-Instruct-v0.2`, `bedrock/amazon.titan-...`.
    #[schemars(length(min = 1))]
    pub model_name: String,
    /// What it makes.
    pub model_type: ModelType,
    /// Where an external model answers.
    pub model_url: Option<String>,
    /// Whether it can answer piece by piece.
    pub streaming: bool,
    /// A text for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_description: Option<String>,
    /// The groups that may use it; everybody without.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_groups: Vec<String>,
    /// What it can do beyond its type.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<ModelFeature>,
    /// How many hosts it has; a hosting field.
    pub auto_scaling_config: Option<AutoScalingConfig>,
    /// Its container; a hosting field.
    pub container_config: Option<ContainerConfig>,
    /// Its engine; a hosting field, told by the image where it is missing.
    pub inference_container: Option<InferenceContainer>,
    /// Its hosts' EC2 instance type; a hosting field.
    pub instance_type: Option<String>,
    /// Its load balancer; a hosting field.
    pub load_balancer_config: Option<LoadBalancerConfig>,
}

/// Something that a model can do beyond its type: `imageInput`, `toolCalls`, `reasoning`, `summarization`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModelFeature {
    /// The feature's name.
    pub name: String,
    /// A text for people.
    #[serde(default)]
    pub overview: String,
}

impl CreateModelRequest {
    /// Reads and validates a request in any of its forms.
    ///
    /// The errors are every wrong field, sorted by path.
    pub fn parse(request: &Value) -> Result<Self, Vec<FieldError>> {
        let (read, mut errors) = Self::read(request);
        for rule in read.validate() {
            // A field that could not be read has broken no rule of its own.
            if errors.iter().all(|error| error.path != rule.path) {
                errors.push(rule);
            }
        }
        errors.sort();
        if errors.is_empty() { Ok(read) } else { Err(errors) }
    }

    /// Reads what can be read, and says what cannot.
    fn read(request: &Value) -> (Self, Vec<FieldError>) {
        let faults = RefCell::new(Vec::new());
        let fields = Fields::of(request, &faults);
        let container_config = fields.object("containerConfig").as_ref().map(ContainerConfig::read);
        let engine = fields.word("inferenceContainer", InferenceContainer::ALL, InferenceContainer::as_str);
        let told = || {
            container_config.as_ref().filter(|_| fields.get("inferenceContainer").is_none())?.image.engine()
        };
        if fields.get("modelType").is_none() && request.is_object() {
            fields.missing("modelType");
        }
        let model = Self {
            model_id: fields.required_text("modelId"),
            model_name: fields.required_text("modelName"),
            model_type: fields
                .word("modelType", ModelType::ALL, ModelType::as_str)
                .unwrap_or(ModelType::TextGen),
            model_url: fields.text("modelUrl").filter(|url| !url.is_empty()),
            streaming: fields.flag("streaming").unwrap_or(false),
            model_description: fields.text("modelDescription"),
            allowed_groups: fields.texts("allowedGroups").unwrap_or_default(),
            features: features(&fields).unwrap_or_default(),
            auto_scaling_config: fields.object("autoScalingConfig").as_ref().map(AutoScalingConfig::read),
            inference_container: engine.or_else(told),
            container_config,
            instance_type: fields.text("instanceType"),
            load_balancer_config: fields
                .object("loadBalancerConfig")
                .as_ref()
                .and_then(LoadBalancerConfig::read),
        };
        (model, faults.into_inner())
    }

    /// Whether LISA hosts the model: any hosting field says so, and then all are needed.
    pub fn is_hosted(&self) -> bool {
        self.hosting_fields().iter().any(|(_, given)| *given)
    }

    /// The hosting fields, and whether each is given.
    fn hosting_fields(&self) -> [(&'static str, bool); 5] {
        [
            ("autoScalingConfig", self.auto_scaling_config.is_some()),
            ("containerConfig", self.container_config.is_some()),
            ("inferenceContainer", self.inference_container.is_some()),
            ("instanceType", self.instance_type.is_some()),
            ("loadBalancerConfig", self.load_balancer_config.is_some()),
        ]
    }

    /// The rules that no single field can break alone, and those of names.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.model_type == ModelType::Embedding && self.streaming {
            errors.push(FieldError::new(
                "streaming",
                "is `true`, but an embedding model has nothing to stream",
            ));
        }
        if self.is_hosted() {
            self.validate_hosting(&mut errors);
        } else if self.model_id.chars().any(|c| "/?#%".contains(c) || c.is_whitespace() || c.is_control()) {
            errors.push(FieldError::new("modelId", "has a space or one of `/?#%`, which no path can carry"));
        }
        errors
    }

    fn validate_hosting(&self, errors: &mut Vec<FieldError>) {
        for (name, _) in self.hosting_fields().iter().filter(|(_, given)| !given) {
            let message = "is missing; a hosted model needs all of `autoScalingConfig`, `containerConfig`, \
                           `inferenceContainer`, `instanceType` and `loadBalancerConfig`";
            errors.push(FieldError::new(*name, message));
        }
        let mut name = |path: &str, result: Result<(), lisa_names::NameError>| {
            if let Err(error) = result {
                let help = error.help().map(|help| format!(". {help}")).unwrap_or_default();
                errors.push(FieldError::new(path, format!("{error}{help}")));
            }
        };
        name("modelId", ModelId::new(&self.model_id).map(drop));
        if let Some(instance) = &self.instance_type {
            name("instanceType", InstanceType::new(instance).map(drop));
        }
        let container = self.container_config.as_ref();
        // An empty reference is a missing one, which reading has reported.
        if let Some(reference) = container.and_then(|it| it.image.reference()).filter(|text| !text.is_empty())
        {
            name("containerConfig.image", ImageRef::new(reference).map(drop));
        }
    }
}

impl<'de> Deserialize<'de> for CreateModelRequest {
    /// Reads any form; rules are left to [`CreateModelRequest::validate`], since rows of the table have passed them.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (read, errors) = Self::read(&Value::deserialize(deserializer)?);
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        if lines.is_empty() { Ok(read) } else { Err(serde::de::Error::custom(lines.join("; "))) }
    }
}

pub(super) fn features(fields: &Fields<'_>) -> Option<Vec<ModelFeature>> {
    let value = fields.get("features")?;
    Some(serde_json::from_value(value.clone()).unwrap_or_else(|_| {
        fields.fault("features", wrong("a list of objects with `name` and `overview`", value));
        Vec::new()
    }))
}
