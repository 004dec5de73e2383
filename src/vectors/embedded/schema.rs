//! The tables: a collection has its own four, so that the text index counts its words alone and removal is quick.
//!
//! * `chunks_N`: the chunk as JSON, by a key of this store's own;
//! * `vectors_N`: its vector, numbers of four bytes, least byte first;
//! * `fields_N`: what filters see, one row per value;
//! * `words_N`: the text index, which keeps no text.

use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, params};

use super::words;
use crate::chunk::Scalar;
use crate::collection::CollectionName;
use crate::store::{Count, Entry};

/// English words lose their endings, letters their accents.
const TOKENIZER: &str = "porter unicode61 remove_diacritics 2";

/// Fields that every chunk has, beside its metadata.
const OWN_FIELDS: [&str; 3] = ["documentId", "source", "page"];

/// Makes the connection and the database ready.
pub(super) fn prepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL;
         PRAGMA mmap_size = 4294967296;
         CREATE TABLE IF NOT EXISTS collections (
             key INTEGER PRIMARY KEY AUTOINCREMENT,
             name TEXT NOT NULL UNIQUE,
             dimension INTEGER NOT NULL,
             version INTEGER NOT NULL DEFAULT 0
         ) STRICT;",
    )?;
    // A question is cut into words by the same code as a text: by a text index that holds nothing else.
    connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE temp.question USING fts5(text, tokenize = '{TOKENIZER}');
         CREATE VIRTUAL TABLE temp.question_words USING fts5vocab(temp, question, row);"
    ))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Makes a collection's row and tables.
pub(super) fn create(
    transaction: &Transaction<'_>,
    collection: &CollectionName,
    dimension: usize,
) -> Result<(), rusqlite::Error> {
    transaction.execute(
        "INSERT INTO collections (name, dimension) VALUES (?1, ?2)",
        params![collection.as_str(), dimension],
    )?;
    let n = transaction.last_insert_rowid();
    transaction.execute_batch(&format!(
        "CREATE TABLE chunks_{n} (
             key INTEGER PRIMARY KEY AUTOINCREMENT,
             document TEXT NOT NULL,
             id TEXT NOT NULL UNIQUE,
             length INTEGER NOT NULL,
             record TEXT NOT NULL
         ) STRICT;
         CREATE INDEX chunks_{n}_document ON chunks_{n} (document);
         CREATE TABLE vectors_{n} (key INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT;
         CREATE TABLE fields_{n} (
             name TEXT NOT NULL,
             kind INTEGER NOT NULL,
             value ANY NOT NULL,
             key INTEGER NOT NULL,
             PRIMARY KEY (name, kind, value, key)
         ) STRICT, WITHOUT ROWID;
         CREATE INDEX fields_{n}_key ON fields_{n} (key);
         CREATE VIRTUAL TABLE words_{n} USING fts5(
             headings, text, content = '', contentless_delete = 1, tokenize = '{TOKENIZER}'
         );
         CREATE VIRTUAL TABLE places_{n} USING fts5vocab(words_{n}, instance);"
    ))
}

/// Removes a collection's row and tables.
pub(super) fn drop(transaction: &Transaction<'_>, n: i64) -> Result<(), rusqlite::Error> {
    transaction.execute_batch(&format!(
        "DROP TABLE places_{n}; DROP TABLE words_{n}; DROP TABLE fields_{n}; DROP TABLE vectors_{n};
         DROP TABLE chunks_{n}; DELETE FROM collections WHERE key = {n};"
    ))
}

