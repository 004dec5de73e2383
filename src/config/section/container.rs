//! `containerConfig`: image, environment and health check of one container.

use super::image::{Image, ImageFile};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A container: image, environment, memory, health.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerConfig {
    /// The image. `None`: the one that LISA builds or names itself for this purpose.
    pub image: Option<Image>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// Size of `/dev/shm` in MiB. 0: the engine's default.
    pub shared_memory_size: u32,
    /// Health check inside the container.
    pub health_check_config: ContainerHealthCheck,
    /// Memory kept for the container in MiB. `None`: what the host has, less a reserve.
    pub memory_reservation: Option<u32>,
}

/// A container: image, environment, memory, health.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "ContainerConfig")]
pub(crate) struct ContainerFile {
    /// The container image.
    pub(crate) image: Option<ImageFile>,
    /// The container image, as version 3.0 called it. Use `image`.
    pub(crate) base_image: Option<ImageFile>,
    /// Environment variables. Numbers and booleans become text.
    #[serde(default)]
    #[schemars(schema_with = "environment_schema")]
    pub(crate) environment: BTreeMap<String, Value>,
    /// Size of `/dev/shm` in MiB. 0: the engine's default.
    #[serde(default)]
    pub(crate) shared_memory_size: u32,
    /// Health check inside the container.
    #[serde(default)]
    pub(crate) health_check_config: ContainerHealthCheck,
    /// Memory kept for the container in MiB. Not given: what the host has, less a reserve.
    #[schemars(range(min = 4))]
    pub(crate) memory_reservation: Option<u32>,
}

/// How a container tells that it works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ContainerHealthCheck {
    /// The command: `CMD` and its arguments, or `CMD-SHELL` and a line for the shell. A text alone is a shell line.
    #[serde(deserialize_with = "command")]
    #[schemars(schema_with = "command_schema")]
    pub command: Vec<String>,
    /// Seconds between two checks.
    #[schemars(range(min = 5, max = 300))]
    pub interval: u32,
    /// Seconds after the start in which failures do not count.
    #[schemars(range(min = 0, max = 300))]
    pub start_period: u32,
    /// Seconds until a check has failed.
    #[schemars(range(min = 2, max = 60))]
    pub timeout: u32,
    /// How many failures in a row make the container unhealthy.
    #[schemars(range(min = 1, max = 10))]
    pub retries: u32,
}

impl Default for ContainerHealthCheck {
    fn default() -> Self {
        Self {
            command: vec!["CMD-SHELL".to_owned(), "exit 0".to_owned()],
            interval: 10,
            start_period: 30,
            timeout: 5,
            retries: 2,
        }
    }
}

impl ContainerHealthCheck {
    /// Whether the command is upstream's placeholder that always succeeds and so checks nothing.
    pub fn is_placeholder(&self) -> bool {
        self.command.last().is_some_and(|line| line.trim() == "exit 0" || line.trim() == "true")
    }
}

impl ContainerFile {
    /// The gateway's container: upstream's own build directory stands for LISA's own image.
    pub(crate) fn resolve_gateway(self) -> ContainerConfig {
        let image = self.image.as_ref().or(self.base_image.as_ref());
        if image.is_some_and(ImageFile::is_upstream_build) {
            Self { image: None, base_image: None, ..self }.resolve()
        } else {
            self.resolve()
        }
    }

    pub(crate) fn resolve(self) -> ContainerConfig {
        ContainerConfig {
            image: self.image.or(self.base_image).map(ImageFile::resolve),
            environment: self.environment.into_iter().map(|(name, value)| (name, as_text(value))).collect(),
            shared_memory_size: self.shared_memory_size,
            health_check_config: self.health_check_config,
            memory_reservation: self.memory_reservation,
        }
    }
}

fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn environment_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "object",
        "propertyNames": { "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$", "x-expected": "a letter or underscore, then letters, digits and `_.-`" },
        "additionalProperties": { "type": ["string", "number", "boolean", "null"], "x-written": true },
    })
}

fn command_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "anyOf": [
            { "type": "array", "items": { "type": "string" }, "minItems": 1 },
            { "type": "string", "minLength": 1 },
        ],
    })
}

fn command<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Command {
        Words(Vec<String>),
        Line(String),
    }
    Ok(match Command::deserialize(deserializer)? {
        Command::Words(words) => words,
        Command::Line(line) => vec!["CMD-SHELL".to_owned(), line],
    })
}
