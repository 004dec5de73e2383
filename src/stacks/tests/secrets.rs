//! No template of any configuration holds a secret.

use lisa_cfn::Format;
use serde_json::Value as Json;

use super::{app, config, valid};

/// Every text in a document, with the key it stands under.
fn texts<'a>(key: &'a str, node: &'a Json, found: &mut Vec<(&'a str, &'a str)>) {
    match node {
        Json::String(text) => found.push((key, text)),
        Json::Array(items) => items.iter().for_each(|item| texts(key, item, found)),
        Json::Object(entries) => entries.iter().for_each(|(key, value)| texts(key, value, found)),
        _ => {}
    }
}

#[test]
fn no_secret_of_a_configuration_is_in_a_template() {
    let keys = "litellmConfig: {general_settings: {master_key: sk-do-not-show}, model_list: [{model_name: far, \
                litellm_params: {model: openai/far, api_key: hide-this-key}, \
                lisa_params: {streaming: true, model_type: textgen}}]}\n";
    for stack in app(&config(keys)).stacks {
        let text = stack.template.to_text(Format::Json);
        for secret in ["sk-do-not-show", "hide-this-key"] {
            assert!(!text.contains(secret), "{}: {secret}", stack.name);
        }
    }
}

#[test]
fn no_template_writes_a_password_or_key_down() {
    for (name, config) in valid() {
        for stack in app(&config).stacks {
            let (template, mut found) = (stack.template.to_json(), Vec::new());
            texts("", &template["Resources"], &mut found);
            let secret = |key: &str| {
                ["MasterUserPassword", "SecretString", "Password", "LITELLM_KEY", "API_KEY"].contains(&key)
            };
            for (key, text) in found {
                let resolved = text.starts_with("{{resolve:");
                assert!(!secret(key) || resolved, "{name}: {}: {key}", stack.name);
            }
        }
    }
}
