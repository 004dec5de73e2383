//! What is compared: each of the two lists that a store gives by itself, and both as default settings fuse them.

use lisa_retrieval::{Passage, Settings, passages};
use lisa_vectors::Hit;

/// Which lists make the one that is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leg {
    Vectors,
    Words,
    Both,
}

impl Leg {
    /// All of them; the last is what people get.
    pub(crate) const ALL: [Self; 3] = [Self::Vectors, Self::Words, Self::Both];

    /// Its name in a table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Vectors => "vectors alone",
            Self::Words => "words alone (BM25)",
            Self::Both => "default settings",
        }
    }

    /// The passages that it makes of hits, so many at most.
    pub(crate) fn passages(self, mut hits: Vec<Hit>, most: usize) -> Vec<Passage> {
        for hit in &mut hits {
            match self {
                Self::Vectors => hit.text = None,
                Self::Words => hit.vector = None,
                Self::Both => (),
            }
        }
        hits.retain(|hit| hit.text.is_some() || hit.vector.is_some());
        passages::passages(hits, &Settings { passages: most, ..Settings::default() })
    }
}
