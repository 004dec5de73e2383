//! The sources of authentication in AWS: the token table in DynamoDB, the management key in Secrets Manager, and the
//! OpenID provider over the same HTTP client, with the certificate authorities that the deployment trusts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lisa_api::settings::AuthSettings;
use lisa_signed::{Error, Session, Signed, Wire, service};
use serde_json::{Value, json};

use crate::api_token::Row;
use crate::sources::{Documents, ManagementKeys, SystemClock, Tokens, Unavailable};
use crate::{Authenticator, Policy, PolicyError};

/// For how long a source may not answer: somebody waits for it.
const LIMIT: Duration = Duration::from_secs(5);

/// The authenticator of a service: its settings say which sources there are.
pub fn authenticator(settings: &AuthSettings, session: &Session) -> Result<Authenticator, PolicyError> {
    let policy = Policy::new(settings)?;
    let signed = Signed::new(session).with_limit(LIMIT);
    let mut authenticator = Authenticator::new(policy, Arc::new(SystemClock))
        .with_provider(Arc::new(Provider { wire: session.wire().clone() }));
    if let Some(table) = &settings.token_table {
        authenticator =
            authenticator.with_tokens(Arc::new(TokenTable { signed: signed.clone(), table: table.clone() }));
    }
    if let Some(secret) = &settings.management_secret {
        authenticator =
            authenticator.with_management(Arc::new(ManagementSecret { signed, secret: secret.clone() }));
    }
    Ok(authenticator)
}

/// The OpenID provider.
struct Provider {
    wire: Wire,
}

#[async_trait]
impl Documents for Provider {
    async fn get(&self, url: &str) -> Result<String, Unavailable> {
        let late = |_| Unavailable(format!("`{url}` did not answer in {} s", LIMIT.as_secs()));
        let answer = tokio::time::timeout(LIMIT, self.wire.get(url)).await.map_err(late)?;
        let answer = answer.map_err(|why| Unavailable(format!("`{url}` did not answer: {why}")))?;
        if answer.status() != 200 {
            return Err(Unavailable(format!("`{url}` answered with status {}", answer.status())));
        }
        String::from_utf8(answer.into_body().into())
            .map_err(|_| Unavailable(format!("`{url}` answered with something that is no text")))
    }
}

/// The table of API tokens, whose key is `token`.
struct TokenTable {
    signed: Signed,
    table: String,
}

#[async_trait]
impl Tokens for TokenTable {
    async fn get(&self, key: &str) -> Result<Option<Row>, Unavailable> {
        let asked =
            json!({ "TableName": self.table, "Key": { "token": { "S": key } }, "ConsistentRead": true });
        let answer = self.signed.json(&service::DYNAMODB, "GetItem", &asked).await.map_err(unavailable)?;
        Ok(answer.get("Item").map(row))
    }
}

/// A row as DynamoDB writes it. An end that cannot be read is one that has passed.
fn row(item: &Value) -> Row {
    let text = |name: &str| item[name]["S"].as_str().map(str::to_owned);
    let expires = item.get("tokenExpiration").filter(|value| value.get("NULL").is_none());
    let number = |value: &Value| value["N"].as_str().and_then(|number| number.parse::<f64>().ok());
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` keeps to the bounds, which are far from any date"
    )]
    let expires = expires.map(|value| number(value).map_or(0, |seconds| seconds as i64));
    Row { expires, id: text("tokenUUID"), user: text("username"), groups: groups(&item["groups"]) }
}

/// A list or a set of names.
fn groups(value: &Value) -> BTreeSet<String> {
    let items = value["L"].as_array().into_iter().flatten().filter_map(|item| item["S"].as_str());
    let set = value["SS"].as_array().into_iter().flatten().filter_map(Value::as_str);
    items.chain(set).map(str::to_owned).collect()
}

/// The secret of the management key, in its current and its previous version.
struct ManagementSecret {
    signed: Signed,
    secret: String,
}

#[async_trait]
impl ManagementKeys for ManagementSecret {
    async fn get(&self) -> Result<Vec<String>, Unavailable> {
        let mut keys = Vec::new();
        for stage in ["AWSCURRENT", "AWSPREVIOUS"] {
            let asked = json!({ "SecretId": self.secret, "VersionStage": stage });
            match self.signed.json(&service::SECRETS, "GetSecretValue", &asked).await {
                Ok(answer) => keys.extend(answer["SecretString"].as_str().map(str::to_owned)),
                // Before its first rotation a secret has no previous version.
                Err(error) if stage == "AWSPREVIOUS" && error.code == "ResourceNotFoundException" => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
        Ok(keys)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
fn unavailable(error: Error) -> Unavailable {
    Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_every_writer() {
        let row = |item: Value| row(&item);
        assert_eq!(row(json!({ "token": { "S": "clear" } })), Row::default());
        let ends = row(json!({ "token": { "S": "clear" }, "tokenExpiration": { "N": "1900000000" } }));
        assert_eq!(ends.expires, Some(1_900_000_000));
        let whole =
            row(json!({ "token": { "S": "0a" }, "tokenUUID": { "S": "id" }, "username": { "S": "ada" },
            "groups": { "L": [{ "S": "a" }, { "S": "b" }] }, "tokenExpiration": { "NULL": true } }));
        let groups = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
        let expected = Row { expires: None, id: Some("id".to_owned()), user: Some("ada".to_owned()), groups };
        assert_eq!(whole, expected);
        assert_eq!(
            row(json!({ "tokenExpiration": { "S": "never" } })).expires,
            Some(0),
            "unreadable is ended"
        );
        assert_eq!(row(json!({ "groups": { "SS": ["a"] } })).groups.len(), 1);
    }
}
