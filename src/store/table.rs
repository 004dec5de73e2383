//! The interface of a table, and the words in which it is spoken to.

use std::fmt;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lisa_api::tables;
use serde_json::{Map, Value};

use crate::change::Change;
use crate::condition::Condition;
use crate::error::Error;

/// What a table holds: a JSON object whose key attributes are texts.
///
/// Numbers have 15 digits that can be relied upon; whole numbers come back as such, `1.0` as `1`.
pub type Item = Map<String, Value>;

/// Writes of one transaction, at most.
pub const LARGEST_TRANSACTION: usize = 100;

/// Where an item is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The partition key.
    pub partition: String,
    /// The sort key, in a table that has one.
    pub sort: Option<String>,
}

impl Key {
    /// The key of an item in a table without a sort key.
    pub fn new(partition: impl Into<String>) -> Self {
        Self { partition: partition.into(), sort: None }
    }

    /// The key of an item in a table with a sort key.
    pub fn pair(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self { partition: partition.into(), sort: Some(sort.into()) }
    }
}

/// Which sort keys of a partition are meant. Texts compare by their UTF-8 bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// All.
    #[default]
    All,
    /// Those that begin with this.
    Prefix(String),
    /// Those from the first to the second, both included.
    Between(String, String),
    /// Those before this.
    Before(String),
    /// Those after this.
    After(String),
}

/// In which order items come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Smallest sort key first.
    #[default]
    Ascending,
    /// Largest sort key first.
    Descending,
}

/// A question for a page of one partition's items, of the table or of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The index that is asked; the table itself without. Of several items with the same keys in an index, any may
    /// come first.
    pub index: Option<&'static str>,
    /// The partition.
    pub partition: String,
    /// Which sort keys.
    pub range: Range,
    /// In which order.
    pub order: Order,
    /// Items of a page, at most; a page may hold fewer although there are more.
    pub limit: Option<u32>,
    /// Where the page before this one ended.
    pub start: Option<Cursor>,
    /// Whether everything that was written before is seen, at twice the price; no index can promise that.
    pub consistent: bool,
}

impl Query {
    /// All items of a partition of the table.
    pub fn partition(partition: impl Into<String>) -> Self {
        let (range, order) = (Range::All, Order::Ascending);
        Self {
            index: None,
            partition: partition.into(),
            range,
            order,
            limit: None,
            start: None,
            consistent: false,
        }
    }

    /// All items of a partition of an index.
    pub fn index(index: &'static str, partition: impl Into<String>) -> Self {
        Self { index: Some(index), ..Self::partition(partition) }
    }

    /// Of these sort keys alone.
    pub fn range(self, range: Range) -> Self {
        Self { range, ..self }
    }

    /// Largest sort key first.
    pub fn descending(self) -> Self {
        Self { order: Order::Descending, ..self }
    }

    /// At most so many items in a page.
    pub fn limit(self, limit: u32) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// From where a page ended.
    pub fn start(self, start: Option<Cursor>) -> Self {
        Self { start, ..self }
    }

    /// Seeing everything that was written before.
    pub fn consistent(self) -> Self {
        Self { consistent: true, ..self }
    }
}

/// Where a page ended: the keys of its last item. As a text it may be given to a client, which can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub(crate) Item);

impl Cursor {
    /// A cursor from the text that was made of one; none of a text that was not.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let keys: Item = serde_json::from_slice(&bytes).ok()?;
        keys.values().all(|value| value.as_str().is_some_and(|text| !text.is_empty())).then_some(Self(keys))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(Value::Object(self.0.clone()).to_string()))
    }
}

/// Some of what was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The items, in order.
    pub items: Vec<Item>,
    /// Where the next page starts; there is none without, and it may be empty with.
    pub next: Option<Cursor>,
}

/// A write, on its own condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Puts an item in the place of the one with its key.
    Put {
        /// The item.
        item: Item,
        /// What the item that is there now has to be.
        condition: Option<Condition>,
    },
    /// Changes an item; one that is not there is made, unless the condition forbids it.
    Update {
        /// Which.
        key: Key,
        /// How.
        changes: Vec<Change>,
        /// What it has to be before.
        condition: Option<Condition>,
    },
    /// Deletes an item, if it is there.
    Delete {
        /// Which.
        key: Key,
        /// What it has to be before.
        condition: Option<Condition>,
    },
    /// Writes nothing, and fails where the condition does not hold.
    Check {
        /// Which item.
        key: Key,
        /// What it has to be.
        condition: Condition,
    },
}

