//! The model-management API (`/models`): requests in every form that clients write, one form inside, and answers.
//!
//! A request is read leniently and completely: 3.0 wrote the image under `baseImage` and left warm-ups out, 3.1
//! wrote `image`, 6.x defaults more; all of them become the same [`CreateModelRequest`]. Every wrong field is
//! reported, not the first one.

mod container;
mod create;
mod key;
mod load_balancer;
mod read;
mod response;
mod scaling;
mod schema;
mod update;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use container::{ContainerConfig, ContainerHealthCheck, Image};
pub use create::{CreateModelRequest, ModelFeature};
pub use key::{ApiKey, secret_name};
pub use load_balancer::{LoadBalancerConfig, TargetHealthCheck};
pub use response::{DeleteModelResponse, LisaModel, ListModelsResponse, ModelResponse};
pub use scaling::{AutoScalingConfig, MetricConfig};
pub use update::{AutoScalingInstanceConfig, ContainerChange, REMOVED, UpdateModelRequest};

/// Makes an enum of words with their wire form, a list of all and a reader.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The value as it stands in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The value that stands in JSON as `text`.
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

wire_enum! {
    /// What a model makes of its input.
    ModelType {
        /// Text.
        TextGen = "textgen",
        /// Vectors.
        Embedding = "embedding",
        /// Images; since 6.x.
        ImageGen = "imagegen",
        /// Videos; since 6.x.
        VideoGen = "videogen",
    }
}

wire_enum! {
    /// The engine that runs a model LISA hosts.
    InferenceContainer {
        /// Hugging Face Text Generation Inference.
        Tgi = "tgi",
        /// Hugging Face Text Embeddings Inference.
        Tei = "tei",
        /// Instructor embeddings.
        Instructor = "instructor",
        /// vLLM.
        Vllm = "vllm",
    }
}

impl ModelStatus {
    /// Whether a workflow is at work on the model.
    pub const fn is_changing(self) -> bool {
        matches!(self, Self::Creating | Self::Starting | Self::Stopping | Self::Updating | Self::Deleting)
    }
}

wire_enum! {
    /// Where a model is in its life.
    ModelStatus {
        /// Its resources are being made.
        Creating = "Creating",
        /// It answers requests.
        InService = "InService",
        /// Its hosts are starting again.
        Starting = "Starting",
        /// Its hosts are being stopped.
        Stopping = "Stopping",
        /// It has no hosts.
        Stopped = "Stopped",
        /// Its configuration is being changed.
        Updating = "Updating",
        /// Its resources are being deleted.
        Deleting = "Deleting",
        /// A workflow ended in an error, which `failureReason` tells.
        Failed = "Failed",
    }
}

#[cfg(test)]
mod tests;
