//! What a model's stack is made from, whichever door the model came in by.

use lisa_api::models::{self as api, CreateModelRequest};
use lisa_cfn::Violation;
use lisa_config::section::auto_scaling::{AlbMetric, AutoScalingConfig, MetricConfig};
use lisa_config::section::container::{ContainerConfig, ContainerHealthCheck};
use lisa_config::section::image::Image;
use lisa_config::section::load_balancer::{LoadBalancerConfig, TargetHealthCheck};
use lisa_config::section::model::{HostedModel, InferenceContainer};
use lisa_names::{InstanceType, ModelId, NameError};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::engine;
use crate::error::{SynthError, SynthErrors};

/// A model to host.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSpec {
    /// Id of the model.
    pub id: ModelId,
    /// Name of the model: its folder in the bucket of weights.
    pub name: String,
    /// Type of the hosts.
    pub instance_type: InstanceType,
    /// The engine.
    pub engine: InferenceContainer,
    /// The engine's image.
    pub image: Image,
    /// The engine's environment, memory and health check.
    pub container: ContainerConfig,
    /// How many hosts.
    pub scaling: AutoScalingConfig,
    /// Certificate, domain and health check.
    pub load_balancer: LoadBalancerConfig,
    /// Where this stands, for messages: `ecsModels[0]`, or `model` for a request.
    pub origin: String,
}

impl ModelSpec {
    /// A model of the configuration, the `index`th of `ecsModels`.
    pub fn from_config(index: usize, model: &HostedModel) -> Self {
        Self {
            id: model.model_id.clone(),
            name: model.model_name.clone(),
            instance_type: model.instance_type.clone(),
            engine: model.inference_container,
            image: model.image.clone(),
            container: model.container_config.clone(),
            scaling: model.auto_scaling_config.clone(),
            load_balancer: model.load_balancer_config.clone(),
            origin: format!("ecsModels[{index}]"),
        }
    }

    /// A model that the management API is asked to create. The request has passed its own rules.
    ///
    /// # Errors
    ///
    /// A field that hosting needs is missing or names what LISA does not know.
    pub fn from_request(request: &CreateModelRequest) -> Result<Self, SynthErrors> {
        let id = ModelId::new(&request.model_id).map_err(|error| named("modelId", &error))?;
        let needed = |field: &'static str| refused(field, "set for a hosted model", "nothing");
        let instance_type = request.instance_type.as_deref().ok_or_else(|| needed("instanceType"))?;
        let container = request.container_config.as_ref().ok_or_else(|| needed("containerConfig"))?;
        let engine = request.inference_container.ok_or_else(|| needed("inferenceContainer"))?;
        let spec = Self {
            id,
            name: request.model_name.clone(),
            instance_type: InstanceType::new(instance_type).map_err(|error| named("instanceType", &error))?,
            engine: wire_engine(engine),
            image: image(&container.image)?,
            container: self::container(container),
            scaling: scaling(
                request.auto_scaling_config.as_ref().ok_or_else(|| needed("autoScalingConfig"))?,
            ),
            load_balancer: load_balancer(request)?,
            origin: "model".to_owned(),
        };
        match engine::unfit(&spec) {
            Some((variable, versions)) => {
                let found = spec.container.environment.get(variable).map_or("", String::as_str);
                Err(refused(&format!("containerConfig.environment.{variable}"), &versions, found))
            }
            None => Ok(spec),
        }
    }

    /// The stack's short name: `model-` and the id's letters and digits in lower case.
    pub fn stack_name(&self) -> String {
        format!("model-{}", self.id.identifier().to_lowercase())
    }

    /// The place of one of the model's keys.
    pub(super) fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.origin)
    }
}

fn named(field: &str, error: &NameError) -> SynthErrors {
    refused(field, &format!("{} ({})", error.kind(), error.allowed()), error.found())
}

