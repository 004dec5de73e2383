//! Vectors as stores take them: of the right length, finite, with a direction.

use std::collections::HashSet;

use crate::collection::CollectionName;
use crate::error::{Error, Why};
use crate::store::Entry;

/// The longest vectors that every store holds: pgvector's index takes 4,000 numbers of half precision.
const LONGEST: usize = 4000;

/// A vector of length one.
#[derive(Clone, Debug)]
pub(crate) struct Unit(Vec<f32>);

impl Unit {
    /// A question's vector, brought to length one.
    pub(crate) fn new(store: &str, vector: &[f32], dimension: usize) -> Result<Self, Error> {
        if vector.len() != dimension {
            return Err(other_dimension(store, dimension, vector.len()));
        }
        let unit = normalized(vector);
        unit.map(Self)
            .ok_or_else(|| Error::new(store, Why::Invalid, "the question's embedding has no direction"))
    }

    pub(crate) fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// The cosine of the angle to a vector of length one.
    pub(crate) fn cosine(&self, other: &[f32]) -> f32 {
        dot(&self.0, other)
    }
}

/// In several sums at once, as a processor can.
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    const LANES: usize = 8;
    let (left, left_rest) = left.as_chunks::<LANES>();
    let (right, right_rest) = right.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (left, right) in left.iter().zip(right) {
        for lane in 0..LANES {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum();
    sums.iter().sum::<f32>() + rest
}

/// `None` for a vector without a direction: zero, or with a number that is none.
pub(crate) fn normalized(vector: &[f32]) -> Option<Vec<f32>> {
    // Divided first: squares of large numbers would not fit.
    let largest = vector.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    if vector.iter().any(|value| !value.is_finite()) || largest == 0.0 {
        return None;
    }
    let scaled: Vec<f32> = vector.iter().map(|value| value / largest).collect();
    let length = dot(&scaled, &scaled).sqrt();
    Some(scaled.into_iter().map(|value| value / length).collect())
}

pub(crate) fn check_dimension(dimension: usize) -> Result<(), Error> {
    if (1..=LONGEST).contains(&dimension) {
        return Ok(());
    }
    let text = format!("embeddings of {dimension} numbers cannot be kept: 1 to {LONGEST} can");
    Err(Error::new("", Why::Invalid, text))
}

/// A document's entries with vectors of length one, when they are its own, each once, and fit the collection.
pub(crate) fn check_entries(
    store: &str,
    document: &str,
    entries: Vec<Entry>,
    dimension: usize,
) -> Result<Vec<Entry>, Error> {
    let invalid = |text: String| Error::new(store, Why::Invalid, text);
    let mut seen = HashSet::new();
    for Entry { chunk, vector } in &entries {
        let id = &chunk.id;
        if chunk.document_id != document {
            return Err(invalid(format!("chunk `{id}` is of `{}`, not of `{document}`", chunk.document_id)));
        }
        if !seen.insert(id.as_str()) {
            return Err(invalid(format!("chunk `{id}` is given twice")));
        }
        if vector.len() != dimension {
            return Err(other_dimension(store, dimension, vector.len()));
        }
    }
    let unit = |entry: Entry| {
        let Entry { mut chunk, vector } = entry;
        // No database takes NUL in a text, and broken PDFs are full of it.
        for text in chunk.headings.iter_mut().chain([&mut chunk.text, &mut chunk.source]) {
            text.retain(|c| c != '\0');
        }
        match normalized(&vector) {
            Some(vector) => Ok(Entry { chunk, vector }),
            None => Err(invalid(format!("the embedding of chunk `{}` has no direction", chunk.id))),
        }
    };
    entries.into_iter().map(unit).collect()
}

pub(crate) fn other_dimension(store: &str, held: usize, given: usize) -> Error {
    let text = format!("the collection holds embeddings of {held} numbers, and one of {given} was given");
    Error::new(store, Why::OtherDimension, text)
}

pub(crate) fn no_collection(store: &str, collection: &CollectionName) -> Error {
    Error::new(store, Why::NoCollection, format_args!("there is no collection `{collection}`"))
}

#[cfg(test)]
mod tests {
    use super::{dot, normalized};

    #[test]
    fn length_becomes_one_whatever_it_was() {
        for scale in [1e-30, 1.0, 1e30] {
            let vector: Vec<f32> = (0_u8..19).map(|i| f32::from(i) * scale).collect();
            let unit = normalized(&vector).unwrap();
            assert!((dot(&unit, &unit) - 1.0).abs() < 1e-6, "{scale}");
        }
    }

    #[test]
    fn what_has_no_direction_is_none() {
        for vector in [vec![0.0; 3], vec![1.0, f32::NAN], vec![f32::INFINITY], vec![]] {
            assert_eq!(normalized(&vector), None, "{vector:?}");
        }
    }
}
