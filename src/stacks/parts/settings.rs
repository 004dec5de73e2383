//! The environment variables that every service reads alike: which deployment it belongs to, and who may call it.

use lisa_api::settings::{AuthSettings, CommonSettings};
use lisa_cfn::Value;

use crate::builder::StackBuilder;

/// What the documentation of the deployment calls the secret with the management key.
pub const MANAGEMENT_SECRET: &str = "management-key";

/// What the name of the table of models ends in.
pub const MODEL_TABLE: &str = lisa_api::tables::MODELS.name;

/// Which deployment a service belongs to.
pub fn common_settings(stack: &StackBuilder<'_>) -> CommonSettings<Value<String>> {
    let config = stack.config();
    CommonSettings {
        deployment_name: stack.naming().deployment().into(),
        deployment_stage: stack.naming().stage().into(),
        deployment_prefix: config.deployment_prefix.to_string().into(),
        log_level: config.log_level.as_str().into(),
        cors_origins: Some(config.cors_allowed_origins.join(",").into()),
        ca_bundle: config.certificate_authority_bundle.as_ref().map(Into::into),
    }
}

/// Who may call a service. Table and secret are named and not referred to, so that their stack may come later.
pub fn auth_settings(stack: &StackBuilder<'_>, required: bool) -> AuthSettings<Value<String>> {
    let (config, naming) = (stack.config(), stack.naming());
    let auth = config.auth_config.as_ref();
    let filled = |text: &String| (!text.is_empty()).then(|| Value::from(text));
    AuthSettings {
        use_auth: required.to_string().into(),
        authority: auth.map(|auth| auth.authority.to_string().into()),
        client_id: auth.and_then(|auth| filled(&auth.client_id)),
        admin_group: auth.and_then(|auth| filled(&auth.admin_group)),
        user_group: auth.and_then(|auth| filled(&auth.user_group)),
        api_group: auth.and_then(|auth| filled(&auth.api_group)),
        rag_admin_group: auth.and_then(|auth| filled(&auth.rag_admin_group)),
        groups_property: auth.and_then(|auth| filled(&auth.jwt_groups_property)),
        token_table: config.deploy_serve.then(|| naming.token_table().into()),
        management_secret: config.deploy_serve.then(|| naming.secret(MANAGEMENT_SECRET).into()),
    }
}
