//! `litellmConfig` on its way to the gateway: what may be read goes into a Systems Manager parameter, what is secret into
//! a secret whose value no template holds.

mod split;

use lisa_cfn::Value;
use lisa_cfn::aws::secretsmanager::{self, secret::GenerateSecretString};
use lisa_cfn::aws::ssm::{
    self,
    parameter::{Tier, Type},
};
use lisa_config::Config;
use serde_json::Value as Json;

use crate::builder::StackBuilder;
use crate::naming::Naming;

/// What a Systems Manager parameter of the standard tier holds.
const STANDARD_BYTES: usize = 4096;

/// The last part of the parameter's name.
const PARAMETER: &str = "litellmConfig";

/// The last part of the secret's name.
const SECRET: &str = "litellm";

/// Where the gateway finds the configuration of LiteLLM.
pub(super) struct Litellm {
    /// The parameter's name; none where nothing is configured.
    pub(super) parameter: Option<String>,
    /// The secret's name; none where nothing is secret.
    pub(super) secret: Option<String>,
}

/// The secret part of `litellmConfig`, to be written once the serve stack is there. No template holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct GatewaySecret {
    /// The secret's name in Secrets Manager.
    pub name: String,
    /// Its value: an object of texts, each under the JSON pointer (RFC 6901) of its place in the parameter's document.
    pub value: Json,
}

/// The secret part of a configuration's `litellmConfig`; `None` where it holds no secret.
pub fn gateway_secret(config: &Config) -> Option<GatewaySecret> {
    let secrets = split::split(&config.litellm_config).secrets;
    (!secrets.is_empty())
        .then(|| GatewaySecret { name: Naming::new(config).secret(SECRET), value: secrets.into() })
}

/// Adds the parameter and the secret, as far as there is something to put into them.
pub(super) fn add(stack: &mut StackBuilder<'_>) -> Litellm {
    let split::Split { open, secrets } = split::split(&stack.config().litellm_config);
    let parameter = (!open.is_null()).then(|| parameter(stack, &open));
    let secret = (!secrets.is_empty()).then(|| secret(stack));
    Litellm { parameter, secret }
}

fn parameter(stack: &mut StackBuilder<'_>, open: &Json) -> String {
    let name = stack.naming().parameter(PARAMETER);
    let text = open.to_string();
    let tier = if text.len() > STANDARD_BYTES { Tier::ADVANCED } else { Tier::STANDARD };
    let parameter = ssm::Parameter::new(Type::STRING, text)
        .name(name.clone())
        .description("Models elsewhere and options of LiteLLM, without keys")
        .tier(tier);
    let parameter = stack.add("LitellmConfigParameter", parameter);
    stack.template.options(&parameter).set_by("Value", "litellmConfig");
    name
}

/// The secret starts with a random text that the gateway knows to be no keys; `lisa deploy` writes the keys.
fn secret(stack: &mut StackBuilder<'_>) -> String {
    let name = stack.naming().secret(SECRET);
    let key: Value<String> = stack.data_key().into();
    let placeholder = GenerateSecretString::new().secret_string_template("{}").generate_string_key("unset");
    let secret = secretsmanager::Secret::new()
        .name(name.clone())
        .description("Keys of litellmConfig, by their place in it; written by `lisa deploy`")
        .kms_key_id(key)
        .generate_secret_string(placeholder);
    stack.add_stateful("LitellmSecret", secret);
    name
}
