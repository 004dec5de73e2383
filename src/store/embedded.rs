//! Tables in one SQLite file, for a machine without DynamoDB: the same semantics, and items of any size.
//!
//! Each table of the description is one of the file, with an item as JSON beside its keys; an index is one over the
//! item's own attributes, so that it needs no columns and follows every write. Writes go one after the other through
//! one connection, reads beside them through others; every call runs on a thread that may block. A write that was
//! answered is on the disk: the process may be killed, and the machine may lose its power.

mod file;
mod rows;
mod select;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use lisa_api::tables;
use rusqlite::Connection;

use self::file::File;
use crate::change::Change;
use crate::condition::Condition;
use crate::error::{Error, Reason};
use crate::table::{Cursor, Item, Key, Page, Query, Table, Write, shared};

/// The file's name in its folder.
const FILE: &str = "lisa.db";

/// A file of tables. A clone is the same file.
#[derive(Clone)]
pub struct Database {
    file: Arc<File>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Database").field(&self.file.path()).finish()
    }
}

impl Database {
    /// Opens the file in a folder, or makes both. Nobody but the process's user may read what is made.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Ok(Self { file: Arc::new(File::open(folder, FILE)?) })
    }

    /// A table of the file, made if it is not there, with its indexes. Items whose time has come are deleted.
    pub fn table(&self, described: &'static tables::Table) -> Result<EmbeddedTable, Error> {
        self.file.write_now(|connection| rows::prepare(connection, described))?;
        Ok(EmbeddedTable { file: Arc::clone(&self.file), described })
    }

    /// Does something with the file in one transaction, on a thread that may block: what a table is no help for, such
    /// as an index of words.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        self.file.write(work).await
    }

    /// Reads from the file, on a thread that may block.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        self.file.read(work).await
    }
}

/// A table of a file.
#[derive(Clone)]
pub struct EmbeddedTable {
    file: Arc<File>,
    described: &'static tables::Table,
}

impl fmt::Debug for EmbeddedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EmbeddedTable").field(&self.described.name).finish()
    }
}

/// Why a write was not done.
enum Refused {
    Condition,
    Invalid(String),
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// The items of a write, before and after.
struct Done {
    before: Option<Item>,
    after: Option<Item>,
}

impl EmbeddedTable {
    fn error(&self, refused: Refused) -> Error {
        let table = self.described.name.to_owned();
        match refused {
            Refused::Condition => Error::ConditionFailed { table },
            Refused::Invalid(reason) => Error::Invalid { table, reason },
            Refused::Database(source) => self.file.error(source),
        }
    }

    /// Does one write in a transaction of its own.
    async fn one(&self, write: Write) -> Result<Done, Error> {
        let write = self.checked(write)?;
        let described = self.described;
        let done = self.file.write_or_undo(move |connection| apply(connection, described, write)).await?;
        done.map_err(|refused| self.error(refused))
    }

    /// The write with what it brings as it will be read again.
    fn checked(&self, write: Write) -> Result<Write, Error> {
        match write {
            Write::Put { item, condition } => {
                let item = shared::normal(self.described, item)?;
                shared::key_of(self.described, &item)?;
                Ok(Write::Put { item, condition })
            }
            Write::Update { key, changes, condition } => {
                shared::check_key(self.described, &key)?;
                shared::check_changes(self.described, &changes)?;
                Ok(Write::Update { key, changes, condition })
            }
            Write::Delete { ref key, .. } | Write::Check { ref key, .. } => {
                shared::check_key(self.described, key)?;
                Ok(write)
            }
        }
    }
}

#[async_trait]
impl Table for EmbeddedTable {
    fn described(&self) -> &'static tables::Table {
        self.described
    }

