//! The table of models, in DynamoDB or in an embedded database.

use std::sync::Arc;

use async_trait::async_trait;
use lisa_api::tables::MODELS;
use lisa_signed::Signed;
use lisa_store::{Condition, Cursor, DynamoTable, Key, Table};
use serde_json::json;

use crate::error::Error;
use crate::ports::Rows;
use crate::row::Row;

/// The attribute that grows with each change.
const REVISION: &str = "revision";

/// Models in a table.
#[derive(Clone, Debug)]
pub struct ModelTable {
    table: Arc<dyn Table>,
}

impl ModelTable {
    /// Models in this table, which is described by [`MODELS`].
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table }
    }
}

/// The table of a deployment in AWS.
pub(crate) fn in_dynamodb(signed: &Signed, name: &str) -> Arc<dyn Rows> {
    Arc::new(ModelTable::new(Arc::new(DynamoTable::new(signed.clone(), name, &MODELS))))
}

#[async_trait]
impl Rows for ModelTable {
    async fn get(&self, id: &str) -> Result<Option<Row>, Error> {
        // No item has an empty key.
        if id.is_empty() {
            return Ok(None);
        }
        self.table.get(&Key::new(id)).await?.map(Row::from_item).transpose()
    }

    async fn page(&self, limit: u32, after: Option<&str>) -> Result<(Vec<Row>, Option<String>), Error> {
        let unknown = || Error::field("nextToken", "is none that an answer gave");
        let start = after.map(|text| Cursor::parse(text).ok_or_else(unknown)).transpose()?;
        let page = self.table.scan(Some(limit.max(1)), start).await?;
        let rows = page.items.into_iter().filter_map(|item| match Row::from_item(item) {
            Ok(row) => Some(row),
            Err(error) => {
                tracing::warn!(reason = %error, "a row is left out");
                None
            }
        });
        Ok((rows.collect(), page.next.map(|cursor| cursor.to_string())))
    }

    async fn put(&self, row: &Row) -> Result<bool, Error> {
        let condition = condition(row.revision.saturating_sub(1));
        done(self.table.put(row.to_item(), Some(condition)).await)
    }

    async fn remove(&self, id: &str, revision: u64) -> Result<bool, Error> {
        done(self.table.delete(&Key::new(id), Some(condition(revision))).await)
    }
}

/// That the row is still the one that was read: one of upstream's has no revision.
fn condition(revision: u64) -> Condition {
    match revision {
        0 => Condition::Lacks(REVISION.to_owned()),
        revision => Condition::Equals(REVISION.to_owned(), json!(revision)),
    }
}

fn done<T>(result: Result<T, lisa_store::Error>) -> Result<bool, Error> {
    match result {
        Ok(_) => Ok(true),
        Err(error) if error.is_condition() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

impl From<lisa_store::Error> for Error {
    fn from(error: lisa_store::Error) -> Self {
        let message = error.to_string();
        match error {
            lisa_store::Error::Busy { .. } => Self::Throttled(message),
            lisa_store::Error::Unanswered { .. } => Self::Unavailable(message),
            lisa_store::Error::Refused { source, .. } => Self::Refused { code: source.code.clone(), message },
            _ => Self::Broken(message),
        }
    }
}
