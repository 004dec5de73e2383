//! A store in one folder: SQLite holds everything, its FTS5 is the text index, and vectors are compared one by one.
//!
//! Vectors are found exactly: [`scan`] goes over all of them as 8-bit numbers, which leaves a few whose order only the full
//! numbers can tell, and those are compared in full. There is nothing to build, to tune or to rebuild after a removal. A
//! collection of a hundred thousand chunks is searched in a few milliseconds; from about a million on, a database is better.
//!
//! Several processes may use one folder. Each notices what another has written by a collection's version.

mod conditions;
mod held;
mod scan;
mod schema;
mod words;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params};

use self::conditions::Conditions;
use self::held::Held;
use crate::chunk::Chunk;
use crate::collection::CollectionName;
use crate::error::{Error, Why};
use crate::store::{Count, Entry, Hit, Query, Rank, VectorStore};
use crate::vector::{self, Unit};

/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(10);

/// A store in one folder. A clone is the same store.
#[derive(Clone, Debug)]
pub struct Embedded {
    state: Arc<Mutex<State>>,
    /// How messages name it.
    name: Arc<str>,
}

#[derive(Debug)]
struct State {
    connection: Connection,
    /// What is held of each collection that was searched.
    held: HashMap<i64, Held>,
}

/// A collection's row.
#[derive(Clone, Copy, Debug)]
struct Collection {
    key: i64,
    dimension: usize,
    version: i64,
}

impl Embedded {
    /// Opens the store in a folder, which is made where it is not there.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        let folder: PathBuf = folder.into();
        let name: Arc<str> = format!("the store in `{}`", folder.display()).into();
        let connection = connect(&folder, &name)?;
        let state = State { connection, held: HashMap::new() };
        Ok(Self { state: Arc::new(Mutex::new(state)), name })
    }

    /// Does something with the state on a thread that may block.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State, &str) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Error> {
        let (state, name) = (self.state.clone(), self.name.clone());
        let done = tokio::task::spawn_blocking(move || {
            // A panic leaves the state as the last transaction did: what is held has a version.
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut state, &name).map_err(|failure| failure.of(&name))
        });
        done.await.map_err(|error| Error::new(&self.name, Why::Broken, error))?
    }
}

fn connect(folder: &Path, name: &str) -> Result<Connection, Error> {
    std::fs::create_dir_all(folder).map_err(|error| Error::new(name, Why::Unreachable, error))?;
    let open = || {
        let connection = Connection::open(folder.join("vectors.sqlite"))?;
        connection.busy_timeout(PATIENCE)?;
        schema::prepare(&connection)?;
        Ok(connection)
    };
    open().map_err(|error: rusqlite::Error| Failure::Sqlite(error).of(name))
}

#[async_trait]
impl VectorStore for Embedded {
    async fn ensure(&self, collection: &CollectionName, dimension: usize) -> Result<(), Error> {
        vector::check_dimension(dimension)?;
        let collection = collection.clone();
        let ensured = self.with(move |state, _| {
            let transaction = state.write()?;
            let found = find(&transaction, &collection)?;
            if found.is_none() {
                schema::create(&transaction, &collection, dimension)?;
            }
            transaction.commit()?;
            Ok(found.map_or(dimension, |found| found.dimension))
        });
        match ensured.await? {
            held if held == dimension => Ok(()),
            held => Err(vector::other_dimension(&self.name, held, dimension)),
        }
    }

    async fn replace(
        &self,
        collection: &CollectionName,
        document: &str,
        entries: Vec<Entry>,
    ) -> Result<(), Error> {
        let (collection, document) = (collection.clone(), document.to_owned());
        self.with(move |state, name| {
            let State { connection, held } = state;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut row = required(&transaction, name, &collection)?;
            let entries = vector::check_entries(name, &document, entries, row.dimension)?;
            let removed = schema::remove(&transaction, row.key, &document)?;
            let added = schema::insert(&transaction, row.key, &document, &entries)?;
            let before = std::mem::replace(&mut row.version, schema::advance(&transaction, row.key)?);
            transaction.commit()?;
            if let Some(held) = held.get_mut(&row.key).filter(|held| held.version == before) {
                held.follow(row.version, &removed, &added, &entries);
            }
            Ok(())
        })
        .await
    }

    async fn delete(&self, collection: &CollectionName, document: &str) -> Result<u64, Error> {
        let (collection, document) = (collection.clone(), document.to_owned());
        self.with(move |state, _| {
            let State { connection, held } = state;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let Some(mut row) = find(&transaction, &collection)? else { return Ok(0) };
            let removed = schema::remove(&transaction, row.key, &document)?;
            let before = std::mem::replace(&mut row.version, schema::advance(&transaction, row.key)?);
            transaction.commit()?;
            if let Some(held) = held.get_mut(&row.key).filter(|held| held.version == before) {
                held.follow(row.version, &removed, &[], &[]);
            }
            Ok(removed.len() as u64)
        })
        .await
    }

    async fn search(&self, collection: &CollectionName, query: &Query) -> Result<Vec<Hit>, Error> {
        if let Some(filter) = &query.filter {
            filter.check()?;
        }
        let (collection, query) = (collection.clone(), query.clone());
        self.with(move |state, name| {
            let State { connection, held } = state;
            let transaction = connection.transaction()?;
            let row = required(&transaction, name, &collection)?;
            let question = query.vector.as_deref().map(|vector| Unit::new(name, vector, row.dimension));
            let question = question.transpose()?;
            let held = hold(held, &transaction, row)?;
            search(&transaction, row, held, &query, question.as_ref())
        })
        .await
    }

