//! The pieces of a text that are not cut: sentences and lines, and words or characters of what alone is too long.

use std::ops::Range;

use super::measure::Measure;
use crate::document::{Block, Document, Kind};

/// A piece of a document's text that is not cut. Atoms follow each other without a gap.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    pub(super) range: Range<usize>,
    pub(super) size: usize,
    /// Its block, as an index into the document's.
    pub(super) block: usize,
    /// Whether its block begins with it.
    pub(super) opens: bool,
}

/// The atoms of some blocks, each at most so large.
pub(super) fn of(
    document: &Document,
    blocks: Range<usize>,
    largest: usize,
    measure: &dyn Measure,
) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for (index, block) in blocks.clone().zip(document.blocks.get(blocks).unwrap_or_default()) {
        // What stands between blocks belongs to the one before it.
        let end = document.blocks.get(index + 1).map_or(document.text.len(), |next| next.range.start);
        let first = atoms.len();
        for piece in pieces(document, block, end) {
            push(&mut atoms, &document.text, piece, index, largest, measure);
        }
        if let Some(first) = atoms.get_mut(first) {
            first.opens = true;
        }
    }
    atoms
}

fn push(
    atoms: &mut Vec<Atom>,
    text: &str,
    range: Range<usize>,
    block: usize,
    largest: usize,
    measure: &dyn Measure,
) {
    let size = measure.count(&text[range.clone()]);
    // The white space at its end is not part of a chunk that ends with it.
    let is_small = size <= largest || measure.count(text[range.clone()].trim_end()) <= largest;
    if is_small {
        atoms.push(Atom { range, size, block, opens: false });
        return;
    }
    let words = split(text, range.clone(), |before, _| before.is_whitespace());
    if words.len() > 1 {
        for word in gather(text, words, largest, measure) {
            push(atoms, text, word, block, largest, measure);
        }
        return;
    }
    // One word: cut at characters, as many as would fit if each were a token.
    let mut start = range.start;
    let ends = text[range.clone()].char_indices().map(|(at, _)| range.start + at).skip(largest);
    for end in ends.step_by(largest).chain([range.end]) {
        let range = start..end;
        let size = measure.count(&text[range.clone()]);
        atoms.push(Atom { range, size, block, opens: false });
        start = end;
    }
}

/// Joins neighbours into pieces of up to half of the largest size, so that a long sentence is not an atom a word.
fn gather(text: &str, parts: Vec<Range<usize>>, largest: usize, measure: &dyn Measure) -> Vec<Range<usize>> {
    let mut gathered: Vec<(Range<usize>, usize)> = Vec::new();
    for part in parts {
        let size = measure.count(&text[part.clone()]);
        match gathered.last_mut() {
            Some((last, sum)) if *sum + size <= largest.div_ceil(4) => {
                last.end = part.end;
                *sum += size;
            }
            _ => gathered.push((part, size)),
        }
    }
    gathered.into_iter().map(|(range, _)| range).collect()
}

/// Sentences of running text, lines of everything else. `end` is where the next block begins.
fn pieces(document: &Document, block: &Block, end: usize) -> Vec<Range<usize>> {
    let range = block.range.start..end;
    match block.kind {
        Kind::Heading => vec![range],
        Kind::Table | Kind::List | Kind::Code => split(&document.text, range, |before, _| before == '\n'),
        Kind::Paragraph => sentences(&document.text, range),
    }
}

/// Cuts wherever `is_end` says so of the character before and the one after.
fn split(text: &str, range: Range<usize>, is_end: impl Fn(char, char) -> bool) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = range.start;
    let mut before = None;
    for (at, character) in text[range.clone()].char_indices() {
        let here = range.start + at;
        // White space stays with what stands before it.
        if before.is_some_and(|before| is_end(before, character)) && !character.is_whitespace() {
            pieces.push(start..here);
            start = here;
        }
        before = Some(character);
    }
    pieces.push(start..range.end);
    pieces
}

/// Cuts after a sign that ends a sentence, unless what follows goes on in small letters: `e.g. this`.
fn sentences(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = range.start;
    let (mut has_ended, mut has_space) = (false, false);
    for (at, character) in text[range.clone()].char_indices() {
        let here = range.start + at;
        match character {
            '.' | '!' | '?' | '\u{2026}' => (has_ended, has_space) = (true, false),
            // These end a sentence without a space after them.
            '\u{3002}' | '\u{ff01}' | '\u{ff1f}' | '\n' => (has_ended, has_space) = (true, true),
            ' ' | '\t' | '\r' | '\u{a0}' => has_space |= has_ended,
            ')' | ']' | '"' | '\'' | '\u{201d}' | '\u{2019}' | '\u{bb}' if has_ended && !has_space => {}
            _ => {
                if has_ended && has_space && !character.is_lowercase() {
                    pieces.push(start..here);
                    start = here;
                }
                (has_ended, has_space) = (false, false);
            }
        }
    }
    pieces.push(start..range.end);
    pieces
}
