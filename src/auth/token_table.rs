//! The table of API tokens in DynamoDB: rows are looked up, written, listed and taken out.

use std::collections::BTreeSet;

use async_trait::async_trait;
use lisa_signed::{Error, Signed, service};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::api_token::{self, Row};
use crate::sources::{Tokens, Unavailable};

/// The table, whose key is `token`.
#[derive(Clone, Debug)]
pub struct TokenTable {
    signed: Signed,
    table: String,
}

/// A token that is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewToken {
    /// Whose it is; a name made of its id without.
    pub user: Option<String>,
    /// The groups that its holder counts as a member of.
    pub groups: BTreeSet<String>,
    /// What it is for, in its owner's words.
    pub name: Option<String>,
    /// When it ends, in seconds since 1970; never without.
    pub expires: Option<i64>,
    /// When it is made, in seconds since 1970.
    pub created: i64,
}

/// A token that has been made. It cannot be read again from anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Made {
    /// The token.
    pub token: String,
    /// What it is listed and revoked by.
    pub id: String,
}

/// A row as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// What it is revoked by.
    pub id: String,
    /// Whose it is.
    pub user: String,
    /// The groups that its holder counts as a member of.
    pub groups: BTreeSet<String>,
    /// What it is for.
    pub name: Option<String>,
    /// When it was made, in seconds since 1970, where that is known.
    pub created: Option<i64>,
    /// When it ends, in seconds since 1970; never without.
    pub expires: Option<i64>,
    /// Whether the table holds its hash and not the token itself.
    pub is_hashed: bool,
    /// The row's key, which may be the token itself: it is shown to nobody.
    #[serde(skip)]
    key: String,
}

impl TokenTable {
    /// The table of this name.
    pub fn new(signed: Signed, table: impl Into<String>) -> Self {
        Self { signed, table: table.into() }
    }

    /// Makes a token and writes its row, which holds its hash.
    pub async fn create(&self, new: &NewToken) -> Result<Made, Unavailable> {
        let token = api_token::generate()?;
        let id = api_token::new_id()?;
        let mut item = Map::new();
        let mut set = |name: &str, value: Value| drop(item.insert(name.to_owned(), value));
        set("token", json!({ "S": api_token::key_of(&token) }));
        set("tokenUUID", json!({ "S": id }));
        set("createdDate", json!({ "N": new.created.to_string() }));
        for (name, text) in [("username", &new.user), ("name", &new.name)] {
            if let Some(text) = text {
                set(name, json!({ "S": text }));
            }
        }
        if let Some(expires) = new.expires {
            set("tokenExpiration", json!({ "N": expires.to_string() }));
        }
        let groups: Vec<Value> = new.groups.iter().map(|group| json!({ "S": group })).collect();
        set("groups", json!({ "L": groups }));
        let condition = "attribute_not_exists(#token)";
        let asked = json!({ "TableName": self.table, "Item": item, "ConditionExpression": condition,
            "ExpressionAttributeNames": { "#token": "token" } });
        self.signed.json(&service::DYNAMODB, "PutItem", &asked).await.map_err(unavailable)?;
        Ok(Made { token, id })
    }

    /// Every row, those that were made last first.
    pub async fn list(&self) -> Result<Vec<Listed>, Unavailable> {
        let mut rows = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut asked = json!({ "TableName": self.table, "ConsistentRead": true });
            if !start.is_null() {
                asked["ExclusiveStartKey"] = start;
            }
            let mut answer =
                self.signed.json(&service::DYNAMODB, "Scan", &asked).await.map_err(unavailable)?;
            rows.extend(answer["Items"].as_array().into_iter().flatten().map(listed));
            start = answer["LastEvaluatedKey"].take();
            if start.is_null() {
                rows.sort_by(|one, other| {
                    other.created.cmp(&one.created).then_with(|| one.id.cmp(&other.id))
                });
                return Ok(rows);
            }
        }
    }

    /// Takes out the row of this id, and returns it; `None` where there is none.
    pub async fn revoke(&self, id: &str) -> Result<Option<Listed>, Unavailable> {
        let Some(row) = self.list().await?.into_iter().find(|row| row.id == id) else { return Ok(None) };
        let asked = json!({ "TableName": self.table, "Key": { "token": { "S": row.key } } });
        self.signed.json(&service::DYNAMODB, "DeleteItem", &asked).await.map_err(unavailable)?;
        Ok(Some(row))
    }
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
    let expires = expires.map(|value| number(value).unwrap_or_default());
    Row { expires, id: text("tokenUUID"), user: text("username"), groups: groups(&item["groups"]) }
}

fn listed(item: &Value) -> Listed {
    let Row { expires, id, user, groups } = row(item);
    let key = item["token"]["S"].as_str().unwrap_or_default().to_owned();
    let is_hashed = api_token::is_key(&key);
    // As a caller with the token itself is called.
    let id = id.unwrap_or_else(|| {
        api_token::short_id(&if is_hashed { key.clone() } else { api_token::key_of(&key) })
    });
    let user = user.unwrap_or_else(|| api_token::user_of(&id));
    let name = item["name"]["S"].as_str().map(str::to_owned);
    Listed { id, user, groups, name, created: number(&item["createdDate"]), expires, is_hashed, key }
}

#[expect(clippy::cast_possible_truncation, reason = "`as` keeps to the bounds, which are far from any date")]
fn number(value: &Value) -> Option<i64> {
    value["N"].as_str().and_then(|number| number.parse::<f64>().ok()).map(|seconds| seconds as i64)
}

/// A list or a set of names.
fn groups(value: &Value) -> BTreeSet<String> {
    let items = value["L"].as_array().into_iter().flatten().filter_map(|item| item["S"].as_str());
    let set = value["SS"].as_array().into_iter().flatten().filter_map(Value::as_str);
    items.chain(set).map(str::to_owned).collect()
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

    #[test]
    fn a_token_in_the_clear_is_listed_without_being_told() {
        let clear = listed(&json!({ "token": { "S": "our-own-token" } }));
        assert_eq!((clear.is_hashed, clear.id.len()), (false, 16));
        assert!(clear.user.starts_with("api-token-"));
        assert!(!serde_json::to_string(&clear).unwrap().contains("our-own-token"));
    }
}
