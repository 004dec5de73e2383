//! A table that counts what its calls would cost in DynamoDB, whatever is behind it: for figures and their tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use lisa_api::tables;

use crate::change::Change;
use crate::condition::Condition;
use crate::cost;
use crate::error::Error;
use crate::table::{Cursor, Item, Key, Page, Query, Table, Write, shared};

/// A table whose calls are counted. It reads an item before each write, to know its size; these reads are not counted.
#[derive(Debug)]
pub struct Metered {
    table: Arc<dyn Table>,
    written: AtomicU64,
    /// In halves of a unit.
    read: AtomicU64,
}

impl Metered {
    /// Counts the calls of a table.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table, written: AtomicU64::new(0), read: AtomicU64::new(0) }
    }

    /// Write units so far, those of indexes included.
    pub fn write_units(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Halves of read units so far.
    pub fn half_read_units(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    fn count_write(&self, before: Option<&Item>, after: Option<&Item>, times: u64) {
        let units = cost::write_units(self.table.described(), before, after) as u64;
        self.written.fetch_add(units * times, Ordering::Relaxed);
    }

    fn count_read(&self, items: &[Item], is_consistent: bool) {
        let bytes: usize = items.iter().map(cost::size).sum();
        let units = bytes.div_ceil(4096).max(1) as u64;
        self.read.fetch_add(if is_consistent { 2 * units } else { units }, Ordering::Relaxed);
    }

    async fn of_write(&self, write: &Write) -> Result<(Key, Option<Item>), Error> {
        let key = match write {
            Write::Put { item, .. } => shared::key_of(self.table.described(), item)?,
            Write::Update { key, .. } | Write::Delete { key, .. } | Write::Check { key, .. } => key.clone(),
        };
        let before = self.table.get(&key).await?;
        Ok((key, before))
    }
}

#[async_trait]
impl Table for Metered {
    fn described(&self) -> &'static tables::Table {
        self.table.described()
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, Error> {
        let item = self.table.get(key).await?;
        self.count_read(item.as_slice(), true);
        Ok(item)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, Error> {
        let items = self.table.get_many(keys).await?;
        for item in &items {
            self.count_read(std::slice::from_ref(item), true);
        }
        Ok(items)
    }

    async fn put(&self, item: Item, condition: Option<Condition>) -> Result<(), Error> {
        let before = self.table.get(&shared::key_of(self.table.described(), &item)?).await?;
        self.table.put(item.clone(), condition).await?;
        self.count_write(before.as_ref(), Some(&item), 1);
        Ok(())
    }

    async fn update(
        &self,
        key: &Key,
        changes: Vec<Change>,
        condition: Option<Condition>,
    ) -> Result<Item, Error> {
        let before = self.table.get(key).await?;
        let after = self.table.update(key, changes, condition).await?;
        self.count_write(before.as_ref(), Some(&after), 1);
        Ok(after)
    }

    async fn delete(&self, key: &Key, condition: Option<Condition>) -> Result<Option<Item>, Error> {
        let before = self.table.delete(key, condition).await?;
        self.count_write(before.as_ref(), None, 1);
        Ok(before)
    }

    async fn query(&self, query: Query) -> Result<Page, Error> {
        let is_consistent = query.consistent;
        let page = self.table.query(query).await?;
        self.count_read(&page.items, is_consistent);
        Ok(page)
    }

    async fn scan(&self, limit: Option<u32>, start: Option<Cursor>) -> Result<Page, Error> {
        let page = self.table.scan(limit, start).await?;
        self.count_read(&page.items, false);
        Ok(page)
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), Error> {
        let mut before = Vec::with_capacity(writes.len());
        for write in &writes {
            before.push(self.of_write(write).await?);
        }
        self.table.transact(writes).await?;
        for (key, before) in before {
            let after = self.table.get(&key).await?;
            // A transaction costs twice.
            self.count_write(before.as_ref(), after.as_ref(), 2);
        }
        Ok(())
    }

    async fn write_many(&self, puts: Vec<Item>, deletes: Vec<Key>) -> Result<(), Error> {
        for key in &deletes {
            let before = self.table.get(key).await?;
            self.count_write(before.as_ref(), None, 1);
        }
        for item in &puts {
            let before = self.table.get(&shared::key_of(self.table.described(), item)?).await?;
            self.count_write(before.as_ref(), Some(item), 1);
        }
        self.table.write_many(puts, deletes).await
    }
}
