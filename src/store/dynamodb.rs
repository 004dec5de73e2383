//! Tables in DynamoDB, over signed requests.
//!
//! What the service refuses because it is busy is asked again with growing pauses. What got no answer is asked again
//! only where a second time does no harm.

mod expression;
mod refusal;
mod retry;
mod value;

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use lisa_api::tables;
use lisa_signed::{Signed, service};
use serde_json::{Map, Value, json};

use self::expression::Expression;
use self::retry::Repeat;
use crate::change::Change;
use crate::condition::Condition;
use crate::error::Error;
use crate::table::{Cursor, Item, Key, Order, Page, Query, Range, Table, Write, shared};

/// Keys of one `BatchGetItem`, at most.
const READ_BATCH: usize = 100;

/// Writes of one `BatchWriteItem`, at most.
const WRITE_BATCH: usize = 25;

/// A table in DynamoDB.
#[derive(Clone)]
pub struct DynamoTable {
    signed: Signed,
    name: String,
    described: &'static tables::Table,
}

impl fmt::Debug for DynamoTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DynamoTable").field(&self.name).finish()
    }
}

impl DynamoTable {
    /// The table of this physical name.
    pub fn new(signed: Signed, name: impl Into<String>, described: &'static tables::Table) -> Self {
        Self { signed, name: name.into(), described }
    }

    async fn call(&self, operation: &'static str, body: &Value, repeat: Repeat) -> Result<Value, Error> {
        let ask = || self.signed.json(&service::DYNAMODB, operation, body);
        retry::with_pauses(repeat, ask).await.map_err(|error| refusal::read(&self.name, error))
    }

    fn key(&self, key: &Key) -> Result<Value, Error> {
        shared::check_key(self.described, key)?;
        let sort = self.described.sort.zip(key.sort.as_ref());
        let texts = [(self.described.partition, &key.partition)].into_iter().chain(sort);
        Ok(texts.map(|(name, text)| (name.to_owned(), json!({ "S": text }))).collect::<Map<_, _>>().into())
    }

    /// A request on this table.
    fn request(&self, fields: Value) -> Value {
        let mut request = json!({ "TableName": self.name });
        merge(&mut request, fields);
        request
    }

    fn item(&self, attributes: &Value) -> Result<Item, Error> {
        value::read_item(attributes).map_err(|reason| Error::Corrupt { table: self.name.clone(), reason })
    }

    /// The items of an answer that are to be read.
    fn items(&self, list: &Value) -> Result<Vec<Item>, Error> {
        let items = list.as_array().into_iter().flatten().map(|attributes| self.item(attributes));
        let mut items: Vec<Item> = items.collect::<Result<_, _>>()?;
        items.retain(|item| !shared::is_over(self.described, item));
        Ok(items)
    }

    fn page(&self, answer: &Value) -> Result<Page, Error> {
        let items = self.items(&answer["Items"])?;
        let next = answer.get("LastEvaluatedKey").filter(|keys| keys.is_object());
        Ok(Page { items, next: next.map(|keys| self.item(keys)).transpose()?.map(Cursor) })
    }

    /// The part of a request that says what one write does, without the table's name.
    fn written(&self, write: Write) -> Result<(&'static str, Value), Error> {
        let mut expression = Expression::new(self.described);
        let (kind, mut fields, condition) = match write {
            Write::Put { item, condition } => {
                let item = shared::normal(self.described, item)?;
                shared::key_of(self.described, &item)?;
                ("Put", json!({ "Item": value::write_item(item) }), condition)
            }
            Write::Update { key, changes, condition } => {
                shared::check_changes(self.described, &changes)?;
                let key = self.key(&key)?;
                let changes =
                    expression.changes(changes).map_err(|reason| Error::invalid(&self.name, reason))?;
                ("Update", json!({ "Key": key, "UpdateExpression": changes }), condition)
            }
            Write::Delete { key, condition } => ("Delete", json!({ "Key": self.key(&key)? }), condition),
            Write::Check { key, condition } => {
                ("ConditionCheck", json!({ "Key": self.key(&key)? }), Some(condition))
            }
        };
        if let Some(condition) = condition {
            let text =
                expression.condition(&condition).map_err(|reason| Error::invalid(&self.name, reason))?;
            fields["ConditionExpression"] = text.into();
        }
        merge(&mut fields, expression.into_fields());
        Ok((kind, fields))
    }

    async fn batch_get(&self, keys: &[Key], found: &mut Vec<Item>) -> Result<(), Error> {
        let keys = keys.iter().map(|key| self.key(key)).collect::<Result<Vec<_>, _>>()?;
        let mut asked = json!({ &self.name: { "Keys": keys, "ConsistentRead": true } });
        for attempt in 0.. {
            let answer = self.call("BatchGetItem", &json!({ "RequestItems": asked }), Repeat::Always).await?;
            found.extend(self.items(&answer["Responses"][&self.name])?);
            asked = answer["UnprocessedKeys"].clone();
            if asked.as_object().is_none_or(Map::is_empty) {
                break;
            }
            retry::pause_or_fail(attempt, &self.name).await?;
        }
        Ok(())
    }

