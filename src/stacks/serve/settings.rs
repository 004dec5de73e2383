//! The gateway's environment.

use lisa_api::settings::ServeSettings;
use lisa_api::tables::USAGE;
use lisa_cfn::Value;
use serde_json::json;

use super::litellm::Litellm;
use crate::builder::StackBuilder;
use crate::parts::{MODEL_TABLE, auth_settings, common_settings};

/// Where hosts of isolated partitions keep the authorities that they trust.
pub(super) const PKI: &str = "/etc/pki";

/// Every variable with its value: LISA's own, and those of `restApiConfig.containerConfig.environment`, which win.
pub(super) fn environment(stack: &StackBuilder<'_>, litellm: &Litellm) -> Vec<(String, Value<String>)> {
    let rest = &stack.config().rest_api_config;
    let overrides =
        (!rest.rate_limit_overrides.is_empty()).then(|| json!(rest.rate_limit_overrides).to_string().into());
    let parameters = (!litellm.parameters.is_empty()).then(|| litellm.parameters.join(",").into());
    let settings = ServeSettings {
        common: common_settings(stack),
        auth: auth_settings(stack, rest.authentication_enabled),
        model_table: stack.naming().table(MODEL_TABLE).into(),
        litellm_config_parameter: parameters,
        litellm_secret: litellm.secret.as_ref().map(Into::into),
        litellm_command: None,
        guardrail_table: None,
        usage_table: Some(stack.naming().table(USAGE.name).into()),
        rate_limit_enabled: Some(rest.rate_limit_enabled.to_string().into()),
        rate_limit_rpm: Some(rest.rate_limit_rpm.to_string().into()),
        rate_limit_burst: Some(rest.rate_limit_burst.to_string().into()),
        rate_limit_overrides: overrides,
        threads: Some(rest.instance_type.facts().vcpus.to_string().into()),
    };
    let own = settings.into_env().into_iter().map(|(name, value)| (name.to_owned(), value));
    let region = ("AWS_REGION".to_owned(), lisa_cfn::pseudo::region());
    let mut all: std::collections::BTreeMap<String, Value<String>> = own.chain([region]).collect();
    if stack.config().partition.is_isolated() {
        all.insert("SSL_CERT_DIR".to_owned(), format!("{PKI}/tls/certs").into());
    }
    let given = &rest.container_config.environment;
    all.extend(given.iter().map(|(name, value)| (name.clone(), value.into())));
    all.into_iter().collect()
}