    async fn get(&self, key: &Key) -> Result<Option<Item>, Error> {
        shared::check_key(self.described, key)?;
        let (described, key) = (self.described, key.clone());
        let item = self.file.read(move |connection| rows::get(connection, described, &key)).await?;
        Ok(item.filter(|item| !shared::is_over(self.described, item)))
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, Error> {
        keys.iter().try_for_each(|key| shared::check_key(self.described, key))?;
        let keys: std::collections::BTreeSet<Key> = keys.iter().cloned().collect();
        let described = self.described;
        let items = self.file.read(move |connection| {
            keys.iter().filter_map(|key| rows::get(connection, described, key).transpose()).collect()
        });
        let mut items: Vec<Item> = items.await?;
        items.retain(|item| !shared::is_over(described, item));
        Ok(items)
    }

    async fn put(&self, item: Item, condition: Option<Condition>) -> Result<(), Error> {
        self.one(Write::Put { item, condition }).await.map(drop)
    }

    async fn update(
        &self,
        key: &Key,
        changes: Vec<Change>,
        condition: Option<Condition>,
    ) -> Result<Item, Error> {
        let done = self.one(Write::Update { key: key.clone(), changes, condition }).await?;
        Ok(done.after.unwrap_or_default())
    }

    async fn delete(&self, key: &Key, condition: Option<Condition>) -> Result<Option<Item>, Error> {
        let done = self.one(Write::Delete { key: key.clone(), condition }).await?;
        Ok(done.before.filter(|item| !shared::is_over(self.described, item)))
    }

    async fn query(&self, query: Query) -> Result<Page, Error> {
        let (partition, sort) = shared::keys_of(self.described, &query)?;
        let described = self.described;
        let (index, limit) = (query.index, query.limit);
        let read =
            move |connection: &Connection| select::query(connection, described, &query, partition, sort);
        Ok(self.page(self.file.read(read).await?, index, limit))
    }

    async fn scan(&self, limit: Option<u32>, start: Option<Cursor>) -> Result<Page, Error> {
        if let Some(start) = &start {
            shared::check_start(self.described, start, &[], None)?;
        }
        let described = self.described;
        let read = move |connection: &Connection| select::scan(connection, described, limit, start.as_ref());
        Ok(self.page(self.file.read(read).await?, None, limit))
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), Error> {
        shared::check_writes(self.described, &writes)?;
        let count = writes.len();
        let writes = writes.into_iter().map(|write| self.checked(write)).collect::<Result<Vec<_>, _>>()?;
        let described = self.described;
        let done = self.file.write_or_undo(move |connection| {
            // Every reason is told, as DynamoDB does; the first refusal undoes all.
            let outcomes = writes.into_iter().map(|write| apply(connection, described, write).err());
            let refused: Vec<Option<Refused>> = outcomes.collect();
            if refused.iter().any(Option::is_some) { Err(refused) } else { Ok(()) }
        });
        let Err(refused) = done.await? else { return Ok(()) };
        let mut reasons = Vec::with_capacity(count);
        for refused in refused {
            reasons.push(match refused {
                None => None,
                Some(Refused::Condition) => Some(Reason::ConditionFailed),
                Some(Refused::Invalid(reason)) => Some(Reason::Other(reason)),
                Some(Refused::Database(source)) => return Err(self.file.error(source)),
            });
        }
        Err(Error::Cancelled { table: self.described.name.to_owned(), reasons })
    }

    async fn write_many(&self, puts: Vec<Item>, deletes: Vec<Key>) -> Result<(), Error> {
        deletes.iter().try_for_each(|key| shared::check_key(self.described, key))?;
        let described = self.described;
        let puts = puts.into_iter().map(|item| {
            let item = shared::normal(described, item)?;
            Ok((shared::key_of(described, &item)?, item))
        });
        let puts = puts.collect::<Result<Vec<_>, Error>>()?;
        self.file
            .write(move |connection| {
                deletes.iter().try_for_each(|key| rows::delete(connection, described, key))?;
                puts.iter().try_for_each(|(key, item)| rows::put(connection, described, key, item))
            })
            .await
    }
}

impl EmbeddedTable {
    /// A page of what was read: a full one may not be the last.
    fn page(&self, mut items: Vec<Item>, index: Option<&str>, limit: Option<u32>) -> Page {
        let is_full = limit.is_some_and(|limit| items.len() >= limit as usize);
        let last = items.last().filter(|_| is_full);
        let next = last.map(|item| shared::cursor(self.described, index, item));
        items.retain(|item| !shared::is_over(self.described, item));
        Page { items, next }
    }
}

/// Does one write within a transaction that is open.
fn apply(connection: &Connection, described: &tables::Table, write: Write) -> Result<Done, Refused> {
    let (key, condition) = match &write {
        Write::Put { item, condition } => {
            let key = shared::key_of(described, item);
            (key.map_err(|error| Refused::Invalid(error.to_string()))?, condition.clone())
        }
        Write::Update { key, condition, .. } | Write::Delete { key, condition } => {
            (key.clone(), condition.clone())
        }
        Write::Check { key, condition } => (key.clone(), Some(condition.clone())),
    };
    let before = rows::get(connection, described, &key)?;
    if condition.is_some_and(|condition| !condition.holds(before.as_ref())) {
        return Err(Refused::Condition);
    }
    let after = match write {
        Write::Put { item, .. } => Some(item),
        Write::Update { changes, .. } => Some(changed(described, &key, before.clone(), &changes)?),
        Write::Delete { .. } => None,
        Write::Check { .. } => return Ok(Done { after: before.clone(), before }),
    };
    match &after {
        Some(item) => rows::put(connection, described, &key, item)?,
        None => rows::delete(connection, described, &key)?,
    }
    Ok(Done { before, after })
}

/// The item after changes; a new one starts with its key.
fn changed(
    described: &tables::Table,
    key: &Key,
    before: Option<Item>,
    changes: &[Change],
) -> Result<Item, Refused> {
    let mut item = before.unwrap_or_else(|| {
        let sort = described.sort.zip(key.sort.clone());
        let texts = [(described.partition, key.partition.clone())].into_iter().chain(sort);
        texts.map(|(name, text)| (name.to_owned(), text.into())).collect()
    });
    changes.iter().try_for_each(|change| change.apply(&mut item)).map_err(Refused::Invalid)?;
    let wrong = |error: Error| match error {
        Error::Invalid { reason, .. } => Refused::Invalid(reason),
        error => Refused::Invalid(error.to_string()),
    };
    let item = shared::normal(described, item).map_err(wrong)?;
    shared::key_of(described, &item).map_err(wrong)?;
    Ok(item)
}
