//! `litellmConfig` on its way to the gateway: what may be read goes into a Systems Manager parameter, what is secret into
//! a secret whose value no template holds.

mod split;

use lisa_cfn::Value;
use lisa_cfn::aws::secretsmanager::{self, secret::GenerateSecretString};
use lisa_config::Config;
use serde_json::Value as Json;

use crate::builder::StackBuilder;
use crate::naming::Naming;
use crate::parts::document;

/// The last part of the secret's name.
const SECRET: &str = "litellm";

/// Where the gateway finds the configuration of LiteLLM.
pub(super) struct Litellm {
    /// Names of the parameters whose values make the document; none where nothing is configured.
    pub(super) parameters: Vec<String>,
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
    let what = "Models elsewhere and options of LiteLLM, without keys";
    let parameters = if open.is_null() {
        Vec::new()
    } else {
        document(stack, ("LitellmConfig", "litellmConfig"), what, &open.to_string(), Some("litellmConfig"))
    };
    let secret = (!secrets.is_empty()).then(|| secret(stack));
    Litellm { parameters, secret }
}

/// The secret starts with a random text that the gateway knows to be no keys; `lisa deploy` writes the keys.
fn secret(stack: &mut StackBuilder<'_>) -> String {
    let name = stack.naming().secret(SECRET);
    let key: Value<String> = stack.secret_key().into();
    let placeholder = GenerateSecretString::new().secret_string_template("{}").generate_string_key("unset");
    let secret = secretsmanager::Secret::new()
        .name(name.clone())
        .description("Keys of litellmConfig, by their place in it; written by `lisa deploy`")
        .kms_key_id(key)
        .generate_secret_string(placeholder);
    stack.add_stateful("LitellmSecret", secret);
    name
}
