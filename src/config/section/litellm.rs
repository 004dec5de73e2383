//! `litellmConfig`: models that live elsewhere, and the options of LiteLLM that the gateway honours.

use crate::secret::{FreeForm, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Models that live elsewhere, and the options of LiteLLM.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LitellmConfig {
    /// Models that are not hosted by LISA.
    pub model_list: Vec<LitellmModel>,
    /// Options of the LiteLLM library.
    pub litellm_settings: LitellmSettings,
    /// Options of the LiteLLM proxy.
    pub general_settings: GeneralSettings,
    /// Options of the LiteLLM router, word for word.
    pub router_settings: FreeForm,
    /// Environment variables of the gateway, word for word.
    pub environment_variables: FreeForm,
    /// Options of LiteLLM's callbacks, word for word.
    pub callback_settings: FreeForm,
}

/// Models that live elsewhere, and the options of LiteLLM.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LitellmConfig")]
pub(crate) struct LitellmFile {
    /// The management key, as 6.x places it. The same as `general_settings.master_key`.
    pub(crate) db_key: Option<MasterKey>,
    /// Models that are not hosted by LISA.
    pub(crate) model_list: Vec<LitellmModel>,
    /// Options of the LiteLLM library. Options that are not named here are passed on.
    pub(crate) litellm_settings: LitellmSettings,
    /// Options of the LiteLLM proxy. Options that are not named here are passed on.
    pub(crate) general_settings: GeneralSettings,
    /// Options of the LiteLLM router, passed on.
    pub(crate) router_settings: FreeForm,
    /// Environment variables of the gateway, passed on.
    pub(crate) environment_variables: FreeForm,
    /// Options of LiteLLM's callbacks, passed on.
    pub(crate) callback_settings: FreeForm,
}

/// A model that LISA does not host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LitellmModel {
    /// Name that clients ask for.
    #[schemars(length(min = 1))]
    pub model_name: String,
    /// Where the model is, and how it is called.
    pub litellm_params: LitellmParams,
    /// What the chat page needs to know of it.
    pub lisa_params: LisaParams,
    /// Facts about the model: prices, limits, mode. Passed on.
    #[serde(default)]
    pub model_info: FreeForm,
}

/// Where a model is, and how it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LitellmParams {
    /// Provider and model, such as `bedrock/amazon.titan-text-express-v1` or `sagemaker/endpoint`.
    #[schemars(length(min = 1))]
    pub model: String,
    /// Base URL of the provider's API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_base: Option<String>,
    /// Key for the provider. Write `ignored` where the provider asks for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub api_key: Option<Secret>,
    /// Region of the provider, for Bedrock and SageMaker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_region_name: Option<String>,
    /// Every other option, passed on.
    #[serde(flatten)]
    pub other: FreeForm,
}

/// What the chat page needs to know of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LisaParams {
    /// What the model does.
    pub model_type: ModelType,
    /// Whether the model can stream. Needed for `textgen`, not allowed for `embedding`.
    pub streaming: Option<bool>,
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModelType {
    /// Generates text.
    Textgen,
    /// Turns text into vectors.
    Embedding,
}

/// Options of the LiteLLM library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LitellmSettings {
    /// Whether usage is reported to LiteLLM's makers. Nothing leaves a LISA deployment while this is `false`.
    pub telemetry: bool,
    /// Whether parameters that a provider does not know are dropped rather than refused.
    pub drop_params: bool,
    /// Every other option, passed on.
    #[serde(flatten)]
    pub other: FreeForm,
}

impl Default for LitellmSettings {
    fn default() -> Self {
        Self { telemetry: false, drop_params: true, other: FreeForm::default() }
    }
}

/// Options of the LiteLLM proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GeneralSettings {
    /// The management key. Not given: one is generated into Secrets Manager, which is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_key: Option<MasterKey>,
    /// Every other option, passed on.
    #[serde(flatten)]
    pub other: FreeForm,
}

/// The key that manages models and opens every route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("pattern" = "^sk-.+$", "x-expected" = "a text that starts with `sk-`"))]
pub struct MasterKey(#[schemars(with = "String")] pub(crate) Secret);

impl MasterKey {
    /// The key itself: write it to a secret store, never to a template, an environment variable or a log.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl LitellmFile {
    pub(crate) fn resolve(self) -> LitellmConfig {
        let mut general_settings = self.general_settings;
        general_settings.master_key = general_settings.master_key.or(self.db_key);
        LitellmConfig {
            model_list: self.model_list,
            litellm_settings: self.litellm_settings,
            general_settings,
            router_settings: self.router_settings,
            environment_variables: self.environment_variables,
            callback_settings: self.callback_settings,
        }
    }
}
