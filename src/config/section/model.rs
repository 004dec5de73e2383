//! `ecsModels`: models that LISA hosts, in the three-field form of 3.1 and the full form of 3.0.

use super::auto_scaling::AutoScalingConfig;
use super::container::{ContainerConfig, ContainerFile};
use super::image::{Image, ImageFile};
use super::litellm::ModelType;
use super::load_balancer::LoadBalancerConfig;
use crate::words;
use lisa_names::{InstanceType, ModelId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A model of the config file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EcsModel {
    /// Id of the model; derived from its name when the file gives none.
    pub model_id: ModelId,
    /// Name of the model: its folder in the bucket of model weights.
    pub model_name: String,
    /// The engine that runs it, where the file tells.
    pub inference_container: Option<InferenceContainer>,
    /// How it is hosted, when `deploy` is `true`. `None`: the weights are looked after, nothing runs.
    pub hosting: Option<HostedModel>,
}

/// A model that LISA hosts: everything its stack is made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostedModel {
    /// Id of the model.
    pub model_id: ModelId,
    /// Name of the model: its folder in the bucket of model weights.
    pub model_name: String,
    /// What the model does.
    pub model_type: ModelType,
    /// Whether the model can stream. Always `false` for an embedding model.
    pub streaming: bool,
    /// Instance type of the hosts.
    pub instance_type: InstanceType,
    /// The engine that runs the model.
    pub inference_container: InferenceContainer,
    /// The image of the engine.
    pub image: Image,
    /// Environment, memory and health check of the engine's container. Its own image is the one above.
    pub container_config: ContainerConfig,
    /// How many hosts run.
    pub auto_scaling_config: AutoScalingConfig,
    /// Certificate, domain and health check of the model's load balancer.
    pub load_balancer_config: LoadBalancerConfig,
}

/// A model that LISA hosts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "EcsModel")]
pub(crate) struct EcsModelFile {
    /// Id of the model, unique among all: part of its stack's name and of URLs. Not given: made from `modelName`.
    #[serde(default)]
    #[schemars(schema_with = "words::model_id")]
    pub(crate) model_id: Option<ModelId>,
    /// Name of the model: its folder in the bucket of model weights, such as `mistralai/Mistral-7B-Instruct-v0.2`.
    #[schemars(length(max = 512), regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._/-]*$"),
        extend("x-expected" = "letters, digits and `._/-`, such as `mistralai/Mistral-7B-Instruct-v0.2`"))]
    pub(crate) model_name: String,
    /// Whether a stack that hosts the model is deployed. Not given: `true` for an entry with an `instanceType`,
    /// `false` for the three-field form.
    pub(crate) deploy: Option<bool>,
    /// Whether the model can stream. Not given: `false`; an `embedding` model never does.
    pub(crate) streaming: Option<bool>,
    /// What the model does.
    pub(crate) model_type: Option<ModelType>,
    /// Instance type of the hosts, such as `g5.xlarge`.
    #[serde(default)]
    #[schemars(schema_with = "words::instance_type")]
    pub(crate) instance_type: Option<InstanceType>,
    /// The engine that runs the model. Not given: told from the image.
    pub(crate) inference_container: Option<InferenceContainer>,
    /// The image of the engine, in the three-field form.
    pub(crate) base_image: Option<ImageFile>,
    /// Image, environment and health check of the engine.
    pub(crate) container_config: Option<ContainerFile>,
    /// How many hosts run, and what makes it more or fewer.
    #[serde(default)]
    pub(crate) auto_scaling_config: AutoScalingConfig,
    /// Certificate, domain and health check of the model's load balancer.
    #[serde(default)]
    pub(crate) load_balancer_config: LoadBalancerConfig,
}

/// The engine that runs a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InferenceContainer {
    /// Text Generation Inference.
    Tgi,
    /// Text Embeddings Inference.
    Tei,
    /// Instructor embeddings.
    Instructor,
    /// vLLM.
    Vllm,
}

impl InferenceContainer {
    /// The engine's name in config files and model requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tgi => "tgi",
            Self::Tei => "tei",
            Self::Instructor => "instructor",
            Self::Vllm => "vllm",
        }
    }

    /// The engine that an image or its build directory is named for.
    pub(crate) fn told_by(image: &str) -> Option<Self> {
        let image = image.to_ascii_lowercase();
        let has = |word: &str| image.contains(word);
        if has("vllm") {
            Some(Self::Vllm)
        } else if has("text-generation-inference") || has("textgen/tgi") {
            Some(Self::Tgi)
        } else if has("text-embeddings-inference") || has("embedding/tei") {
            Some(Self::Tei)
        } else if has("instructor") {
            Some(Self::Instructor)
        } else {
            None
        }
    }
}
