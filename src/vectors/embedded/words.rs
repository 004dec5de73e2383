//! The text index: FTS5 keeps which words stand where, the order by BM25 is made here.
//!
//! FTS5's own `bm25()` looks up the length of every row that holds any of the words, which takes more than ten times as
//! long as reading where the words stand. Here lengths are held, and what was read of a word is kept until something is
//! written.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;

use super::held::{Allowed, Held};
use crate::chunk::Chunk;

/// How soon more occurrences of a word stop to count: BM25's k1.
const SATURATION: f32 = 1.2;

/// How much a long text has to hold more of a word than a short one: BM25's b.
const LENGTH: f32 = 0.75;

/// Occurrences that are kept of all words together at most, eight bytes each.
const MOST_KEPT: usize = 4_000_000;

/// How long chunks are, by place, and where the words stand that were asked for.
#[derive(Debug, Default)]
pub(super) struct Words {
    lengths: Vec<u32>,
    total: u64,
    kept: HashMap<String, Arc<[Occurrences]>>,
    kept_size: usize,
}

/// How often a word stands in a chunk.
#[derive(Clone, Copy, Debug)]
struct Occurrences {
    place: u32,
    count: u16,
}

/// A chunk's length in words, roughly: lengths are only compared.
pub(super) fn length(chunk: &Chunk) -> u32 {
    let headings = chunk.headings.iter().flat_map(|heading| heading.split_whitespace());
    u32::try_from(headings.chain(chunk.text.split_whitespace()).count()).unwrap_or(u32::MAX)
}

impl Words {
    pub(super) fn push(&mut self, length: u32) {
        self.lengths.push(length);
        self.total += u64::from(length);
    }

    /// The last one takes the place of what is removed.
    pub(super) fn swap_remove(&mut self, place: usize) {
        self.total -= u64::from(self.lengths.swap_remove(place));
    }

    /// Places have moved, or words have come or gone.
    pub(super) fn forget(&mut self) {
        self.kept.clear();
        self.kept_size = 0;
    }

    /// What a word counts that stands in so many chunks.
    fn rarity(&self, chunks: usize) -> f32 {
        let (all, holding) = (float(self.lengths.len()), float(chunks));
        (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln()
    }

    /// Adds what a word counts to the score of every chunk that holds it.
    fn add(&self, occurrences: &[Occurrences], allowed: Option<&Allowed>, scores: &mut [f32]) {
        let rarity = self.rarity(occurrences.len()) * (SATURATION + 1.0);
        let mean =
            float(usize::try_from(self.total).unwrap_or(usize::MAX)) / float(self.lengths.len().max(1));
        for Occurrences { place, count } in occurrences {
            let place = *place as usize;
            if allowed.is_none_or(|allowed| allowed[place]) {
                let relative = float(self.lengths[place] as usize) / mean.max(1.0);
                let count = f32::from(*count);
                scores[place] += rarity * count / (count + SATURATION * (1.0 - LENGTH + LENGTH * relative));
            }
        }
    }
}

impl Held {
    /// The places of the chunks that hold words of a question, with their scores, best first.
    pub(super) fn search_words(
        &mut self,
        connection: &Connection,
        collection: i64,
        question: &str,
        allowed: Option<&Allowed>,
        limit: usize,
    ) -> Result<Vec<(usize, f32)>, rusqlite::Error> {
        let mut scores = vec![0.0; self.words.lengths.len()];
        for word in cut(connection, question)? {
            let occurrences = self.occurrences(connection, collection, word)?;
            self.words.add(&occurrences, allowed, &mut scores);
        }
        let found = scores.into_iter().enumerate().filter(|(_, score)| *score > 0.0);
        let mut ranked: Vec<(usize, f32)> = found.collect();
        let key = |place: usize| self.key(place);
        let better = |(a, left): &(usize, f32), (b, right): &(usize, f32)| {
            right.total_cmp(left).then_with(|| key(*a).cmp(&key(*b)))
        };
        if ranked.len() > limit {
            ranked.select_nth_unstable_by(limit, better);
            ranked.truncate(limit);
        }
        ranked.sort_unstable_by(better);
        Ok(ranked)
    }

    /// Where a word stands, from what is kept or else from the index.
    fn occurrences(
        &mut self,
        connection: &Connection,
        collection: i64,
        word: String,
    ) -> Result<Arc<[Occurrences]>, rusqlite::Error> {
        if let Some(kept) = self.words.kept.get(&word) {
            return Ok(kept.clone());
        }
        let sql = format!("SELECT doc FROM places_{collection} WHERE term = ?1");
        let mut select = connection.prepare_cached(&sql)?;
        let mut rows = select.query([&word])?;
        let mut found: Vec<Occurrences> = Vec::new();
        while let Some(row) = rows.next()? {
            let place = self.place(row.get(0)?).and_then(|place| u32::try_from(place).ok());
            let Some(place) = place else { continue };
            // All that is in one chunk comes in a row.
            match found.last_mut() {
                Some(last) if last.place == place => last.count = last.count.saturating_add(1),
                _ => found.push(Occurrences { place, count: 1 }),
            }
        }
        let found: Arc<[Occurrences]> = found.into();
        if self.words.kept_size + found.len() > MOST_KEPT {
            self.words.forget();
        }
        self.words.kept_size += found.len();
        self.words.kept.insert(word, found.clone());
        Ok(found)
    }
}

/// A question's words as the index has them, each once.
fn cut(connection: &Connection, question: &str) -> Result<Vec<String>, rusqlite::Error> {
    connection.prepare_cached("INSERT INTO temp.question (text) VALUES (?1)")?.execute([question])?;
    let mut select = connection.prepare_cached("SELECT term FROM temp.question_words")?;
    let words = select.query_map([], |row| row.get(0))?.collect();
    connection.prepare_cached("DELETE FROM temp.question")?.execute([])?;
    words
}

#[expect(clippy::cast_precision_loss, reason = "from 16 million on, one more or less is nothing")]
fn float(number: usize) -> f32 {
    number as f32
}