    async fn batch_write(&self, writes: &[Value]) -> Result<(), Error> {
        let mut asked = json!({ &self.name: writes });
        for attempt in 0.. {
            let body = json!({ "RequestItems": asked });
            let answer = self.call("BatchWriteItem", &body, Repeat::Always).await?;
            asked = answer["UnprocessedItems"].clone();
            if asked.as_object().is_none_or(Map::is_empty) {
                break;
            }
            retry::pause_or_fail(attempt, &self.name).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Table for DynamoTable {
    fn described(&self) -> &'static tables::Table {
        self.described
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, Error> {
        let body = self.request(json!({ "Key": self.key(key)?, "ConsistentRead": true }));
        let answer = self.call("GetItem", &body, Repeat::Always).await?;
        let item = answer.get("Item").map(|item| self.item(item)).transpose()?;
        Ok(item.filter(|item| !shared::is_over(self.described, item)))
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, Error> {
        let keys: std::collections::BTreeSet<&Key> = keys.iter().collect();
        let keys: Vec<Key> = keys.into_iter().cloned().collect();
        let mut found = Vec::with_capacity(keys.len());
        for batch in keys.chunks(READ_BATCH) {
            self.batch_get(batch, &mut found).await?;
        }
        Ok(found)
    }

    async fn put(&self, item: Item, condition: Option<Condition>) -> Result<(), Error> {
        let repeat = if condition.is_none() { Repeat::Always } else { Repeat::IfRefused };
        let (_, fields) = self.written(Write::Put { item, condition })?;
        self.call("PutItem", &self.request(fields), repeat).await.map(drop)
    }

    async fn update(
        &self,
        key: &Key,
        changes: Vec<Change>,
        condition: Option<Condition>,
    ) -> Result<Item, Error> {
        let (_, fields) = self.written(Write::Update { key: key.clone(), changes, condition })?;
        let mut body = self.request(fields);
        body["ReturnValues"] = "ALL_NEW".into();
        let answer = self.call("UpdateItem", &body, Repeat::IfRefused).await?;
        self.item(&answer["Attributes"])
    }

    async fn delete(&self, key: &Key, condition: Option<Condition>) -> Result<Option<Item>, Error> {
        let (_, fields) = self.written(Write::Delete { key: key.clone(), condition })?;
        let mut body = self.request(fields);
        body["ReturnValues"] = "ALL_OLD".into();
        let answer = self.call("DeleteItem", &body, Repeat::IfRefused).await?;
        let item = answer.get("Attributes").map(|item| self.item(item)).transpose()?;
        Ok(item.filter(|item| !shared::is_over(self.described, item)))
    }

    async fn query(&self, query: Query) -> Result<Page, Error> {
        let (partition, sort) = shared::keys_of(self.described, &query)?;
        let mut expression = Expression::new(self.described);
        let text = expression.keys((partition, &query.partition), sort, &query.range);
        let mut body = self.request(json!({
            "KeyConditionExpression": text,
            "ScanIndexForward": query.order == Order::Ascending,
            "ConsistentRead": query.consistent,
        }));
        if matches!(&query.range, Range::Between(first, last) if first > last) {
            return Ok(Page::default());
        }
        merge(&mut body, expression.into_fields());
        merge(&mut body, page_fields(query.limit, query.start));
        if let Some(index) = query.index {
            body["IndexName"] = index.into();
        }
        let answer = self.call("Query", &body, Repeat::Always).await?;
        self.page(&answer)
    }

    async fn scan(&self, limit: Option<u32>, start: Option<Cursor>) -> Result<Page, Error> {
        if let Some(start) = &start {
            shared::check_start(self.described, start, &[], None)?;
        }
        let body = self.request(page_fields(limit, start));
        let answer = self.call("Scan", &body, Repeat::Always).await?;
        self.page(&answer)
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), Error> {
        self.transact_once(writes, &lisa_signed::token()).await
    }

    async fn transact_once(&self, writes: Vec<Write>, name: &str) -> Result<(), Error> {
        shared::check_writes(self.described, &writes)?;
        let written = writes.into_iter().map(|write| {
            let (kind, fields) = self.written(write)?;
            Ok(json!({ kind: self.request(fields) }))
        });
        let written = written.collect::<Result<Vec<Value>, Error>>()?;
        // It makes a second attempt harmless for ten minutes.
        let body = json!({ "TransactItems": written, "ClientRequestToken": name });
        self.call("TransactWriteItems", &body, Repeat::Always).await.map(drop)
    }

    async fn write_many(&self, puts: Vec<Item>, deletes: Vec<Key>) -> Result<(), Error> {
        // A batch may name an item once: the last put wins, and a delete goes before all of them.
        let mut writes: BTreeMap<Key, Value> = BTreeMap::new();
        for key in deletes {
            let request = json!({ "DeleteRequest": { "Key": self.key(&key)? } });
            writes.insert(key, request);
        }
        for item in puts {
            let item = shared::normal(self.described, item)?;
            let key = shared::key_of(self.described, &item)?;
            writes.insert(key, json!({ "PutRequest": { "Item": value::write_item(item) } }));
        }
        let writes: Vec<Value> = writes.into_values().collect();
        for batch in writes.chunks(WRITE_BATCH) {
            self.batch_write(batch).await?;
        }
        Ok(())
    }
}

fn page_fields(limit: Option<u32>, start: Option<Cursor>) -> Value {
    let mut fields = json!({});
    if let Some(limit) = limit {
        fields["Limit"] = limit.into();
    }
    if let Some(Cursor(keys)) = start {
        fields["ExclusiveStartKey"] = value::write_item(keys);
    }
    fields
}

fn merge(into: &mut Value, fields: Value) {
    if let (Value::Object(into), Value::Object(fields)) = (into, fields) {
        into.extend(fields);
    }
}
