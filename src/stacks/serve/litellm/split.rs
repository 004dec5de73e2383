//! Parts what is secret in `litellmConfig` from what is not.

use lisa_config::secret::{FreeForm, REDACTED};
use lisa_config::section::litellm::{LitellmConfig, LitellmModel};
use serde_json::{Map, Value as Json, json};

/// A `litellmConfig` in two parts.
pub(super) struct Split {
    /// Everything that is not secret, in the form of the file; null where nothing is configured.
    pub(super) open: Json,
    /// Secrets by the JSON pointer of their place.
    pub(super) secrets: Map<String, Json>,
}

/// Splits. What counts as secret is what `lisa-config` never shows: its redacted form is walked beside the whole one.
pub(super) fn split(config: &LitellmConfig) -> Split {
    let mut open = json!(config);
    if open == json!(LitellmConfig::default()) {
        return Split { open: Json::Null, secrets: Map::new() };
    }
    let mut secrets = Map::new();
    take(&mut open, &exposed(config), "", &mut secrets);
    Split { open, secrets }
}

/// Takes the redacted texts out of `shown` and notes what `whole` has in their place.
fn take(shown: &mut Json, whole: &Json, pointer: &str, secrets: &mut Map<String, Json>) {
    let mut step = |name: &str, shown: &mut Json, whole: Option<&Json>| {
        let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        match (shown.as_str(), whole) {
            (Some(REDACTED), Some(secret)) => {
                secrets.insert(pointer, secret.clone());
                *shown = Json::Null;
            }
            (_, Some(whole)) => take(shown, whole, &pointer, secrets),
            (_, None) => {}
        }
    };
    match shown {
        Json::Object(entries) => {
            for (name, entry) in entries.iter_mut() {
                step(name, entry, whole.get(name));
            }
            entries.retain(|_, entry| !entry.is_null());
        }
        Json::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                step(&index.to_string(), item, whole.get(index));
            }
        }
        _ => {}
    }
}

/// The configuration as the file has it, secrets included.
fn exposed(config: &LitellmConfig) -> Json {
    let models: Vec<Json> = config.model_list.iter().map(model).collect();
    let mut settings = object(&config.litellm_settings.other);
    settings.insert("telemetry".into(), config.litellm_settings.telemetry.into());
    settings.insert("drop_params".into(), config.litellm_settings.drop_params.into());
    let mut general = object(&config.general_settings.other);
    if let Some(key) = &config.general_settings.master_key {
        general.insert("master_key".into(), key.expose().into());
    }
    json!({
        "model_list": models,
        "litellm_settings": settings,
        "general_settings": general,
        "router_settings": object(&config.router_settings),
        "environment_variables": object(&config.environment_variables),
        "callback_settings": object(&config.callback_settings),
    })
}

fn model(model: &LitellmModel) -> Json {
    let mut whole = json!(model);
    let mut params = object(&model.litellm_params.other);
    if let Some(key) = &model.litellm_params.api_key {
        params.insert("api_key".into(), key.expose().into());
    }
    whole["model_info"] = object(&model.model_info).into();
    if let Some(known) = whole["litellm_params"].as_object_mut() {
        known.extend(params);
    }
    whole
}

fn object(settings: &FreeForm) -> Map<String, Json> {
    settings.expose().iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests;
