//! The text leg: PostgreSQL's text search in English, each word's rank counted by its rarity.
//!
//! `ts_rank` sums over words without asking how rare they are. Here it is asked for each word alone, where it grows with
//! the word's occurrences and is soon saturated, and the sum is weighted as BM25 does it. Rows are looked for by the rarest
//! words: those that stand in thousands of chunks hardly move the order and would have every one of them read.

use pgvector::Vector;
use tokio_postgres::Transaction;
use tokio_postgres::types::ToSql;

use super::conditions::Conditions;
use super::failure::Failure;
use super::narrow;
use crate::collection::CollectionName;
use crate::hits::Found;
use crate::store::Query;

/// Rows that are ranked at most, roughly: words are taken, the rarest first, until they stand in so many chunks.
const MOST_RANKED: i64 = 5_000;

/// Words of a question that are looked for at most.
const MOST_WORDS: usize = 64;

/// The chunks that hold words of a text.
pub(super) async fn search(
    transaction: &Transaction<'_>,
    collection: &CollectionName,
    chunks: u64,
    text: &str,
    query: &Query,
    question: Option<&Vector>,
    found: &mut Found,
) -> Result<(), Failure> {
    let table = collection.physical();
    let words = words(transaction, &table, text).await?;
    if words.is_empty() {
        return Ok(());
    }
    let mut rows = 0;
    let looked_for = words.iter().take_while(|(_, chunks)| {
        let has_room = rows == 0 || rows + chunks <= MOST_RANKED;
        rows += chunks;
        has_room
    });
    let looked_for: Vec<&str> = looked_for.map(|(word, _)| word.as_str()).collect();
    let looked_for = looked_for.join(" | ");
    let (words, weights): (Vec<String>, Vec<f64>) =
        words.into_iter().map(|(word, holding)| (word, rarity(chunks, holding))).unzip();
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let mut conditions = Conditions::after(5);
    let admitted = query.filter.as_ref().map_or_else(|| "TRUE".to_owned(), |filter| conditions.sql(filter));
    // Flag 1 divides by the logarithm of the text's length.
    let sql = format!(
        "SELECT id, record, score, 1 - (embedding <=> $5) AS cosine FROM (
             SELECT id, record, embedding, (
                 SELECT sum(weight * ts_rank('{{1,1,1,1}}', words, word::tsquery, 1))
                 FROM unnest($2::text[], $3::float8[]) AS asked (word, weight)
             ) AS score
             FROM {table} WHERE words @@ $1::text::tsquery AND {admitted}
             ORDER BY score DESC, id LIMIT $4
         ) AS best ORDER BY score DESC, id"
    );
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&looked_for, &words, &weights, &limit, &question];
    values.extend(conditions.values());
    for row in transaction.query(&sql, &values).await? {
        let (score, cosine): (f64, Option<f64>) = (row.try_get(2)?, row.try_get(3)?);
        found.by_text(row.try_get(0)?, row.try_get(1)?, narrow(score), cosine.map(narrow));
    }
    Ok(())
}

/// A text's words that stand in any chunk, quoted for a query, with the number of chunks they stand in; rarest first.
async fn words(
    transaction: &Transaction<'_>,
    table: &str,
    text: &str,
) -> Result<Vec<(String, i64)>, Failure> {
    let sql = format!(
        "SELECT word, (SELECT count(*) FROM {table} WHERE words @@ word::tsquery) AS holding FROM (
             SELECT '''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || '''' AS word
             FROM unnest(tsvector_to_array(to_tsvector('english', $1))) AS lexeme LIMIT {MOST_WORDS}
         ) AS quoted ORDER BY holding, word"
    );
    let rows = transaction.query(&sql, &[&text]).await?;
    let words = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let words: Vec<(String, i64)> = words.collect::<Result<_, tokio_postgres::Error>>()?;
    Ok(words.into_iter().filter(|(_, holding)| *holding > 0).collect())
}

/// What a word counts that stands in so many of so many chunks.
#[expect(clippy::cast_precision_loss, reason = "numbers of chunks are far below 2^52")]
fn rarity(chunks: u64, holding: i64) -> f64 {
    let (chunks, holding) = (chunks as f64, holding as f64);
    (1.0 + (chunks - holding + 0.5).max(0.0) / (holding + 0.5)).ln()
}
