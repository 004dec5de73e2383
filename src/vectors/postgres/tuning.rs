//! How an HNSW index is built and searched, by the size of its collection.
//!
//! pgvector's own settings (16 links, effort 64, a look at 40) lose one of ten of the nearest on real embeddings of this
//! length; public measurements give .83 to .94 at a look of 64 to 256 among half a million.

use tokio_postgres::Transaction;

use super::failure::Failure;

/// The most that pgvector takes for `hnsw.ef_search`.
const FARTHEST: usize = 1000;

/// Settings of an index and of a search in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tuning {
    /// Links of an element: `m`.
    pub(super) links: u32,
    /// Candidates while it is built: `ef_construction`.
    pub(super) effort: u32,
    /// Candidates while it is searched: `hnsw.ef_search`.
    look: usize,
}

impl Tuning {
    /// Settings for a collection of so many chunks.
    pub(super) fn of(chunks: u64) -> Self {
        match chunks {
            0..100_000 => Self { links: 16, effort: 128, look: 128 },
            100_000..1_000_000 => Self { links: 16, effort: 128, look: 256 },
            _ => Self { links: 24, effort: 200, look: 400 },
        }
    }

    /// Sets them for a search of so many, until the transaction ends.
    pub(super) async fn apply(self, transaction: &Transaction<'_>, limit: usize) -> Result<(), Failure> {
        // Twice as many are looked for as are wanted, and the index gives no more than it looks at.
        let look = self.look.max(limit.saturating_mul(2)).min(FARTHEST);
        let version = "SELECT string_to_array(extversion, '.')::int[] >= '{0,8}' FROM pg_extension WHERE extname = 'vector'";
        let goes_on: bool = transaction.query_one(version, &[]).await?.try_get(0)?;
        let goes_on = if goes_on { "SET LOCAL hnsw.iterative_scan = relaxed_order" } else { "" };
        Ok(transaction.batch_execute(&format!("SET LOCAL hnsw.ef_search = {look}; {goes_on}")).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::Tuning;

    #[test]
    fn larger_collections_are_looked_through_farther() {
        let looks: Vec<usize> = [10_000, 200_000, 5_000_000].map(|chunks| Tuning::of(chunks).look).into();
        assert!(looks.is_sorted() && looks[0] < looks[2], "{looks:?}");
    }
}
