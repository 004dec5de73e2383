//! Cuts a document into chunks: pieces of its text that are embedded, found and shown.
//!
//! * [`measure`]: what a chunk's size is counted in;
//! * `atoms`: the pieces that are never cut: sentences, lines, rows, words where a sentence alone is too long;
//! * `groups`: what may stand in one chunk;
//! * `pack`: atoms into chunks.

mod atoms;
mod groups;
mod measure;
mod pack;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::document::Document;

pub use measure::{Characters, Estimate, Measure, Unit};

/// The smallest and the largest size of a chunk, as upstream has them.
const SIZES: Range<usize> = 100..10_001;

/// How a document is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chunking {
    /// Where it is cut.
    #[serde(default)]
    pub strategy: Strategy,
    /// The most that a chunk holds; of no meaning for [`Strategy::None`].
    pub size: usize,
    /// The most that a chunk repeats of the end of the one before it. Less than the size.
    pub overlap: usize,
    /// What size and overlap are counted in.
    #[serde(default)]
    pub unit: Unit,
}

/// Where a document is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// Chunks do not reach over headings, and a table stands alone, its header repeated in each piece of it.
    #[default]
    Structure,
    /// As full as the size allows, wherever that ends.
    Fixed,
    /// The whole document is one chunk.
    None,
}

/// A piece of a document's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chunk {
    /// Its number in the document, from 0.
    pub index: u32,
    /// Its text: that of its offsets, and before it the header of its table where that stands in another chunk.
    pub text: String,
    /// The headings that all of it stands under, the highest first.
    pub heading: Vec<String>,
    /// The first and the last page that it stands on.
    pub pages: Option<(u32, u32)>,
    /// Where it is in the document's text, in characters (Unicode scalar values).
    pub offsets: Range<usize>,
}

impl Chunk {
    /// What is embedded of it: where it stands goes before it, so that a passage which does not name its subject is found
    /// by it. People see the chunk alone. `title` is the document's title, or its name.
    pub fn to_embed(&self, title: &str) -> String {
        let mut head = title.to_owned();
        for heading in self.heading.iter().filter(|heading| heading.as_str() != title) {
            head.push_str(" \u{203a} ");
            head.push_str(heading);
        }
        format!("{head}\n{}", self.text)
    }
}

/// Sizes that no chunk can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// The size is out of bounds.
    #[error("`chunkSize` is {0}, and has to be from {least} to {most}", least = SIZES.start, most = SIZES.end - 1)]
    Size(usize),
    /// Chunks would never advance.
    #[error("`chunkOverlap` is {overlap}, and has to be less than `chunkSize`, which is {size}")]
    Overlap {
        /// The overlap.
        overlap: usize,
        /// The size.
        size: usize,
    },
}

impl Chunking {
    /// Checks the sizes.
    pub fn check(self) -> Result<Self, ChunkError> {
        if self.strategy == Strategy::None {
            return Ok(self);
        }
        if !SIZES.contains(&self.size) {
            return Err(ChunkError::Size(self.size));
        }
        if self.overlap >= self.size {
            return Err(ChunkError::Overlap { overlap: self.overlap, size: self.size });
        }
        Ok(self)
    }
}

/// Cuts a document. `measure` counts in the unit that `chunking` names.
pub fn cut(document: &Document, chunking: Chunking, measure: &dyn Measure) -> Result<Vec<Chunk>, ChunkError> {
    let chunking = chunking.check()?;
    let pieces = match chunking.strategy {
        Strategy::None => {
            groups::whole(document).map(|group| pack::whole(document, &group)).into_iter().collect()
        }
        Strategy::Fixed => pack::text(document, groups::whole(document).as_ref(), chunking, measure),
        Strategy::Structure => {
            let groups = groups::by_structure(document, chunking.size, measure);
            groups
                .iter()
                .flat_map(|group| pack::group(document, group, chunking, measure))
                .collect::<Vec<_>>()
        }
    };
    // Code may be indented further than a chunk reaches.
    let pieces = pieces.into_iter().filter(|piece: &pack::Piece| !piece.is_blank(document));
    let mut places = pack::Places::new(&document.text);
    Ok((0..).zip(pieces).map(|(index, piece)| piece.into_chunk(index, document, &mut places)).collect())
}
