//! API tokens: rows that hold the hash of a token and never the token, and those that account owners wrote by hand.

use std::sync::Arc;

use lisa_api::people::Token;
use serde_json::Value;

use crate::Condition;
use crate::error::Error;
use crate::table::{Item, Key, Table};

/// Tokens that a list reads in one page.
const PAGE: u32 = 1000;

/// The tokens in a table of [`lisa_api::tables::TOKENS`].
#[derive(Clone, Debug)]
pub struct Tokens {
    table: Arc<dyn Table>,
}

/// A token and the key of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The row's key: the token's hash, or the token itself where somebody wrote it by hand. Nobody is shown it.
    pub key: String,
    /// The token.
    pub token: Token,
}

impl Tokens {
    /// The tokens in a table.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// Every token. There are few: a page holds a thousand.
    ///
    /// `hash` is that of a key, for rows that have no id of their own; `now` is in seconds since 1970.
    pub async fn list(&self, hash: impl Fn(&str) -> String + Send, now: i64) -> Result<Vec<Row>, Error> {
        let (mut rows, mut start) = (Vec::new(), None);
        loop {
            let page = self.table.scan(Some(PAGE), start).await?;
            rows.extend(page.items.iter().filter_map(|item| read(item, &hash, now)));
            start = page.next;
            if start.is_none() {
                return Ok(rows);
            }
        }
    }

    /// Adds a token by the hash of it.
    pub async fn add(&self, key: &str, token: &Token) -> Result<(), Error> {
        let mut item = Item::new();
        let mut set = |name: &str, value: Value| item.insert(name.to_owned(), value);
        set("token", key.into());
        set("tokenUUID", token.id.as_str().into());
        set("username", token.username.as_str().into());
        set("name", token.name.as_str().into());
        set("groups", token.groups.clone().into());
        set("createdBy", token.created_by.as_str().into());
        set("isSystemToken", token.is_system_token.into());
        if let Some(created) = token.created_date {
            set("createdDate", created.into());
        }
        if let Some(ends) = token.token_expiration {
            set("tokenExpiration", ends.into());
        }
        self.table.put(item, Some(Condition::Missing)).await
    }

    /// Deletes a token by the key of its row; whether there was one.
    pub async fn delete(&self, key: &str) -> Result<bool, Error> {
        Ok(self.table.delete(&Key::new(key), None).await?.is_some())
    }
}

fn read(item: &Item, hash: &impl Fn(&str) -> String, now: i64) -> Option<Row> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| item.get(name).and_then(Value::as_f64);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` keeps to the bounds, which are far from any date"
    )]
    let seconds = |name: &str| number(name).map(|seconds| seconds as i64);
    let key = text("token")?;
    let groups = item.get("groups").and_then(Value::as_array).into_iter().flatten();
    let ends = seconds("tokenExpiration");
    let id = text("tokenUUID");
    let token = Token {
        is_legacy: id.is_none(),
        id: id.unwrap_or_else(|| hash(&key)),
        username: text("username").unwrap_or_default(),
        name: text("name").unwrap_or_default(),
        groups: groups.filter_map(Value::as_str).map(str::to_owned).collect(),
        token_expiration: ends,
        created_date: seconds("createdDate"),
        created_by: text("createdBy").unwrap_or_default(),
        is_system_token: item.get("isSystemToken").and_then(Value::as_bool).unwrap_or_default(),
        is_expired: ends.is_some_and(|ends| ends <= now),
    };
    Some(Row { key, token })
}
