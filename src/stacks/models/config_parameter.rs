//! What the workflows must know of the configuration to make a model's template: kept as JSON in Systems Manager
//! parameters, since a function's whole environment holds no more than 4 KB.

use lisa_config::Config;
use serde_json::{Map, Value as Json, json};

use crate::builder::StackBuilder;
use crate::parts::document;

/// The keys of the configuration that a model's stack is made from. None of them leads to a secret.
const KEYS: &[&str] = &[
    "accountNumber",
    "accountNumbersEcr",
    "appName",
    "bootstrapQualifier",
    "certificateAuthorityBundle",
    "deploymentName",
    "deploymentPrefix",
    "deploymentStage",
    "logLevel",
    "nvmeContainerMountPath",
    "nvmeHostMountPath",
    "permissionsBoundaryAspect",
    "region",
    "removalPolicy",
    "roles",
    "s3BucketModels",
    "securityGroupConfig",
    "securityProfile",
    "subnets",
    "tags",
    "vpcId",
];

/// What a model's stack has nothing to do with and would ask for keys of its own: off, so that the text is a
/// configuration by itself.
fn unasked() -> Map<String, Json> {
    let off = ["deployChat", "deployRag", "deployUi"].map(|key| (key.to_owned(), false.into()));
    let inside = json!({ "internetFacing": false });
    // Isolated partitions ask for an index of their own, whose URL may hold a password.
    let index = json!({ "indexUrl": "https://unused.invalid", "trustedHost": "unused.invalid" });
    let rest = [("restApiConfig", inside), ("pypiConfig", index)].map(|(key, value)| (key.to_owned(), value));
    off.into_iter().chain(rest).collect()
}

/// The part of the configuration, as a flat configuration file in JSON.
pub(super) fn text(config: &Config) -> String {
    let Ok(Json::Object(mut all)) = serde_json::to_value(config) else {
        // A `Config` is made of texts, numbers, lists and maps with text keys: nothing that JSON lacks.
        return String::new();
    };
    let mut part = unasked();
    for key in KEYS {
        let value = all.remove(*key).map(without_nulls).filter(|value| !value.is_null());
        part.extend(value.map(|value| ((*key).to_owned(), value)));
    }
    Json::Object(part).to_string()
}

/// A key without a value is one that the file does not have.
fn without_nulls(value: Json) -> Json {
    match value {
        Json::Object(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, without_nulls(value)));
            Json::Object(entries.filter(|(_, value)| !value.is_null()).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// Adds the parameters; returns their names in the order in which their values make the text.
pub(super) fn add(stack: &mut StackBuilder<'_>) -> Vec<String> {
    let what = "Configuration that models' stacks are made from";
    let text = text(stack.config());
    document(stack, ("ModelConfig", "modelConfig"), what, &text, None)
}
