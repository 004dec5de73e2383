//! Which blocks may stand in one chunk: those of a section, tables apart, and small neighbours together.

use std::ops::Range;

use super::measure::Measure;
use crate::document::{Document, Kind};

/// Blocks that may stand in one chunk.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Indices into the document's blocks.
    pub(super) blocks: Range<usize>,
    /// The section that all of it stands under.
    pub(super) section: Option<u32>,
    /// Whether it is one table.
    pub(super) is_table: bool,
    size: usize,
    has_text: bool,
}

/// All of a document; none if it is empty.
pub(super) fn whole(document: &Document) -> Option<Group> {
    let blocks = 0..document.blocks.len();
    let section =
        document.blocks.iter().map(|block| block.section).reduce(|all, one| common(document, all, one));
    section.map(|section| Group { blocks, section, is_table: false, size: 0, has_text: true })
}

/// Sections, each table by itself. A heading without text goes with what follows it; neighbours that are small together
/// make one group.
pub(super) fn by_structure(document: &Document, size: usize, measure: &dyn Measure) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, block) in document.blocks.iter().enumerate() {
        let next = Group {
            blocks: index..index + 1,
            section: block.section,
            is_table: block.kind == Kind::Table,
            size: measure.count(document.text_of(block)),
            has_text: block.kind != Kind::Heading,
        };
        match groups.last_mut() {
            Some(last) if !last.is_table && !next.is_table && last.section == next.section => {
                last.join(&next);
            }
            _ => groups.push(next),
        }
    }
    merge(document, groups, size)
}

fn merge(document: &Document, groups: Vec<Group>, size: usize) -> Vec<Group> {
    let mut merged: Vec<Group> = Vec::new();
    for next in groups {
        let Some(last) = merged.last_mut().filter(|last| !last.is_table) else {
            merged.push(next);
            continue;
        };
        let is_above = is_under(document, next.section, last.section);
        let section = common(document, last.section, next.section);
        let related = section.is_some() || document.sections.is_empty();
        if !last.has_text && is_above && !next.is_table {
            // The path of the lower heading says the upper one as well.
            last.join(&next);
            last.section = next.section;
        } else if !last.has_text && is_above {
            // A table's chunks show its headings by their path.
            *last = next;
        } else if !next.is_table && related && last.size + next.size <= size / 2 {
            last.join(&next);
            last.section = section;
        } else {
            merged.push(next);
        }
    }
    merged
}

impl Group {
    fn join(&mut self, next: &Self) {
        self.blocks.end = next.blocks.end;
        self.size += next.size;
        self.has_text |= next.has_text;
    }
}

/// Whether a section is another one or stands under it.
fn is_under(document: &Document, section: Option<u32>, above: Option<u32>) -> bool {
    common(document, section, above) == above
}

/// The lowest section that both stand under.
fn common(document: &Document, one: Option<u32>, other: Option<u32>) -> Option<u32> {
    let (mut one, mut other) = (one, other);
    let parent = |section: u32| {
        document
            .sections
            .get(section as usize)
            .and_then(|section| section.parent)
            .filter(|parent| *parent < section)
    };
    // A parent has a smaller index than its child, so that the larger one is never above the smaller.
    while one != other {
        match (one, other) {
            (Some(first), Some(second)) if first > second => one = parent(first),
            (Some(_), Some(second)) => other = parent(second),
            _ => return None,
        }
    }
    one
}
