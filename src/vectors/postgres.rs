//! A store in PostgreSQL with pgvector: a table per collection, an index of near vectors once it is worth one.
//!
//! A small collection is compared vector by vector, which misses nothing. From [`Settings::index_from`] chunks on, an HNSW
//! index of half precision finds twice as many as are asked for and the full vectors decide among them; how far the
//! index looks follows from the collection's size, and with a filter it looks on until enough are found (pgvector 0.8).
//!
//! Words are found by PostgreSQL's text search in English. Its own ranking does not know that rare words say more; here
//! each word's rank counts by its rarity.

mod conditions;
mod connection;
mod failure;
mod password;
mod schema;
mod tls;
mod tuning;
mod words;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pgvector::Vector;
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Transaction};

use self::conditions::Conditions;
use self::connection::Pool;
use self::failure::Failure;
use self::tuning::Tuning;
use crate::collection::CollectionName;
use crate::error::{Error, Why};
use crate::hits::Found;
use crate::store::{Count, Entry, Hit, Query, VectorStore};
use crate::vector::{self, Unit};

pub use self::password::{IamToken, Password, SecretPassword};
pub use self::tls::Tls;

/// Where a database is and who signs in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Name of the database.
    pub database: String,
    /// User.
    pub user: String,
    /// How the user's password is found, anew for each connection.
    pub password: Arc<dyn Password>,
    /// Whether the connection is encrypted, and whom it trusts.
    pub tls: Tls,
    /// Connections at most.
    pub connections: usize,
    /// How long a search or a write may take.
    pub limit: Duration,
    /// Chunks from which on a collection gets an index of near vectors.
    pub index_from: u64,
}

impl Settings {
    /// Settings with the usual limits: 8 connections, 25 seconds (what API Gateway gives is 29), an index from ten
    /// thousand chunks on.
    pub fn new(
        host: &str,
        port: u16,
        database: &str,
        user: &str,
        password: Arc<dyn Password>,
        tls: Tls,
    ) -> Self {
        let [host, database, user] = [host, database, user].map(str::to_owned);
        let limit = Duration::from_secs(25);
        Self { host, port, database, user, password, tls, connections: 8, limit, index_from: 10_000 }
    }
}

/// A store in PostgreSQL. A clone shares its connections.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: Arc<Pool>,
    index_from: u64,
}

impl Postgres {
    /// A store that connects when it is first asked.
    pub fn new(settings: Settings) -> Self {
        let index_from = settings.index_from;
        Self { pool: Arc::new(Pool::new(settings)), index_from }
    }

    fn told(&self) -> impl Fn(Failure) -> Error {
        |failure| failure.of(self.pool.name())
    }
}

#[async_trait]
impl VectorStore for Postgres {
    async fn ensure(&self, collection: &CollectionName, dimension: usize) -> Result<(), Error> {
        vector::check_dimension(dimension)?;
        let held = self.pool.run(async |client| {
            let transaction = client.transaction().await?;
            schema::prepare(&transaction).await?;
            let held = match schema::find(&transaction, collection).await? {
                Some(found) => found.dimension,
                None => schema::create(&transaction, collection, dimension).await.map(|()| dimension)?,
            };
            transaction.commit().await?;
            Ok(held)
        });
        match held.await.map_err(self.told())? {
            held if held == dimension => Ok(()),
            held => Err(vector::other_dimension(self.pool.name(), held, dimension)),
        }
    }

    async fn replace(
        &self,
        collection: &CollectionName,
        document: &str,
        entries: Vec<Entry>,
    ) -> Result<(), Error> {
        let index_from = self.index_from;
        let replaced = self.pool.run(async move |client| {
            let transaction = client.transaction().await?;
            let found = schema::required(&transaction, self.pool.name(), collection).await?;
            let entries = vector::check_entries(self.pool.name(), document, entries, found.dimension)?;
            let removed = schema::remove(&transaction, collection, document).await?;
            schema::insert(&transaction, collection, document, &entries).await?;
            let chunks = schema::account(&transaction, collection, removed, entries.len()).await?;
            transaction.commit().await?;
            Ok((chunks, found))
        });
        let (chunks, found) = replaced.await.map_err(self.told())?;
        if chunks >= index_from && !found.is_indexed {
            self.pool
                .run_long(async |client| {
                    schema::index(client, collection, found.dimension, Tuning::of(chunks)).await
                })
                .await
                .map_err(self.told())?;
        }
        Ok(())
    }