/// A table of items, whichever database holds it.
///
/// An item whose time has come (see [`tables::Table::time_to_live`]) is not read any more, whether or not it has been
/// deleted yet; conditions still see it until then.
#[async_trait]
pub trait Table: fmt::Debug + Send + Sync {
    /// The table's keys.
    fn described(&self) -> &'static tables::Table;

    /// The item with this key, as it is at this moment.
    async fn get(&self, key: &Key) -> Result<Option<Item>, Error>;

    /// The items with these keys, in any order; those that are not there are left out.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, Error>;

    /// Puts an item in the place of the one with its key, if that one is as the condition says.
    async fn put(&self, item: Item, condition: Option<Condition>) -> Result<(), Error>;

    /// Changes an item and returns it; one that is not there is made, unless the condition forbids it.
    async fn update(
        &self,
        key: &Key,
        changes: Vec<Change>,
        condition: Option<Condition>,
    ) -> Result<Item, Error>;

    /// Deletes an item and returns it, if it was there.
    async fn delete(&self, key: &Key, condition: Option<Condition>) -> Result<Option<Item>, Error>;

    /// A page of a partition.
    async fn query(&self, query: Query) -> Result<Page, Error>;

    /// A page of everything, in any order.
    async fn scan(&self, limit: Option<u32>, start: Option<Cursor>) -> Result<Page, Error>;

    /// Does all of the writes, each on an item of its own, or none: at most [`LARGEST_TRANSACTION`].
    async fn transact(&self, writes: Vec<Write>) -> Result<(), Error>;

    /// As [`Table::transact`], by a name of 32 to 36 characters: the same writes by the same name within ten minutes are done
    /// once, so that they may be asked for again where it is not known whether they were done. A table that always knows
    /// needs no name.
    async fn transact_once(&self, writes: Vec<Write>, _name: &str) -> Result<(), Error> {
        self.transact(writes).await
    }

    /// Puts and deletes any number of items, each on its own and in any order; some may be done when it fails.
    async fn write_many(&self, puts: Vec<Item>, deletes: Vec<Key>) -> Result<(), Error>;
}

/// Every item that a query leads to, page by page.
pub async fn all(table: &dyn Table, mut query: Query) -> Result<Vec<Item>, Error> {
    let mut items = Vec::new();
    loop {
        let page = table.query(query.clone()).await?;
        items.extend(page.items);
        match page.next {
            Some(next) => query.start = Some(next),
            None => return Ok(items),
        }
    }
}

/// What both implementations check and read alike.
pub(crate) mod shared {
    use std::collections::BTreeSet;
    use std::time::SystemTime;

    use lisa_api::tables;
    use serde_json::Value;

    use super::{Cursor, Item, Key, LARGEST_TRANSACTION, Query, Write};
    use crate::change::Change;
    use crate::error::Error;
    use crate::number;

