//! Fills chunks with atoms.

use std::ops::Range;

use super::atoms::{self, Atom};
use super::groups::Group;
use super::measure::Measure;
use super::{Chunk, Chunking};
use crate::document::Document;

/// A chunk before it is numbered.
pub(super) struct Piece {
    range: Range<usize>,
    blocks: Range<usize>,
    section: Option<u32>,
    /// What is repeated before its text.
    header: Range<usize>,
}

impl Piece {
    /// Whether there is nothing to read in it.
    pub(super) fn is_blank(&self, document: &Document) -> bool {
        document.text[self.range.clone()].trim().is_empty()
    }

    pub(super) fn into_chunk(self, index: u32, document: &Document, places: &mut Places<'_>) -> Chunk {
        let own = document.text[self.range.clone()].trim_end();
        let start = places.of(self.range.start);
        let offsets = start..start + own.chars().count();
        let text = format!("{}{own}", &document.text[self.header]);
        let blocks = document.blocks.get(self.blocks).unwrap_or_default();
        let pages = blocks.iter().filter_map(|block| block.page);
        let pages = pages.fold(None, |pages: Option<(u32, u32)>, page| {
            Some(pages.map_or((page, page), |(first, last)| (first.min(page), last.max(page))))
        });
        Chunk { index, text, heading: document.path(self.section), pages, offsets }
    }
}

/// Places in a text in characters, found from one to the next without counting from the beginning.
pub(super) struct Places<'a> {
    text: &'a str,
    bytes: usize,
    characters: usize,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, bytes: 0, characters: 0 }
    }

    /// The number of characters before a byte.
    fn of(&mut self, byte: usize) -> usize {
        if byte >= self.bytes {
            self.characters += self.text[self.bytes..byte].chars().count();
        } else {
            self.characters -= self.text[byte..self.bytes].chars().count();
        }
        self.bytes = byte;
        self.characters
    }
}

/// All of a group in one piece.
pub(super) fn whole(document: &Document, group: &Group) -> Piece {
    let section = group.section;
    Piece { range: 0..document.text.len(), blocks: group.blocks.clone(), section, header: 0..0 }
}

/// The pieces of a group.
pub(super) fn group(
    document: &Document,
    group: &Group,
    chunking: Chunking,
    measure: &dyn Measure,
) -> Vec<Piece> {
    if group.is_table {
        table(document, group, chunking, measure)
    } else {
        text(document, Some(group), chunking, measure)
    }
}

/// The pieces of running text.
pub(super) fn text(
    document: &Document,
    group: Option<&Group>,
    chunking: Chunking,
    measure: &dyn Measure,
) -> Vec<Piece> {
    let Some(group) = group else { return Vec::new() };
    let atoms = atoms::of(document, group.blocks.clone(), chunking.size, measure);
    let spans = fill(&Filling { document, atoms: &atoms, chunking });
    spans.into_iter().filter_map(|span| piece(&atoms[span], group.section, 0..0)).collect()
}

/// The pieces of a table, each with its header.
fn table(document: &Document, group: &Group, chunking: Chunking, measure: &dyn Measure) -> Vec<Piece> {
    let Some(block) = document.blocks.get(group.blocks.start) else { return Vec::new() };
    let lines = document.text_of(block).split_inclusive('\n').take(2).map(str::len).sum::<usize>();
    let header = block.range.start..block.range.start + lines;
    let header_size = measure.count(&document.text[header.clone()]);
    // A header that takes half of the chunk says less than the rows that it takes the place of.
    if header_size * 2 > chunking.size {
        return text(document, Some(group), Chunking { overlap: 0, ..chunking }, measure);
    }
    let largest = chunking.size - header_size;
    let atoms = atoms::of(document, group.blocks.clone(), largest, measure);
    let atoms: Vec<Atom> = atoms.into_iter().filter(|atom| atom.range.start >= header.end).collect();
    if atoms.is_empty() {
        return vec![Piece {
            range: header.clone(),
            blocks: group.blocks.clone(),
            section: group.section,
            header: 0..0,
        }];
    }
    let chunking = Chunking { size: largest, overlap: 0, ..chunking };
    let spans = fill(&Filling { document, atoms: &atoms, chunking });
    let mut pieces: Vec<_> =
        spans.into_iter().filter_map(|span| piece(&atoms[span], group.section, header.clone())).collect();
    if let Some(first) = pieces.first_mut() {
        first.range.start = header.start;
        first.header = 0..0;
    }
    pieces
}

fn piece(atoms: &[Atom], section: Option<u32>, header: Range<usize>) -> Option<Piece> {
    let (first, last) = (atoms.first()?, atoms.last()?);
    let range = first.range.start..last.range.end;
    Some(Piece { range, blocks: first.block..last.block + 1, section, header })
}

struct Filling<'a> {
    document: &'a Document,
    atoms: &'a [Atom],
    chunking: Chunking,
}

/// Which atoms go into each chunk.
fn fill(filling: &Filling<'_>) -> Vec<Range<usize>> {
    let atoms = filling.atoms;
    let mut spans = Vec::new();
    let mut start = 0;
    let mut fresh = 0;
    while fresh < atoms.len() {
        let end = filling.end(start, fresh);
        spans.push(start..end);
        fresh = end;
        start = filling.overlap(spans.last().map_or(0, |span| span.start), end);
    }
    spans
}

impl Filling<'_> {
    /// Where the chunk ends that begins at `start` and holds at least what is `fresh`.
    fn end(&self, start: usize, fresh: usize) -> usize {
        let size = self.chunking.size;
        let mut sum: usize = self.atoms[start..fresh].iter().map(|atom| atom.size).sum();
        let mut end = fresh;
        while let Some(atom) = self.atoms.get(end) {
            if end > fresh && (sum + atom.size > size || self.is_better_apart(end, sum)) {
                break;
            }
            sum += atom.size;
            end += 1;
        }
        end
    }

    /// Whether a chunk that is half full ends better before this atom: a new page begins, or a block that would be cut
    /// here and fits into the next chunk.
    fn is_better_apart(&self, at: usize, sum: usize) -> bool {
        let size = self.chunking.size;
        let atom = &self.atoms[at];
        if !atom.opens || sum * 2 < size {
            return false;
        }
        let page =
            |index: usize| self.document.blocks.get(self.atoms[index].block).and_then(|block| block.page);
        if page(at) != page(at - 1) {
            return true;
        }
        let block = self.atoms[at..].iter().take_while(|next| next.block == atom.block);
        let block: usize = block.map(|next| next.size).sum();
        sum + block > size && block <= size
    }

    /// Where the next chunk begins, so that it repeats no more than allowed and still advances.
    fn overlap(&self, last_start: usize, end: usize) -> usize {
        let Some(next) = self.atoms.get(end) else { return end };
        let most = self.chunking.overlap.min(self.chunking.size.saturating_sub(next.size));
        let mut start = end;
        let mut sum = 0;
        while start > last_start + 1 && sum + self.atoms[start - 1].size <= most {
            start -= 1;
            sum += self.atoms[start].size;
        }
        start
    }
}
