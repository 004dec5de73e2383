//! The tables: one row per collection in `lisa_collections`, one table per collection with one row per chunk.

use pgvector::Vector;
use serde_json::{Map, Value};
use tokio_postgres::{Client, Transaction};

use super::failure::Failure;
use super::lacks_pgvector;
use super::tuning::Tuning;
use crate::chunk::Chunk;
use crate::collection::CollectionName;
use crate::error::Error;
use crate::store::{Count, Entry};
use crate::vector;

/// Rows that go over in one statement.
const AT_ONCE: usize = 500;

/// Held by whoever makes or removes tables, so that two do not at once.
const LOCK: i64 = 0x6c69_7361;

/// A collection as it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Numbers of an embedding.
    pub(super) dimension: usize,
    /// Chunks.
    pub(super) chunks: u64,
    /// Whether there is an index of near vectors.
    pub(super) is_indexed: bool,
}

/// Makes sure of pgvector and of the table of collections.
pub(super) async fn prepare(transaction: &Transaction<'_>) -> Result<(), Failure> {
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    let has = "SELECT 1 FROM pg_extension WHERE extname = 'vector'";
    if transaction.query_opt(has, &[]).await?.is_none()
        && let Err(error) = transaction.batch_execute("CREATE EXTENSION IF NOT EXISTS vector").await
    {
        let said = error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
        return Err(lacks_pgvector("the database", &said).into());
    }
    let table = "CREATE TABLE IF NOT EXISTS lisa_collections (
        name text PRIMARY KEY, dimension integer NOT NULL,
        chunks bigint NOT NULL DEFAULT 0, is_indexed boolean NOT NULL DEFAULT false
    )";
    Ok(transaction.batch_execute(table).await?)
}

/// A collection's row, if it is there. No table of collections is no collection.
pub(super) async fn find(
    transaction: &Transaction<'_>,
    collection: &CollectionName,
) -> Result<Option<Row>, Failure> {
    if transaction.query_one("SELECT to_regclass('lisa_collections') IS NULL", &[]).await?.try_get(0)? {
        return Ok(None);
    }
    let sql = "SELECT dimension, chunks, is_indexed FROM lisa_collections WHERE name = $1";
    let Some(row) = transaction.query_opt(sql, &[&collection.as_str()]).await? else { return Ok(None) };
    let (dimension, chunks): (i32, i64) = (row.try_get(0)?, row.try_get(1)?);
    let dimension = usize::try_from(dimension).unwrap_or_default();
    Ok(Some(Row {
        dimension,
        chunks: u64::try_from(chunks).unwrap_or_default(),
        is_indexed: row.try_get(2)?,
    }))
}

pub(super) async fn required(
    transaction: &Transaction<'_>,
    name: &str,
    collection: &CollectionName,
) -> Result<Row, Failure> {
    let found = find(transaction, collection).await?;
    Ok(found.ok_or_else(|| vector::no_collection(name, collection))?)
}

/// Makes a collection's row and table.
pub(super) async fn create(
    transaction: &Transaction<'_>,
    collection: &CollectionName,
    dimension: usize,
) -> Result<(), Failure> {
    let table = collection.physical();
    let columns = i32::try_from(dimension).unwrap_or(i32::MAX);
    let sql = "INSERT INTO lisa_collections (name, dimension) VALUES ($1, $2)";
    transaction.execute(sql, &[&collection.as_str(), &columns]).await?;
    let sql = format!(
        "CREATE TABLE {table} (
             id text PRIMARY KEY,
             document text NOT NULL,
             record text NOT NULL,
             fields jsonb NOT NULL,
             words tsvector NOT NULL,
             embedding vector({dimension}) NOT NULL
         );
         CREATE INDEX ON {table} (document);
         CREATE INDEX ON {table} USING gin (words);
         CREATE INDEX ON {table} USING gin (fields jsonb_path_ops);"
    );
    Ok(transaction.batch_execute(&sql).await?)
}

/// Removes a collection's row and table.
pub(super) async fn drop(transaction: &Transaction<'_>, collection: &CollectionName) -> Result<(), Failure> {
    transaction.execute("DELETE FROM lisa_collections WHERE name = $1", &[&collection.as_str()]).await?;
    let sql = format!("DROP TABLE IF EXISTS {}", collection.physical());
    Ok(transaction.batch_execute(&sql).await?)
}

/// Removes a document's chunks and returns how many there were.
pub(super) async fn remove(
    transaction: &Transaction<'_>,
    collection: &CollectionName,
    document: &str,
) -> Result<u64, Failure> {
    // Two who replace the same document do so one after the other.
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
    transaction.execute(lock, &[&format!("{collection} {document}")]).await?;
    let sql = format!("DELETE FROM {} WHERE document = $1", collection.physical());
    Ok(transaction.execute(&sql, &[&document]).await?)
}

