//! How a LiteLLM config is split into what may be read and what is secret.

use serde_json::json;

use super::*;
use crate::tests::config;

fn split_of(litellm: &str) -> Split {
    split(&config(&format!("litellmConfig: {litellm}")).litellm_config)
}

#[test]
fn keys_are_parted_from_models_and_noted_by_their_place() {
    let Split { open, secrets } = split_of(
        "{model_list: [{model_name: far, litellm_params: {model: openai/far, api_key: sk-far, api_base: 'https://far'}, \
         lisa_params: {model_type: textgen, streaming: true}}], general_settings: {master_key: sk-master}}",
    );
    assert_eq!(
        json!(secrets),
        json!({
            "/general_settings/master_key": "sk-master",
            "/model_list/0/litellm_params/api_key": "sk-far",
        })
    );
    assert_eq!(
        open["model_list"][0]["litellm_params"],
        json!({ "model": "openai/far", "api_base": "https://far" })
    );
    assert!(!open.to_string().contains("sk-"));
}

#[test]
fn secrets_at_any_depth_of_free_settings_are_found() {
    let Split { open, secrets } = split_of(
        "{environment_variables: {OPENAI_API_KEY: sk-1, 'a/b~c_TOKEN': t}, router_settings: {redis: {password: p, port: 1}}}",
    );
    assert_eq!(
        json!(secrets),
        json!({
            "/environment_variables/OPENAI_API_KEY": "sk-1",
            "/environment_variables/a~1b~0c_TOKEN": "t",
            "/router_settings/redis/password": "p",
        })
    );
    assert_eq!(open["router_settings"], json!({ "redis": { "port": 1 } }));
}

#[test]
fn nothing_configured_makes_no_document() {
    let Split { open, secrets } = split_of("{}");
    assert!(open.is_null() && secrets.is_empty());
}
