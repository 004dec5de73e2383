//! Exact search among vectors of length one: all of them as 8-bit numbers first, then the few that are in question in full.
//!
//! A vector `x` is kept as whole numbers `c` from -127 to 127 and a scale `s`, with the length `e` of what that leaves out:
//! `x = s c + r`, `|r| = e`. For a question `q` of length one, `q·x` lies within `e` of `q·(s c)` (Cauchy and Schwarz), so
//! that every vector has a least and a greatest score. Whatever has a greatest score below the k-th best of the least
//! scores is not among the best k. The rest is compared in full by the caller: no near miss can be lost.

use super::held::Allowed;

/// Numbers that a processor takes at once; rows are filled up to a multiple.
const LANES: usize = 32;

/// Steps from zero to one of a question's numbers. A product with 127, summed over vectors of length one, stays far below
/// 2^31.
const QUESTION_STEPS: f32 = 16384.0;

/// What sums of 32-bit floating-point numbers may be off by, generously.
const ROUNDING: f32 = 1e-5;

/// Vectors of one length, by place.
#[derive(Debug)]
pub(super) struct Scan {
    /// Numbers of a row, a multiple of [`LANES`].
    width: usize,
    /// Rows of 8-bit numbers.
    codes: Vec<i8>,
    rows: Vec<Row>,
}

/// What a row's numbers stand for.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// What a step counts.
    scale: f32,
    /// The length of what the row leaves out of its vector.
    error: f32,
}

/// A question's numbers in 16 bits.
struct Question {
    numbers: Vec<i16>,
    /// The length of what they leave out.
    error: f32,
}

impl Scan {
    pub(super) fn new(dimension: usize) -> Self {
        Self { width: dimension.next_multiple_of(LANES), codes: Vec::new(), rows: Vec::new() }
    }

    pub(super) fn push(&mut self, vector: &[f32]) {
        let largest = vector.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        let start = self.codes.len();
        self.codes.extend(vector.iter().map(|value| nearest_i8(value / scale)));
        self.codes.resize(start + self.width, 0);
        let left_out = vector.iter().zip(&self.codes[start..]);
        let left_out = left_out.map(|(value, code)| (value - scale * f32::from(*code)).powi(2));
        self.rows.push(Row { scale, error: left_out.sum::<f32>().sqrt() });
    }

    /// The last one takes the place of what is removed.
    pub(super) fn swap_remove(&mut self, place: usize) {
        let last = self.codes.len() - self.width;
        self.codes.copy_within(last.., place * self.width);
        self.codes.truncate(last);
        self.rows.swap_remove(place);
    }

    /// The places among which the best `limit` are for certain, for a question of length one.
    pub(super) fn candidates(&self, question: &[f32], limit: usize, allowed: Option<&Allowed>) -> Vec<usize> {
        let may = |place: &usize| allowed.is_none_or(|allowed| allowed[*place]);
        if limit == 0 {
            return Vec::new();
        }
        let question = Question::new(question, self.width);
        let rows = self.codes.chunks_exact(self.width).zip(&self.rows).enumerate();
        let scored = rows.filter(|(place, _)| may(place)).map(|(place, (codes, row))| {
            (place, whole(dot(codes, &question.numbers)) * (row.scale / QUESTION_STEPS), row.error)
        });
        let scored: Vec<(usize, f32, f32)> = scored.collect();
        if scored.len() <= limit {
            return scored.into_iter().map(|(place, ..)| place).collect();
        }
        let mut least: Vec<f32> = scored.iter().map(|(_, score, error)| score - error).collect();
        let (_, bound, _) = least.select_nth_unstable_by(limit - 1, |a, b| b.total_cmp(a));
        // The question's own error moves every score, up or down: twice between two of them. A row is of length
        // one, or of what is left of it: hardly more.
        let bound = *bound - 2.0 * (question.error * 1.02 + ROUNDING);
        let in_question = scored.into_iter().filter(|(_, score, error)| score + error >= bound);
        in_question.map(|(place, ..)| place).collect()
    }
}

impl Question {
    fn new(question: &[f32], width: usize) -> Self {
        let mut numbers: Vec<i16> =
            question.iter().map(|value| nearest_i16(value * QUESTION_STEPS)).collect();
        let left_out = question.iter().zip(&numbers);
        let left_out = left_out.map(|(value, number)| (value - f32::from(*number) / QUESTION_STEPS).powi(2));
        let error = left_out.sum::<f32>().sqrt();
        numbers.resize(width, 0);
        Self { numbers, error }
    }
}