/// Adds a document's chunks.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    collection: &CollectionName,
    document: &str,
    entries: &[Entry],
) -> Result<(), Failure> {
    let sql = format!(
        "INSERT INTO {} (document, id, record, fields, words, embedding)
         SELECT $1, id, record, fields::jsonb, to_tsvector('english', words), embedding
         FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::vector[])
             AS chunk (id, record, fields, words, embedding)",
        collection.physical()
    );
    let insert = transaction.prepare(&sql).await?;
    for entries in entries.chunks(AT_ONCE) {
        let ids: Vec<&str> = entries.iter().map(|entry| entry.chunk.id.as_str()).collect();
        let records = entries.iter().map(|entry| record(&entry.chunk)).collect::<Result<Vec<_>, Error>>()?;
        let fields: Vec<String> = entries.iter().map(|entry| fields(&entry.chunk).to_string()).collect();
        let words =
            entries.iter().map(|Entry { chunk, .. }| format!("{}\n{}", chunk.heading_path(), chunk.text));
        let words: Vec<String> = words.collect();
        let vectors: Vec<Vector> = entries.iter().map(|entry| Vector::from(entry.vector.clone())).collect();
        transaction.execute(&insert, &[&document, &ids, &records, &fields, &words, &vectors]).await?;
    }
    Ok(())
}

fn record(chunk: &Chunk) -> Result<String, Error> {
    serde_json::to_string(chunk).map_err(|error| Error::new("", crate::Why::Invalid, error))
}

/// What filters see: each field with a list of its values.
fn fields(chunk: &Chunk) -> Value {
    let own = ["documentId", "source", "page"].into_iter();
    let names = own.chain(chunk.metadata.keys().map(String::as_str));
    let fields = names.filter_map(|name| {
        let values = chunk.field(name);
        let values = serde_json::to_value(&values).ok().filter(|_| !values.is_empty())?;
        Some((name.to_owned(), values))
    });
    Value::Object(fields.collect::<Map<String, Value>>())
}

/// Keeps a collection's number of chunks and returns it. Done last: others who write wait from here on.
pub(super) async fn account(
    transaction: &Transaction<'_>,
    collection: &CollectionName,
    removed: u64,
    added: usize,
) -> Result<u64, Failure> {
    let removed = i64::try_from(removed).unwrap_or(i64::MAX);
    let change = i64::try_from(added).unwrap_or(i64::MAX) - removed;
    let sql = "UPDATE lisa_collections SET chunks = chunks + $2 WHERE name = $1 RETURNING chunks";
    let chunks: i64 = transaction.query_one(sql, &[&collection.as_str(), &change]).await?.try_get(0)?;
    Ok(u64::try_from(chunks).unwrap_or_default())
}

/// What a collection holds.
pub(super) async fn count(
    transaction: &Transaction<'_>,
    collection: &CollectionName,
) -> Result<Count, Failure> {
    let sql = format!("SELECT count(DISTINCT document), count(*) FROM {}", collection.physical());
    let row = transaction.query_one(&sql, &[]).await?;
    let (documents, chunks): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    Ok(Count { documents: count(documents), chunks: count(chunks) })
}

/// Builds the index of near vectors beside readers and writers. Where somebody else builds it, it is left to them.
pub(super) async fn index(
    client: &Client,
    collection: &CollectionName,
    dimension: usize,
    tuning: Tuning,
) -> Result<(), Failure> {
    let table = collection.physical();
    let lock = "SELECT pg_try_advisory_lock(hashtextextended($1, 1))";
    if !client.query_one(lock, &[&table]).await?.try_get(0)? {
        return Ok(());
    }
    // What a build left that was broken off is no index, and stands in the way of one.
    client.batch_execute(&format!("DROP INDEX IF EXISTS {table}_near")).await?;
    let Tuning { links, effort, .. } = tuning;
    let sql = format!(
        "CREATE INDEX CONCURRENTLY {table}_near ON {table}
         USING hnsw ((embedding::halfvec({dimension})) halfvec_cosine_ops) WITH (m = {links}, ef_construction = {effort})"
    );
    client.batch_execute(&sql).await?;
    let mark = "UPDATE lisa_collections SET is_indexed = true WHERE name = $1";
    client.execute(mark, &[&collection.as_str()]).await?;
    client.execute("SELECT pg_advisory_unlock(hashtextextended($1, 1))", &[&table]).await?;
    Ok(())
}
