//! What the model-management API answers.

use serde::{Deserialize, Serialize};

use super::{CreateModelRequest, ModelStatus};

/// A model as the API shows it: the request that made it, and its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LisaModel {
    /// The request, changed by later updates.
    #[serde(flatten)]
    pub request: CreateModelRequest,
    /// Where the model is in its life.
    pub status: ModelStatus,
}

/// The answer of `GET /models`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListModelsResponse {
    /// Every model that the caller may see.
    pub models: Vec<LisaModel>,
}

/// The answer of `GET`, `POST` and `PUT` of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelResponse {
    /// The model; after a `PUT` as it was before.
    pub model: LisaModel,
}

/// The answer of `DELETE /models/{id}`: upstream's documents show `status` and `message`, its code sends `model`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteModelResponse {
    /// The model as it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<LisaModel>,
    /// `success`.
    pub status: String,
    /// A sentence for people.
    pub message: String,
}