    async fn count(&self, collection: &CollectionName) -> Result<Count, Error> {
        let collection = collection.clone();
        self.with(move |state, name| {
            let transaction = state.connection.transaction()?;
            let row = required(&transaction, name, &collection)?;
            Ok(schema::count(&transaction, row.key)?)
        })
        .await
    }

    async fn drop(&self, collection: &CollectionName) -> Result<(), Error> {
        let collection = collection.clone();
        self.with(move |state, _| {
            let transaction = state.write()?;
            let Some(row) = find(&transaction, &collection)? else { return Ok(()) };
            schema::drop(&transaction, row.key)?;
            transaction.commit()?;
            state.held.remove(&row.key);
            Ok(())
        })
        .await
    }
}

impl State {
    fn write(&mut self) -> Result<Transaction<'_>, rusqlite::Error> {
        self.connection.transaction_with_behavior(TransactionBehavior::Immediate)
    }
}

fn find(connection: &Connection, collection: &CollectionName) -> Result<Option<Collection>, rusqlite::Error> {
    let mut select =
        connection.prepare_cached("SELECT key, dimension, version FROM collections WHERE name = ?1")?;
    let row = select.query_row([collection.as_str()], |row| {
        Ok(Collection { key: row.get(0)?, dimension: row.get(1)?, version: row.get(2)? })
    });
    row.optional()
}

fn required(connection: &Connection, name: &str, collection: &CollectionName) -> Result<Collection, Failure> {
    Ok(find(connection, collection)?.ok_or_else(|| vector::no_collection(name, collection))?)
}

/// What is held of a collection, read anew where it is not as the transaction sees it.
fn hold<'a>(
    held: &'a mut HashMap<i64, Held>,
    transaction: &Transaction<'_>,
    row: Collection,
) -> Result<&'a mut Held, rusqlite::Error> {
    if held.get(&row.key).is_none_or(|held| held.version != row.version) {
        held.insert(row.key, Held::load(transaction, row.key, row.dimension, row.version)?);
    }
    // It was put there in the line before where it was not there.
    held.get_mut(&row.key).ok_or(rusqlite::Error::QueryReturnedNoRows)
}

fn search(
    transaction: &Transaction<'_>,
    row: Collection,
    held: &mut Held,
    query: &Query,
    question: Option<&Unit>,
) -> Result<Vec<Hit>, Failure> {
    let allowed = match &query.filter {
        Some(filter) => Some(held.allowed(&Conditions::new(row.key, filter).keys(transaction)?)),
        None => None,
    };
    let allowed = allowed.as_ref();
    let mut found: HashMap<i64, (Option<Rank>, Option<Rank>)> = HashMap::new();
    if let Some(text) = &query.text {
        let ranked = held.search_words(transaction, row.key, text, allowed, query.limit)?;
        for (at, (place, score)) in (1..).zip(ranked) {
            found.entry(held.key(place)).or_default().0 = Some(Rank { place: at, score });
        }
    }
    if let Some(question) = question {
        let candidates = held.scan.candidates(question.as_slice(), query.limit, allowed);
        let candidates = candidates.into_iter().map(|place| held.key(place));
        let ranked = rescore(transaction, row.key, question, candidates, query.limit)?;
        for (place, (key, score)) in (1..).zip(ranked) {
            found.entry(key).or_default().1 = Some(Rank { place, score });
        }
    }
    let hits = found.into_iter().map(|(key, (text, vector))| {
        let similarity = match (vector, question) {
            (Some(rank), _) => Some(rank.score),
            (None, Some(question)) => Some(question.cosine(&schema::vector(transaction, row.key, key)?)),
            (None, None) => None,
        };
        Ok(Hit { chunk: chunk(transaction, row.key, key)?, text, vector, similarity })
    });
    hits.collect()
}

/// The best of the candidates by their full numbers, best first.
fn rescore(
    transaction: &Transaction<'_>,
    collection: i64,
    question: &Unit,
    candidates: impl Iterator<Item = i64>,
    limit: usize,
) -> Result<Vec<(i64, f32)>, rusqlite::Error> {
    let scored = candidates.map(|key| {
        let vector = schema::vector(transaction, collection, key)?;
        Ok((key, question.cosine(&vector)))
    });
    let mut scored = scored.collect::<Result<Vec<_>, rusqlite::Error>>()?;
    scored.sort_unstable_by(|(a, left), (b, right)| right.total_cmp(left).then(a.cmp(b)));
    scored.truncate(limit);
    Ok(scored)
}

fn chunk(transaction: &Transaction<'_>, collection: i64, key: i64) -> Result<Chunk, Failure> {
    let sql = format!("SELECT record FROM chunks_{collection} WHERE key = ?1");
    let mut select = transaction.prepare_cached(&sql)?;
    let record: String = select.query_row(params![key], |row| row.get(0))?;
    serde_json::from_str(&record).map_err(|error| Failure::Record(error.to_string()))
}

/// Why something was not done, before it is known what the store is called.
#[derive(Debug)]
enum Failure {
    Sqlite(rusqlite::Error),
    /// A chunk's record is not as it was written.
    Record(String),
    Told(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

impl Failure {
    fn of(self, name: &str) -> Error {
        let error = match self {
            Self::Told(error) => return error,
            Self::Record(text) => return Error::new(name, Why::Broken, text),
            Self::Sqlite(error) => error,
        };
        let why = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Why::Busy,
            Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) => Why::Unreachable,
            Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => Why::Denied,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Why::Broken,
            _ => Why::Refused,
        };
        Error::new(name, why, error)
    }
}

#[cfg(test)]
mod tests;