/// Written so that a compiler makes it 16 products at once: it needs rows in whole groups.
fn dot(codes: &[i8], question: &[i16]) -> i32 {
    let (codes, question) = (codes.as_chunks::<LANES>().0, question.as_chunks::<LANES>().0);
    let mut sum = 0;
    for (codes, question) in codes.iter().zip(question) {
        for lane in 0..LANES {
            sum += i32::from(codes[lane]) * i32::from(question[lane]);
        }
    }
    sum
}

#[expect(clippy::cast_possible_truncation, reason = "it lies between -127 and 127")]
fn nearest_i8(value: f32) -> i8 {
    value.round().clamp(-127.0, 127.0) as i8
}

#[expect(clippy::cast_possible_truncation, reason = "it lies between -16384 and 16384")]
fn nearest_i16(value: f32) -> i16 {
    value.round().clamp(-QUESTION_STEPS, QUESTION_STEPS) as i16
}

#[expect(clippy::cast_precision_loss, reason = "one in sixteen million is far less than a step")]
fn whole(sum: i32) -> f32 {
    sum as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Scan;
    use crate::vector::{dot, normalized};

    /// The best by their full numbers, best first.
    fn exact(vectors: &[Vec<f32>], question: &[f32], limit: usize) -> Vec<usize> {
        let mut places: Vec<usize> = (0..vectors.len()).collect();
        let score = |place: &usize| dot(&vectors[*place], question);
        places.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.cmp(b)));
        places.truncate(limit);
        places
    }

    fn unit(dimension: usize) -> impl Strategy<Value = Vec<f32>> {
        let numbers = prop::collection::vec(-1.0_f32..1.0, dimension);
        // Powers make a few numbers stand out, as embeddings have it; those are cut the most coarsely.
        let shaped =
            (numbers, 1..6_i32).prop_map(|(numbers, power)| numbers.iter().map(|x| x.powi(power)).collect());
        shaped.prop_filter_map("no direction", |numbers: Vec<f32>| normalized(&numbers))
    }

    impl Scan {
        fn fill(&mut self, vectors: &[Vec<f32>]) {
            for vector in vectors {
                self.push(vector);
            }
        }
    }

    proptest! {
        #[test]
        fn none_of_the_best_is_lost(
            (vectors, question) in (1_usize..40).prop_flat_map(|d| (prop::collection::vec(unit(d), 1..60), unit(d))),
            limit in 1_usize..10,
        ) {
            let mut scan = Scan::new(question.len());
            scan.fill(&vectors);
            let candidates = scan.candidates(&question, limit, None);
            for place in exact(&vectors, &question, limit) {
                prop_assert!(candidates.contains(&place), "{place} of {candidates:?}");
            }
        }

        #[test]
        fn vectors_hardly_apart_are_all_in_question(
            base in unit(24), nudges in prop::collection::vec(-1e-4_f32..1e-4, 50), question in unit(24),
        ) {
            let vectors: Vec<Vec<f32>> = nudges.iter().enumerate().map(|(index, nudge)| {
                let mut vector = base.clone();
                vector[index % 24] += nudge;
                normalized(&vector).unwrap()
            }).collect();
            let mut scan = Scan::new(24);
            scan.fill(&vectors);
            let candidates = scan.candidates(&question, 5, None);
            for place in exact(&vectors, &question, 5) {
                prop_assert!(candidates.contains(&place), "{place} of {candidates:?}");
            }
        }
    }

    #[test]
    fn few_are_in_question_where_vectors_are_apart() {
        let vectors: Vec<Vec<f32>> = (0..64_usize)
            .map(|place| (0..64_usize).map(|number| if number == place { 1.0 } else { 0.01 }).collect())
            .map(|vector: Vec<f32>| normalized(&vector).unwrap())
            .collect();
        let mut scan = Scan::new(64);
        scan.fill(&vectors);
        assert_eq!(scan.candidates(&vectors[7], 1, None), [7]);
        let mut allowed = vec![true; 64];
        allowed[7] = false;
        assert!(!scan.candidates(&vectors[7], 1, Some(&allowed)).contains(&7));
        scan.swap_remove(7);
        assert_eq!(scan.candidates(&vectors[63], 1, None), [7], "the last has taken its place");
    }
}
