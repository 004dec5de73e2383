//! Configuration of the page: every version of a scope, none of them ever changed.

use std::sync::Arc;

use lisa_api::people::ConfigurationVersion;
use serde_json::Value;

use crate::Condition;
use crate::error::Error;
use crate::table::{Item, Key, Query, Table};

/// The configuration in a table of [`lisa_api::tables::CHAT`]: `pk` is `configuration#<scope>`, `sk` the version.
#[derive(Clone, Debug)]
pub struct Configurations {
    table: Arc<dyn Table>,
}

impl Configurations {
    /// The configuration in a table.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }

    /// The last versions of a scope, newest first.
    pub async fn versions(&self, scope: &str, limit: u32) -> Result<Vec<ConfigurationVersion>, Error> {
        let query = Query::partition(partition(scope)).descending().limit(limit).consistent();
        let page = self.table.query(query).await?;
        page.items.into_iter().map(|item| self.read(item)).collect()
    }

    /// Adds a version. [`Error::is_condition`] tells that there is one of this number.
    pub async fn add(&self, version: &ConfigurationVersion) -> Result<(), Error> {
        let Ok(Value::Object(mut item)) = serde_json::to_value(version) else {
            return Err(Error::invalid(self.table.described().name, "a version is an object"));
        };
        let Key { partition, sort } =
            Key::pair(partition(&version.scope), format!("{:010}", version.version));
        item.insert("pk".to_owned(), partition.into());
        item.insert("sk".to_owned(), sort.into());
        self.table.put(item, Some(Condition::Missing)).await
    }

    fn read(&self, item: Item) -> Result<ConfigurationVersion, Error> {
        let table = self.table.described().name.to_owned();
        serde_json::from_value(Value::Object(item))
            .map_err(|error| Error::Corrupt { table, reason: error.to_string() })
    }
}

fn partition(scope: &str) -> String {
    format!("configuration#{scope}")
}
