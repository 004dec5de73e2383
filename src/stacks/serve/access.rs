//! Who may use the gateway beside those whom the identity provider knows, and what they all used: API tokens, the
//! management key, and the table of usage.

use lisa_api::tables::{TOKENS, USAGE};
use lisa_cfn::Value;
use lisa_cfn::aws::secretsmanager::{self, secret::GenerateSecretString};

use crate::builder::StackBuilder;
use crate::parts::{MANAGEMENT_SECRET, table};

/// Adds the table of API tokens and the secret with the management key, whether or not the internet reaches the
/// gateway, and the table that the gateway adds usage up in.
pub(super) fn add(stack: &mut StackBuilder<'_>) {
    let name = stack.naming().token_table();
    table(stack, "TokenTable", name, &TOKENS);
    let name = stack.naming().table(USAGE.name);
    table(stack, "UsageTable", name, &USAGE);
    let generated =
        GenerateSecretString::new().password_length(32).exclude_punctuation(true).include_space(false);
    let key: Value<String> = stack.secret_key().into();
    let secret = secretsmanager::Secret::new()
        .name(stack.naming().secret(MANAGEMENT_SECRET))
        .description(
            "Management key of LISA. To rotate it, put a new value: services take the current and the previous one",
        )
        .kms_key_id(key)
        .generate_secret_string(generated);
    stack.add_stateful("ManagementKey", secret);
}
