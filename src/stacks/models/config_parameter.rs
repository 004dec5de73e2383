//! What the workflows must know of the configuration to make a model's template: kept as JSON in Systems Manager
//! parameters, since a function's whole environment holds no more than 4 KB.

use lisa_cfn::aws::ssm::{self, parameter::Type};
use lisa_config::Config;
use serde_json::{Map, Value as Json, json};

use crate::builder::StackBuilder;

/// What a standard parameter holds, in bytes.
const LIMIT: usize = 4096;

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

/// Adds as many parameters as the text needs, one as a rule; returns their names in the order in which their values
/// make the text.
pub(super) fn add(stack: &mut StackBuilder<'_>) -> Vec<String> {
    let text = text(stack.config());
    let pieces = pieces(&text, LIMIT);
    let several = pieces.len() > 1;
    let mut names = Vec::new();
    for (index, piece) in pieces.into_iter().enumerate() {
        let (id, key) = if several {
            (format!("ModelConfig{}Parameter", index + 1), format!("modelConfig/{}", index + 1))
        } else {
            ("ModelConfigParameter".to_owned(), "modelConfig".to_owned())
        };
        let name = stack.naming().parameter(&key);
        let what = "Configuration that models' stacks are made from";
        stack.add(id, ssm::Parameter::new(Type::STRING, piece).name(name.clone()).description(what));
        names.push(name);
    }
    names
}

/// `text` cut into pieces of at most `limit` bytes, never within a character.
fn pieces(text: &str, limit: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > limit {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(limit));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn a_short_text_is_one_piece() {
        assert_eq!(pieces("{}", 4096), ["{}"]);
    }

    #[test]
    fn pieces_make_the_text_and_keep_to_the_limit() {
        let text = "äöü€".repeat(2000);
        let pieces = pieces(&text, 4096);
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.len() <= 4096 && !piece.is_empty()));
        assert_eq!(pieces.concat(), text);
    }
}
