//! What the model-management API answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::{CreateModelRequest, ModelStatus};

/// A model as the API shows it: the request that made it, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct LisaModel {
    /// The request, changed by later updates.
    #[serde(flatten)]
    pub request: CreateModelRequest,
    /// Where the model is in its life.
    pub status: ModelStatus,
    /// Why the last workflow of a model with the status `Failed` went wrong.
    #[serde(rename = "failureReason", default)]
    pub failure_reason: Option<String>,
}

impl Serialize for LisaModel {
    /// The image stands under `image`, as since 3.1, and under `baseImage`, as clients of 3.0 read it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serde_json::to_value(&self.request).map_err(serde::ser::Error::custom)?;
        if let Some(container) = shown.get_mut("containerConfig").and_then(Value::as_object_mut)
            && let Some(image) = container.get("image").cloned()
        {
            container.insert("baseImage".to_owned(), image);
        }
        shown["status"] = self.status.as_str().into();
        if let Some(reason) = &self.failure_reason {
            shown["failureReason"] = reason.as_str().into();
        }
        shown.serialize(serializer)
    }
}

/// The answer of `GET /models`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListModelsResponse {
    /// The models that the caller may see, by their ids.
    pub models: Vec<LisaModel>,
    /// Asks for the models after these, as the query parameter `nextToken`; missing where there are no more.
    #[serde(rename = "nextToken", default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// The answer of `GET`, `POST` and `PUT` of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModelResponse {
    /// The model; after a `PUT` as it was before.
    pub model: LisaModel,
}

/// The answer of `DELETE /models/{id}`: upstream's documents show `status` and `message`, its code sends `model`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteModelResponse {
    /// The model as it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<LisaModel>,
    /// `success`.
    pub status: String,
    /// A sentence for people.
    pub message: String,
}
