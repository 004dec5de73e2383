//! Secrets, without reading what they hold: AWS Secrets Manager.

use lisa_deploy::ports::Call;
use lisa_signed::{Signed, service};
use serde_json::json;

use super::found;
use crate::error::signed;

/// Whether a secret has a current value. One that is not there has none.
pub(super) async fn has_value(client: &Signed, secret: &str) -> Call<bool> {
    let body = json!({ "SecretId": secret });
    let answer = client.json(&service::SECRETS, "DescribeSecret", &body).await;
    let Some(answer) = found(answer.map_err(signed("secretsmanager:DescribeSecret")))? else {
        return Ok(false);
    };
    let versions = answer["VersionIdsToStages"].as_object();
    let mut stages = versions.into_iter().flat_map(|versions| versions.values());
    Ok(stages.any(|stages| {
        stages.as_array().is_some_and(|stages| stages.iter().any(|stage| stage == "AWSCURRENT"))
    }))
}

/// Gives a secret a value. The token names the version, so that a second call finds it made.
pub(super) async fn put_value(client: &Signed, secret: &str, value: &str, token: &str) -> Call<()> {
    let body = json!({ "SecretId": secret, "SecretString": value, "ClientRequestToken": token });
    let answer = client.json(&service::SECRETS, "PutSecretValue", &body).await;
    answer.map_err(signed("secretsmanager:PutSecretValue"))?;
    Ok(())
}
