//! People's preferences, as the page keeps them.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::Change;
use crate::error::Error;
use crate::table::{Key, Table};

/// The preferences in a table of [`lisa_api::tables::CHAT`]: `pk` is `user#<user>`, `sk` is `preferences`.
#[derive(Clone, Debug)]
pub struct Preferences {
    table: Arc<dyn Table>,
}

impl Preferences {
    /// The preferences in a table.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// A person's preferences; none before any were set.
    pub async fn get(&self, user: &str) -> Result<Option<Map<String, Value>>, Error> {
        let item = self.table.get(&key(user)).await?;
        Ok(item.and_then(|mut item| match item.remove("preferences") {
            Some(Value::Object(preferences)) => Some(preferences),
            _ => None,
        }))
    }

    /// Sets a person's preferences.
    pub async fn set(&self, user: &str, preferences: Map<String, Value>) -> Result<(), Error> {
        let changes = vec![Change::set("preferences", Value::Object(preferences))];
        self.table.update(&key(user), changes, None).await.map(drop)
    }
}

fn key(user: &str) -> Key {
    Key::pair(format!("user#{user}"), "preferences")
}
