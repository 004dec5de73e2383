//! Full-text search over one person's own sessions.
//!
//! Embedded, an FTS5 index follows the table by triggers: no write forgets it. In DynamoDB there is no index: a search
//! reads the person's messages, a bounded number of bytes at a time, and says where it stopped. That costs nothing when
//! messages are written, and 2,048 read units for each 16 MB when somebody searches: about 26,000 for 5,000 sessions of
//! forty kilobytes. Encrypted sessions are not searched: nothing of theirs lies anywhere in the clear.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::{Connection, params};
use serde_json::{Map, Value};

use super::partition;
use super::words;
use crate::cost;
use crate::embedded::Database;
use crate::error::Error;
use crate::table::{Cursor, Item, Query, Range, Table};

/// Bytes that one search reads of a table without an index, at most.
const BUDGET: usize = 16 * 1024 * 1024;

/// Characters before and after the first word that is found.
const AROUND: usize = 80;

/// A message in which the words were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its session.
    pub session: String,
    /// Its id.
    pub message: String,
    /// When it was written, in RFC 3339.
    pub created: String,
    /// The text around the first of the words.
    pub excerpt: String,
}

/// What a search has found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The messages.
    pub hits: Vec<Hit>,
    /// Where the search goes on; it is complete without.
    pub next: Option<String>,
}

/// Finds messages by the words in them.
#[async_trait]
pub trait Search: fmt::Debug + Send + Sync {
    /// A user's messages that hold every word, or a word that begins with it.
    async fn find(&self, user: &str, query: &str, limit: usize, start: Option<&str>) -> Result<Found, Error>;
}

/// Search by reading, in a table without an index of words.
#[derive(Clone, Debug)]
pub struct Reading(pub Arc<dyn Table>);

#[async_trait]
impl Search for Reading {
    async fn find(&self, user: &str, query: &str, limit: usize, start: Option<&str>) -> Result<Found, Error> {
        let wanted = tokens(query);
        let start = match start.map(Cursor::parse) {
            Some(None) => return Err(Error::invalid(self.0.described().name, "the search goes on nowhere")),
            start => start.flatten(),
        };
        let range = Range::Prefix("message#".to_owned());
        let mut question = Query::partition(partition(user)).range(range).start(start);
        let (mut found, mut read) = (Found::default(), 0);
        loop {
            let page = self.0.query(question.clone()).await?;
            for item in &page.items {
                read += cost::size(item);
                found.hits.extend(hit(item, &wanted));
            }
            let Some(next) = page.next else { return Ok(found) };
            if read >= BUDGET || found.hits.len() >= limit {
                found.next = Some(next.to_string());
                return Ok(found);
            }
            question.start = Some(next);
        }
    }
}

/// Search by the index of words in the embedded file.
#[derive(Clone, Debug)]
pub struct Indexed(Database);

impl Indexed {
    /// The index of a file whose table of sessions is there, made and filled if need be.
    pub async fn open(database: Database) -> Result<Self, Error> {
        database.write(prepare).await?;
        Ok(Self(database))
    }
}

/// A row's text: what a message says, unless it is encrypted. Triggers and filling say the same.
const TEXT: &str = "CASE WHEN {row}.sort LIKE 'message#%' AND {row}.item ->> '$.sealed' IS NULL \
                    THEN ({row}.item ->> '$.body') ->> '$.content' END";

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    let there = "SELECT 1 FROM sqlite_master WHERE name = 'words of sessions'";
    if connection.prepare(there)?.exists([])? {
        return Ok(());
    }
    let [new, row] = ["new", "sessions"].map(|row| TEXT.replace("{row}", row));
    connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE \"words of sessions\" USING fts5(
            text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'
        );
        INSERT INTO \"words of sessions\" (rowid, text) SELECT id, {row} FROM sessions WHERE {row} IS NOT NULL;
        CREATE TRIGGER \"words of new sessions\" AFTER INSERT ON sessions WHEN {new} IS NOT NULL BEGIN
            INSERT INTO \"words of sessions\" (rowid, text) VALUES (new.id, {new});
        END;
        CREATE TRIGGER \"words of changed sessions\" AFTER UPDATE ON sessions WHEN {new} IS NOT NULL BEGIN
            INSERT OR REPLACE INTO \"words of sessions\" (rowid, text) VALUES (new.id, {new});
        END;
        CREATE TRIGGER \"words of old sessions\" AFTER DELETE ON sessions WHEN old.sort LIKE 'message#%' BEGIN
            DELETE FROM \"words of sessions\" WHERE rowid = old.id;
        END;"
    ))
}

#[async_trait]
impl Search for Indexed {
    async fn find(&self, user: &str, query: &str, limit: usize, start: Option<&str>) -> Result<Found, Error> {
        let wanted = tokens(query);
        if wanted.is_empty() {
            return Ok(Found::default());
        }
        let before = start.map_or(Ok(i64::MAX), str::parse);
        let before = before.map_err(|_| Error::invalid("sessions", "the search goes on nowhere"))?;
        let matching: Vec<String> = wanted.iter().map(|word| format!("\"{word}\" *")).collect();
        let (matching, partition) = (matching.join(" AND "), partition(user));
        let rows = self.0.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT s.id, s.item FROM \"words of sessions\" AS w JOIN sessions AS s ON s.id = w.rowid \
                 WHERE w.\"words of sessions\" MATCH ?1 AND w.rowid < ?2 AND s.partition = ?3 \
                 ORDER BY w.rowid DESC LIMIT ?4",
            )?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![matching, before, partition, limit], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        let rows = rows.await?;
        let next = rows.last().filter(|_| rows.len() >= limit).map(|(id, _)| id.to_string());
        let items = rows.iter().filter_map(|(_, text)| serde_json::from_str::<Item>(text).ok());
        Ok(Found { hits: items.filter_map(|item| hit(&item, &wanted)).collect(), next })
    }
}

/// The words of a query, in lower case; what is neither letter nor digit stands between them.
fn tokens(query: &str) -> Vec<String> {
    let words = query.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).take(16).collect()
}

/// The message in an item, if every word begins one in it.
fn hit(item: &Item, wanted: &[String]) -> Option<Hit> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    if super::is_sealed(item) || wanted.is_empty() {
        return None;
    }
    let body: Map<String, Value> = serde_json::from_str(text("body")).ok()?;
    let said = words(&body);
    let lower = said.to_lowercase();
    let starts: Option<Vec<usize>> = wanted.iter().map(|word| find_word(&lower, word)).collect();
    let first = starts?.into_iter().min()?;
    let mut parts = text("sk").splitn(3, '#').skip(1);
    Some(Hit {
        session: parts.next()?.to_owned(),
        message: text("id").to_owned(),
        created: text("created").to_owned(),
        excerpt: excerpt(&lower, &said, first),
    })
}

/// Where a word begins with this, in bytes.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let begins = |at: &usize| text[..*at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
    text.match_indices(word).map(|(at, _)| at).find(begins)
}

/// Some characters around a place. Lower case may have other lengths, so the place is counted in characters.
fn excerpt(lower: &str, said: &str, at: usize) -> String {
    let place = lower[..at].chars().count();
    let (from, long) = (place.saturating_sub(AROUND), said.chars().count());
    let text: String = said.chars().skip(from).take(2 * AROUND).collect();
    let before = if from > 0 { "…" } else { "" };
    let after = if from + 2 * AROUND < long { "…" } else { "" };
    format!("{before}{}{after}", text.trim())
}
