//! What a search of the embedded store takes among 100,000 chunks, and that its vectors are the nearest there are.

use std::collections::HashSet;

use anyhow::{Context as _, Result};
use lisa_retrieval::Settings;
use lisa_vectors::{Chunk, CollectionName, Embedded, Entry, Query, Span, VectorStore as _};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

use crate::say;

const DOCUMENTS: usize = 500;
const CHUNKS: usize = 200;
const DIMENSION: usize = 384;
const QUESTIONS: usize = 60;

/// The most that a hybrid search may take, in milliseconds of CPU: the median of all questions, each asked once.
const BUDGET: f64 = 20.0;

/// Numbers that look random and are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From zero to one.
    fn share(&mut self) -> f32 {
        f32::from(u16::try_from(self.next() >> 48).unwrap_or_default()) / 65536.0
    }

    /// Nearly normal: the sum of four.
    fn normal(&mut self) -> f32 {
        (0..4).map(|_| self.share()).sum::<f32>() - 2.0
    }

    /// A word of twenty thousand, as often as words are: the n-th one n times as seldom as the first.
    fn word(&mut self) -> String {
        let rank = (self.share() * 20_000_f32.ln()).exp();
        format!("w{rank:.0}x")
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    /// Near one of some subjects, as texts are.
    fn vector(&mut self, subjects: &[Vec<f32>]) -> Vec<f32> {
        let last = subjects.len() - 1;
        let subject = usize::try_from(self.next()).unwrap_or_default() % (last + 1);
        subjects[subject].iter().map(|number| number + 0.9 * self.normal()).collect()
    }
}

/// Measures and returns how many goals are missed.
pub(crate) async fn measure() -> Result<usize> {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let subjects: Vec<Vec<f32>> =
        (0..300).map(|_| (0..DIMENSION).map(|_| numbers.normal()).collect()).collect();
    let folder = tempfile::tempdir()?;
    let store = Embedded::open(folder.path())?;
    let here = CollectionName::new("scale")?;
    store.ensure(&here, DIMENSION).await?;
    let mut vectors: Vec<Vec<f32>> = Vec::new();
    for document in 0..DOCUMENTS {
        let entries = (0..CHUNKS).map(|_| {
            let vector = numbers.vector(&subjects);
            vectors.push(unit(&vector));
            Entry { chunk: chunk(document, vectors.len() - 1, numbers.words(80)), vector }
        });
        let entries = entries.collect();
        store.replace(&here, &document.to_string(), entries).await?;
    }
    let first = Query { vector: Some(subjects[0].clone()), limit: 1, ..Query::default() };
    let (_, load) = cpu(store.search(&here, &first)).await?;
    let limit = Settings::default().candidates;
    let (mut spent, mut right, mut all) = (Vec::new(), 0, 0);
    for _ in 0..QUESTIONS {
        let vector = numbers.vector(&subjects);
        let query = Query { text: Some(numbers.words(8)), vector: Some(vector), filter: None, limit };
        let (hits, took) = cpu(store.search(&here, &query)).await?;
        spent.push(took);
        let hits = hits?;
        let found: HashSet<usize> = hits
            .iter()
            .filter(|hit| hit.vector.is_some())
            .filter_map(|hit| hit.chunk.id.parse().ok())
            .collect();
        let exact = exact(&vectors, &unit(query.vector.as_deref().context("a vector")?), limit);
        all += exact.len();
        right += exact.iter().filter(|place| found.contains(place)).count();
    }
    spent.sort_by(f64::total_cmp);
    let (median, worst) = (spent[spent.len() / 2], spent[spent.len() - 1]);
    say(&format!("embedded store, {} chunks of {DIMENSION} numbers, {limit} of each leg:", vectors.len()))?;
    say(&format!(
        "  hybrid search   {median:.1} ms of CPU (median of {QUESTIONS}; most {worst:.1}), budget {BUDGET}"
    ))?;
    say(&format!("  first search    {load:.0} ms of CPU more or less: what is held is read"))?;
    say(&format!("  nearest found   {right} of {all}"))?;
    Ok(usize::from(median > BUDGET) + usize::from(right < all))
}

fn chunk(document: usize, number: usize, text: String) -> Chunk {
    Chunk {
        id: number.to_string(),
        document_id: document.to_string(),
        repository_id: "scale".to_owned(),
        collection_id: "scale".to_owned(),
        source: format!("{document}.txt"),
        headings: Vec::new(),
        pages: None,
        span: Span { start: 0, end: 1 },
        text,
        metadata: [].into(),
    }
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

fn unit(vector: &[f32]) -> Vec<f32> {
    let length = dot(vector, vector).sqrt();
    vector.iter().map(|number| number / length).collect()
}

/// The nearest, by comparing all in full. Ties of less than rounding are nobody's to decide, and do not occur here.
fn exact(vectors: &[Vec<f32>], question: &[f32], limit: usize) -> Vec<usize> {
    let mut scored: Vec<(usize, f32)> =
        vectors.iter().enumerate().map(|(place, vector)| (place, dot(vector, question))).collect();
    scored.select_nth_unstable_by(limit - 1, |(_, a), (_, b)| b.total_cmp(a));
    scored.truncate(limit);
    scored.into_iter().map(|(place, _)| place).collect()
}

/// What something gives, and its CPU time in milliseconds: of all threads, this process has nothing else to do.
async fn cpu<T>(work: impl Future<Output = T>) -> Result<(T, f64)> {
    let now = || -> Result<i64> {
        let usage = getrusage(UsageWho::RUSAGE_SELF)?;
        Ok(usage.user_time().num_microseconds() + usage.system_time().num_microseconds())
    };
    let before = now()?;
    let given = work.await;
    let micros = i32::try_from(now()? - before)?;
    Ok((given, f64::from(micros) / 1000.0))
}
