//! `containerConfig`: the image of a hosted model, its environment, memory and health check.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::InferenceContainer;
use super::read::{Fields, wrong};
use super::schema;

/// How a hosted model's container is made and run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = schema::container)]
pub struct ContainerConfig {
    /// Where the image comes from.
    pub image: Image,
    /// `/dev/shm` in MiB.
    #[schemars(range(min = 1))]
    pub shared_memory_size: u32,
    /// How ECS asks the container for its health.
    pub health_check_config: ContainerHealthCheck,
    /// Environment variables of the engine.
    pub environment: BTreeMap<String, String>,
    /// Memory that is kept for the container in MiB; derived from the instance type without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub memory_reservation: Option<u32>,
}

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Image {
    /// Built from a Dockerfile on top of another image.
    Asset {
        /// The image to build on.
        base_image: String,
        /// The build folder among the model containers: `vllm`, `textgen/tgi`, `embedding/tei`.
        #[serde(skip_serializing_if = "Option::is_none")]
        path: Option<String>,
    },
    /// Pulled from a registry as it is.
    Registry {
        /// The image's reference: `vllm/vllm-openai:v0.5.0`.
        registry: String,
    },
    /// Pulled from a repository of ECR.
    Ecr {
        /// The repository's ARN.
        repository_arn: String,
        /// The tag, `latest` without.
        #[serde(skip_serializing_if = "Option::is_none")]
        tag: Option<String>,
    },
    /// Loaded from an archive.
    Tarball {
        /// The archive's path.
        path: String,
    },
}

impl Image {
    /// The reference that the image is, or is built on, where there is one.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Asset { base_image, .. } => Some(base_image),
            Self::Registry { registry } => Some(registry),
            Self::Ecr { .. } | Self::Tarball { .. } => None,
        }
    }

    /// The engine in the image, told by its build folder or by the name of a well-known image.
    ///
    /// Requests of 3.0 need not name the engine; upstream chose it by the folder.
    pub fn engine(&self) -> Option<InferenceContainer> {
        let folder = match self {
            Self::Asset { path: Some(path), .. } => path.rsplit('/').next().unwrap_or_default(),
            _ => "",
        };
        let named = |part: &str| self.reference().is_some_and(|reference| reference.contains(part));
        InferenceContainer::from_text(folder).or_else(|| {
            if named("vllm") {
                Some(InferenceContainer::Vllm)
            } else if named("text-generation-inference") {
                Some(InferenceContainer::Tgi)
            } else if named("text-embeddings-inference") {
                Some(InferenceContainer::Tei)
            } else {
                None
            }
        })
    }

    /// Reads `image` of 3.1, or `baseImage` of 3.0 as an object or as the bare reference.
    fn read(container: &Fields<'_>) -> Self {
        let name = if container.get("image").is_some() { "image" } else { "baseImage" };
        match container.get(name) {
            None => {
                container.missing("image");
                Self::Registry { registry: String::new() }
            }
            Some(Value::String(_)) => Self::Registry { registry: container.required_text(name) },
            Some(_) => container
                .object(name)
                .map_or(Self::Registry { registry: String::new() }, |fields| Self::read_object(&fields)),
        }
    }

    fn read_object(fields: &Fields<'_>) -> Self {
        match fields.word("type", &["asset", "registry", "ecr", "tarball"], |word| word) {
            Some("asset") => {
                Self::Asset { base_image: fields.required_text("baseImage"), path: fields.text("path") }
            }
            Some("tarball") => Self::Tarball { path: fields.required_text("path") },
            Some("ecr") if fields.get("repositoryArn").is_some() => {
                Self::Ecr { repository_arn: fields.required_text("repositoryArn"), tag: fields.text("tag") }
            }
            // 3.1 had no field but `baseImage` for an image in a registry, ECR's included.
            found => {
                if found.is_none() && fields.get("type").is_none() {
                    fields.missing("type");
                }
                let name = if fields.get("registry").is_some() { "registry" } else { "baseImage" };
                Self::Registry { registry: fields.required_text(name) }
            }
        }
    }
}

/// How ECS asks a container for its health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = schema::health_check)]
pub struct ContainerHealthCheck {
    /// The command, starting with `CMD` or `CMD-SHELL`.
    pub command: Vec<String>,
    /// Seconds between two checks.
    #[schemars(range(min = 1))]
    pub interval: u32,
    /// Seconds in which failures do not count.
    #[schemars(range(min = 1))]
    pub start_period: u32,
    /// Seconds after which a check has failed.
    #[schemars(range(min = 1))]
    pub timeout: u32,
    /// Failures after which the container is unhealthy.
    #[schemars(range(min = 1))]
    pub retries: u32,
}

impl ContainerHealthCheck {
    fn read(fields: &Fields<'_>) -> Self {
        let command = match fields.get("command") {
            // A bare command line is what Docker calls the shell form.
            Some(Value::String(line)) => vec!["CMD-SHELL".to_owned(), line.clone()],
            Some(_) => fields.texts("command").unwrap_or_default(),
            None => {
                fields.missing("command");
                Vec::new()
            }
        };
        if fields.get("command").is_some_and(|value| value.as_array().is_some_and(Vec::is_empty)) {
            fields.fault("command", "is empty");
        }
        Self {
            command,
            interval: fields.required_number("interval", 1, 1),
            start_period: fields.required_number("startPeriod", 1, 1),
            timeout: fields.required_number("timeout", 1, 1),
            retries: fields.required_number("retries", 1, 1),
        }
    }
}

impl ContainerConfig {
    pub(super) fn read(fields: &Fields<'_>) -> Self {
        let image = Image::read(fields);
        let health_check = fields.required_object("healthCheckConfig");
        Self {
            image,
            shared_memory_size: fields.required_number("sharedMemorySize", 1, 1),
            health_check_config: health_check
                .as_ref()
                .map_or_else(Self::no_check, ContainerHealthCheck::read),
            environment: environment(fields).unwrap_or_default(),
            memory_reservation: fields.number("memoryReservation", 1),
        }
    }

    /// Stands in while the faults of a request are gathered.
    fn no_check() -> ContainerHealthCheck {
        ContainerHealthCheck { command: Vec::new(), interval: 1, start_period: 1, timeout: 1, retries: 1 }
    }
}

/// The environment; numbers and booleans, which people write without quotes, become text.
pub(super) fn environment(fields: &Fields<'_>) -> Option<BTreeMap<String, String>> {
    let value = fields.get("environment")?;
    let Some(object) = value.as_object() else {
        fields.fault("environment", wrong("an object", value));
        return None;
    };
    let mut environment = BTreeMap::new();
    for (name, value) in object {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            // A variable without a value is not set.
            Value::Null => continue,
            other => {
                fields.fault(&format!("environment.{name}"), wrong("a text", other));
                continue;
            }
        };
        if name.is_empty() {
            fields.fault("environment", "has a variable without a name");
        }
        environment.insert(name.clone(), text);
    }
    Some(environment)
}