    async fn delete(&self, collection: &CollectionName, document: &str) -> Result<u64, Error> {
        let deleted = self.pool.run(async |client| {
            let transaction = client.transaction().await?;
            if schema::find(&transaction, collection).await?.is_none() {
                return Ok(0);
            }
            let removed = schema::remove(&transaction, collection, document).await?;
            schema::account(&transaction, collection, removed, 0).await?;
            transaction.commit().await?;
            Ok(removed)
        });
        deleted.await.map_err(self.told())
    }

    async fn search(&self, collection: &CollectionName, query: &Query) -> Result<Vec<Hit>, Error> {
        if let Some(filter) = &query.filter {
            filter.check()?;
        }
        let found = self.pool.run(async |client| {
            // Both legs see the collection as it was at one moment.
            let one_moment = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
            let transaction = one_moment.read_only(true).start().await?;
            let row = schema::required(&transaction, self.pool.name(), collection).await?;
            let question = query.vector.as_deref();
            let question =
                question.map(|vector| Unit::new(self.pool.name(), vector, row.dimension)).transpose()?;
            let question = question.map(|unit| Vector::from(unit.as_slice().to_vec()));
            let mut found = Found::default();
            if query.limit == 0 {
                return Ok(found);
            }
            if let Some(text) = &query.text {
                words::search(
                    &transaction,
                    collection,
                    row.chunks,
                    text,
                    query,
                    question.as_ref(),
                    &mut found,
                )
                .await?;
            }
            if let Some(question) = &question {
                near(&transaction, collection, &row, question, query, &mut found).await?;
            }
            Ok(found)
        });
        found.await.map_err(self.told())?.hits(self.pool.name())
    }

    async fn count(&self, collection: &CollectionName) -> Result<Count, Error> {
        let counted = self.pool.run(async |client| {
            let transaction = client.transaction().await?;
            schema::required(&transaction, self.pool.name(), collection).await?;
            schema::count(&transaction, collection).await
        });
        counted.await.map_err(self.told())
    }

    async fn drop(&self, collection: &CollectionName) -> Result<(), Error> {
        let dropped = self.pool.run(async |client| {
            let transaction = client.transaction().await?;
            if schema::find(&transaction, collection).await?.is_some() {
                schema::drop(&transaction, collection).await?;
            }
            Ok(transaction.commit().await?)
        });
        dropped.await.map_err(self.told())
    }
}

/// The nearest vectors.
async fn near(
    transaction: &Transaction<'_>,
    collection: &CollectionName,
    row: &schema::Row,
    question: &Vector,
    query: &Query,
    found: &mut Found,
) -> Result<(), Failure> {
    let table = collection.physical();
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let mut conditions = Conditions::after(2);
    let admitted = query.filter.as_ref().map_or_else(|| "TRUE".to_owned(), |filter| conditions.sql(filter));
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![question, &limit];
    values.extend(conditions.values());
    let sql = if row.is_indexed {
        Tuning::of(row.chunks).apply(transaction, query.limit).await?;
        let d = row.dimension;
        format!(
            "SELECT id, record, 1 - far AS cosine FROM (
                 SELECT id, record, embedding <=> $1 AS far FROM {table} WHERE {admitted}
                 ORDER BY (embedding::halfvec({d})) <=> ($1::halfvec({d})) LIMIT $2::bigint * 2
             ) AS rough ORDER BY far LIMIT $2::bigint"
        )
    } else {
        format!(
            "SELECT id, record, 1 - (embedding <=> $1) AS cosine FROM {table} WHERE {admitted}
             ORDER BY embedding <=> $1 LIMIT $2"
        )
    };
    for row in transaction.query(&sql, &values).await? {
        let cosine: f64 = row.try_get(2)?;
        found.by_vector(row.try_get(0)?, row.try_get(1)?, narrow(cosine));
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "scores are compared, to a few digits")]
fn narrow(score: f64) -> f32 {
    score as f32
}

/// Makes sure of pgvector, or says what is missing.
fn lacks_pgvector(name: &str, text: &str) -> Error {
    Error::new(name, Why::Unfit, format_args!("the extension pgvector (`CREATE EXTENSION vector`): {text}"))
}

#[cfg(test)]
mod tests;