/// Removes a document's chunks and returns their keys.
pub(super) fn remove(
    transaction: &Transaction<'_>,
    n: i64,
    document: &str,
) -> Result<Vec<i64>, rusqlite::Error> {
    let mut select = transaction.prepare(&format!("SELECT key FROM chunks_{n} WHERE document = ?1"))?;
    let keys: Vec<i64> = select.query_map([document], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for (table, column) in [("words", "rowid"), ("fields", "key"), ("vectors", "key"), ("chunks", "key")] {
        let mut delete = transaction.prepare(&format!("DELETE FROM {table}_{n} WHERE {column} = ?1"))?;
        for key in &keys {
            delete.execute([key])?;
        }
    }
    Ok(keys)
}

/// Adds a document's chunks and returns their keys.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    n: i64,
    document: &str,
    entries: &[Entry],
) -> Result<Vec<i64>, rusqlite::Error> {
    let sql = format!("INSERT INTO chunks_{n} (document, id, length, record) VALUES (?1, ?2, ?3, ?4)");
    let mut chunks = transaction.prepare(&sql)?;
    let mut vectors = transaction.prepare(&format!("INSERT INTO vectors_{n} VALUES (?1, ?2)"))?;
    let mut index =
        transaction.prepare(&format!("INSERT INTO words_{n} (rowid, headings, text) VALUES (?1, ?2, ?3)"))?;
    let mut keys = Vec::with_capacity(entries.len());
    for Entry { chunk, vector } in entries {
        let record = serde_json::to_string(chunk);
        let record = record.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        chunks.execute(params![document, chunk.id, words::length(chunk), record])?;
        let key = transaction.last_insert_rowid();
        let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
        vectors.execute(params![key, bytes])?;
        index.execute(params![key, chunk.heading_path(), chunk.text])?;
        insert_fields(transaction, n, key, chunk)?;
        keys.push(key);
    }
    Ok(keys)
}

fn insert_fields(
    transaction: &Transaction<'_>,
    n: i64,
    key: i64,
    chunk: &crate::Chunk,
) -> Result<(), rusqlite::Error> {
    let mut insert =
        transaction.prepare_cached(&format!("INSERT OR IGNORE INTO fields_{n} VALUES (?1, ?2, ?3, ?4)"))?;
    let own = OWN_FIELDS.into_iter();
    let others = chunk.metadata.keys().map(String::as_str).filter(|name| !OWN_FIELDS.contains(name));
    for name in own.chain(others) {
        for value in chunk.field(name) {
            let (kind, value) = as_sql(&value);
            insert.execute(params![name, kind, value, key])?;
        }
    }
    Ok(())
}

/// A value's kind and itself: `"1"`, `1` and `true` are three values.
pub(super) fn as_sql(value: &Scalar) -> (i64, Value) {
    match value {
        Scalar::Flag(flag) => (0, Value::from(*flag)),
        Scalar::Number(number) => (1, Value::from(*number)),
        Scalar::Text(text) => (2, Value::from(text.clone())),
    }
}

/// Marks a collection as changed and returns its new version.
pub(super) fn advance(transaction: &Transaction<'_>, n: i64) -> Result<i64, rusqlite::Error> {
    let sql = "UPDATE collections SET version = version + 1 WHERE key = ?1 RETURNING version";
    transaction.query_row(sql, [n], |row| row.get(0))
}

/// What a collection holds.
pub(super) fn count(transaction: &Transaction<'_>, n: i64) -> Result<Count, rusqlite::Error> {
    let sql = format!("SELECT count(DISTINCT document), count(*) FROM chunks_{n}");
    transaction.query_row(&sql, [], |row| Ok(Count { documents: row.get(0)?, chunks: row.get(1)? }))
}

/// A chunk's vector.
pub(super) fn vector(connection: &Connection, n: i64, key: i64) -> Result<Vec<f32>, rusqlite::Error> {
    let mut select = connection.prepare_cached(&format!("SELECT vector FROM vectors_{n} WHERE key = ?1"))?;
    select.query_row([key], |row| Ok(numbers(row.get_ref(0)?.as_blob()?)))
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// Hands out key, length in words and vector of every chunk.
pub(super) fn each(
    connection: &Connection,
    n: i64,
    mut take: impl FnMut(i64, u32, &[f32]),
) -> Result<(), rusqlite::Error> {
    let sql = format!("SELECT key, length, vector FROM chunks_{n} JOIN vectors_{n} USING (key) ORDER BY key");
    let mut select = connection.prepare(&sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        take(row.get(0)?, row.get(1)?, &numbers(row.get_ref(2)?.as_blob()?));
    }
    Ok(())
}