fn refused(field: &str, expected: &str, found: &str) -> SynthErrors {
    let violation = Violation {
        logical_id: String::new(),
        property: field.to_owned(),
        rule: "model",
        expected: expected.to_owned(),
        found: found.to_owned(),
        set_by: None,
    };
    SynthErrors(vec![SynthError::Property { stack: "model".to_owned(), violation, location: None }])
}

const fn wire_engine(engine: api::InferenceContainer) -> InferenceContainer {
    match engine {
        api::InferenceContainer::Tgi => InferenceContainer::Tgi,
        api::InferenceContainer::Tei => InferenceContainer::Tei,
        api::InferenceContainer::Instructor => InferenceContainer::Instructor,
        api::InferenceContainer::Vllm => InferenceContainer::Vllm,
    }
}

/// The image in the configuration's words: both have one form on the wire, and the configuration's is the stricter one.
fn image(image: &api::Image) -> Result<Image, SynthErrors> {
    let reference = match image {
        // A directory cannot be built where the request is answered: the stock image runs as it is.
        api::Image::Asset { base_image, .. } => json!({ "type": "registry", "registry": base_image }),
        other => json!(other),
    };
    serde_json::from_value(reference.clone()).map_err(|error| {
        let found = reference.to_string();
        refused("containerConfig.image", &format!("an image that hosts can pull ({error})"), &found)
    })
}

fn container(container: &api::ContainerConfig) -> ContainerConfig {
    let check = &container.health_check_config;
    ContainerConfig {
        image: None,
        environment: container.environment.clone(),
        shared_memory_size: container.shared_memory_size,
        health_check_config: ContainerHealthCheck {
            command: check.command.clone(),
            interval: check.interval,
            start_period: check.start_period,
            timeout: check.timeout,
            retries: check.retries,
        },
        memory_reservation: container.memory_reservation,
    }
}

fn scaling(scaling: &api::AutoScalingConfig) -> AutoScalingConfig {
    let metric = &scaling.metric_config;
    let times = metric.alb_metric_name == AlbMetric::TargetResponseTime.as_str();
    let defaults = AutoScalingConfig::default();
    AutoScalingConfig {
        min_capacity: scaling.min_capacity,
        max_capacity: scaling.max_capacity,
        default_instance_warmup: scaling.default_instance_warmup,
        cooldown: scaling.cooldown,
        block_device_volume_size: scaling
            .block_device_volume_size
            .unwrap_or(defaults.block_device_volume_size),
        metric_config: MetricConfig {
            alb_metric_name: if times {
                AlbMetric::TargetResponseTime
            } else {
                AlbMetric::RequestCountPerTarget
            },
            target_value: metric.target_value.into(),
            duration: metric.duration,
            estimated_instance_warmup: metric.estimated_instance_warmup,
        },
    }
}

fn load_balancer(request: &CreateModelRequest) -> Result<LoadBalancerConfig, SynthErrors> {
    let Some(config) = &request.load_balancer_config else { return Ok(LoadBalancerConfig::default()) };
    let check = &config.health_check_config;
    Ok(LoadBalancerConfig {
        ssl_cert_iam_arn: word("loadBalancerConfig.sslCertIamArn", config.ssl_cert_iam_arn.as_deref())?,
        domain_name: word("loadBalancerConfig.domainName", config.domain_name.as_deref())?,
        health_check_config: TargetHealthCheck {
            path: check.path.clone(),
            interval: check.interval,
            timeout: check.timeout,
            healthy_threshold_count: check.healthy_threshold_count,
            unhealthy_threshold_count: check.unhealthy_threshold_count,
        },
    })
}

/// A text as one of the configuration's words, which are the stricter ones.
fn word<T: DeserializeOwned>(field: &str, text: Option<&str>) -> Result<Option<T>, SynthErrors> {
    let Some(text) = text else { return Ok(None) };
    let read = serde_json::from_value(json!(text));
    read.map(Some).map_err(|error| refused(field, &error.to_string(), text))
}
