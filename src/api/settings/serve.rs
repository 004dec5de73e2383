//! What `lisa-serve`, the OpenAI-compatible gateway, reads.

use super::settings;
use super::{AuthSettings, CommonSettings};

settings! {
    /// What `lisa-serve` reads.
    ServeSettings;
    includes { common: CommonSettings, auth: AuthSettings }
    required {
        /// The table of models, which is the registry that requests are routed by.
        model_table = "MODEL_TABLE_NAME"
    }
    optional {
        /// The SSM parameter with `litellmConfig` as JSON, without its keys.
        litellm_config_parameter = "LITELLM_CONFIG_PS_NAME",
        /// The name of the secret that holds LiteLLM's master key.
        litellm_secret = "LITELLM_KEY_NAME",
        /// The table of guardrails.
        guardrail_table = "GUARDRAILS_TABLE_NAME",
        /// The table that the usage of models is added up in, by day, caller and model.
        usage_table = "USAGE_TABLE_NAME",
        /// Whether callers' rates are limited: `true` or `false`.
        rate_limit_enabled = "RATE_LIMIT_ENABLED",
        /// Requests that one caller may make in a minute.
        rate_limit_rpm = "RATE_LIMIT_RPM",
        /// Requests that one caller may make at once beyond the rate.
        rate_limit_burst = "RATE_LIMIT_BURST",
        /// Limits of single callers as JSON: `{"user:name": {"rpm": 600}}`.
        rate_limit_overrides = "RATE_LIMIT_OVERRIDES",
        /// The program that starts LiteLLM's proxy, for models that are left to it: `litellm`.
        litellm_command = "LITELLM_COMMAND",
        /// Threads that serve requests; one per processor without.
        threads = "THREADS"
    }
}
