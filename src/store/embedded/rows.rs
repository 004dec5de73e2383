//! The rows of a table: an item as JSON, beside its keys.

use lisa_api::tables;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::table::{Item, Key};

/// Makes a table and its indexes if they are not there, and deletes items whose time has come.
pub(super) fn prepare(connection: &Connection, table: &tables::Table) -> rusqlite::Result<()> {
    let name = quoted(table.name);
    // A table without a sort key has an empty one in every row.
    connection.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS {name} (
            id INTEGER PRIMARY KEY, partition TEXT NOT NULL, sort TEXT NOT NULL, item TEXT NOT NULL,
            UNIQUE (partition, sort)
        )"
    ))?;
    for index in table.indexes {
        let keys: Vec<String> =
            [Some(index.partition), index.sort].into_iter().flatten().map(attribute).collect();
        let (index, keys) = (quoted(&format!("{} {}", table.name, index.name)), keys.join(", "));
        connection.execute_batch(&format!(
            "CREATE INDEX IF NOT EXISTS {index} ON {name} ({keys}, partition, sort)"
        ))?;
    }
    if let Some(end) = table.time_to_live.map(attribute) {
        connection.execute_batch(&format!("DELETE FROM {name} WHERE {end} <= unixepoch()"))?;
    }
    Ok(())
}

/// The item with a key.
pub(super) fn get(
    connection: &Connection,
    table: &tables::Table,
    key: &Key,
) -> rusqlite::Result<Option<Item>> {
    let sql = format!("SELECT item FROM {} WHERE partition = ?1 AND sort = ?2", quoted(table.name));
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_row(params![key.partition, sort(key)], read).optional()
}

/// Puts an item in the place of the one with its key.
pub(super) fn put(
    connection: &Connection,
    table: &tables::Table,
    key: &Key,
    item: &Item,
) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO {} (partition, sort, item) VALUES (?1, ?2, ?3) \
         ON CONFLICT (partition, sort) DO UPDATE SET item = excluded.item",
        quoted(table.name)
    );
    let text =
        serde_json::to_string(item).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    connection.prepare_cached(&sql)?.execute(params![key.partition, sort(key), text]).map(drop)
}

/// Deletes the item with a key, if it is there.
pub(super) fn delete(connection: &Connection, table: &tables::Table, key: &Key) -> rusqlite::Result<()> {
    let sql = format!("DELETE FROM {} WHERE partition = ?1 AND sort = ?2", quoted(table.name));
    connection.prepare_cached(&sql)?.execute(params![key.partition, sort(key)]).map(drop)
}

/// The item of a row whose first column it is.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Item> {
    let text = row.get_ref(0)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))
}

fn sort(key: &Key) -> &str {
    key.sort.as_deref().unwrap_or_default()
}

/// A name as SQL takes any. All of them come from [`tables`].
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// An attribute of the item. Queries have to spell it as the indexes do, to use these.
pub(super) fn attribute(name: &str) -> String {
    format!("(item ->> '$.\"{}\"')", name.replace('\'', "''"))
}
