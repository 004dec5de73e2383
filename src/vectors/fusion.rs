//! One list out of two: reciprocal rank fusion, after Cormack, Clarke and Büttcher (SIGIR 2009).

use crate::store::Hit;

/// How places become a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fusion {
    /// How little the first places stand out: a chunk at place `p` of a list gets `1 / (constant + p)` for it.
    pub constant: f32,
    /// What a place in the text index's list counts.
    pub text: f32,
    /// What a place in the vectors' list counts.
    pub vector: f32,
}

impl Default for Fusion {
    /// What is near in meaning counts more than what shares words. The paper's constant is 60, and the same weight for both;
    /// these were chosen on Cranfield, which they answer a little better.
    fn default() -> Self {
        Self { constant: 40.0, text: 1.0, vector: 1.4 }
    }
}

impl Fusion {
    /// A chunk's score by its places.
    pub fn score(&self, hit: &Hit) -> f32 {
        let part = |rank: Option<crate::Rank>, weight: f32| {
            rank.map_or(0.0, |rank| weight / (self.constant + place(rank.place)))
        };
        part(hit.text, self.text) + part(hit.vector, self.vector)
    }

    /// The hits by their score, best first; those of the same score by the chunk's id, so that the order is always the same.
    pub fn fuse(&self, hits: Vec<Hit>) -> Vec<(f32, Hit)> {
        let mut scored: Vec<(f32, Hit)> = hits.into_iter().map(|hit| (self.score(&hit), hit)).collect();
        scored
            .sort_by(|(left, a), (right, b)| right.total_cmp(left).then_with(|| a.chunk.id.cmp(&b.chunk.id)));
        scored
    }
}

/// Places are small; from 2^24 on they would no longer be told apart.
fn place(place: usize) -> f32 {
    f32::from(u16::try_from(place).unwrap_or(u16::MAX))
}