    /// The key of an item that is about to be written; an error where the item does not fit the table.
    pub(crate) fn key_of(table: &tables::Table, item: &Item) -> Result<Key, Error> {
        let text = |name: &str| match item.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            _ => Err(Error::invalid(table.name, format!("`{name}` has to be a text that is not empty"))),
        };
        let key = Key { partition: text(table.partition)?, sort: table.sort.map(text).transpose()? };
        for name in table.key_attributes() {
            if item.contains_key(name) {
                text(name)?;
            }
        }
        Ok(key)
    }

    /// Makes sure that a key is one of the table.
    pub(crate) fn check_key(table: &tables::Table, key: &Key) -> Result<(), Error> {
        let is_filled = !key.partition.is_empty() && key.sort.as_ref().is_none_or(|sort| !sort.is_empty());
        if !is_filled {
            return Err(Error::invalid(table.name, "a key is empty"));
        }
        if key.sort.is_some() == table.sort.is_some() {
            return Ok(());
        }
        let has = if table.sort.is_some() { "has" } else { "has no" };
        Err(Error::invalid(table.name, format!("the table {has} a sort key")))
    }

    /// An item as it will be read again.
    pub(crate) fn normal(table: &tables::Table, item: Item) -> Result<Item, Error> {
        let mut item = Value::Object(item);
        number::normalize(&mut item).map_err(|reason| Error::invalid(table.name, reason))?;
        match item {
            Value::Object(item) => Ok(item),
            _ => Err(Error::invalid(table.name, "an item is an object")),
        }
    }

    /// Makes sure that changes leave the key alone and name each attribute once.
    pub(crate) fn check_changes(table: &tables::Table, changes: &[Change]) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        for change in changes {
            let name = change.name();
            if name == table.partition || Some(name) == table.sort {
                return Err(Error::invalid(table.name, format!("`{name}` is the key and cannot be changed")));
            }
            if !seen.insert(name) {
                return Err(Error::invalid(table.name, format!("`{name}` is changed twice")));
            }
        }
        if changes.is_empty() {
            return Err(Error::invalid(table.name, "no change is asked for"));
        }
        Ok(())
    }

    /// Makes sure that a transaction is not too large and has one write for an item.
    pub(crate) fn check_writes(table: &tables::Table, writes: &[Write]) -> Result<(), Error> {
        if writes.is_empty() || writes.len() > LARGEST_TRANSACTION {
            let reason = format!("a transaction has 1 to {LARGEST_TRANSACTION} writes, not {}", writes.len());
            return Err(Error::invalid(table.name, reason));
        }
        let mut seen = BTreeSet::new();
        for write in writes {
            let key = match write {
                Write::Put { item, .. } => key_of(table, item)?,
                Write::Update { key, changes, .. } => {
                    check_changes(table, changes)?;
                    key.clone()
                }
                Write::Delete { key, .. } | Write::Check { key, .. } => key.clone(),
            };
            check_key(table, &key)?;
            if !seen.insert(key) {
                return Err(Error::invalid(table.name, "a transaction has two writes for one item"));
            }
        }
        Ok(())
    }

    /// The attributes of a query's keys, partition and sort; an error where the query does not fit the table.
    pub(crate) fn keys_of(
        table: &tables::Table,
        query: &Query,
    ) -> Result<(&'static str, Option<&'static str>), Error> {
        let keys = match query.index {
            None => (table.partition, table.sort),
            Some(_) if query.consistent => {
                return Err(Error::invalid(table.name, "an index cannot be read consistently"));
            }
            Some(name) => {
                let index = table.index(name);
                let index = index.ok_or_else(|| Error::invalid(table.name, format!("no index `{name}`")))?;
                (index.partition, index.sort)
            }
        };
        if keys.1.is_none() && query.range != super::Range::All {
            return Err(Error::invalid(table.name, "there is no sort key to choose by"));
        }
        if query.partition.is_empty() || query.limit == Some(0) {
            return Err(Error::invalid(table.name, "a query needs a partition, and a limit above 0"));
        }
        if let Some(start) = &query.start {
            check_start(table, start, &[keys.0], keys.1)?;
            if start.0.get(keys.0).and_then(Value::as_str) != Some(&query.partition) {
                return Err(Error::invalid(table.name, "the page before was one of another partition"));
            }
        }
        Ok(keys)
    }

    /// Makes sure that a cursor has the keys that it needs and no others.
    pub(crate) fn check_start(
        table: &tables::Table,
        start: &Cursor,
        more: &[&str],
        sort: Option<&str>,
    ) -> Result<(), Error> {
        let needed: BTreeSet<&str> =
            [table.partition].into_iter().chain(table.sort).chain(more.iter().copied()).chain(sort).collect();
        let has: BTreeSet<&str> = start.0.keys().map(String::as_str).collect();
        if needed == has {
            return Ok(());
        }
        Err(Error::invalid(table.name, "the page before was one of another query"))
    }

    /// Where a page ends that has this item last.
    pub(crate) fn cursor(table: &tables::Table, index: Option<&str>, item: &Item) -> Cursor {
        let index = index.and_then(|name| table.index(name));
        let of_index = index.into_iter().flat_map(|index| [Some(index.partition), index.sort]);
        let names = [Some(table.partition), table.sort].into_iter().chain(of_index).flatten();
        let keys = names.filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())));
        Cursor(keys.collect())
    }

    /// Whether an item's time has come.
    pub(crate) fn is_over(table: &tables::Table, item: &Item) -> bool {
        let end = table.time_to_live.and_then(|name| item.get(name)?.as_f64());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        end.is_some_and(|end| end <= now.as_secs_f64())
    }
}
