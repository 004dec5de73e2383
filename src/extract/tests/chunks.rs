//! How text is cut.

use proptest::prelude::*;

use super::read;
use crate::chunk::{Characters, ChunkError, Chunking, Estimate, Measure, Strategy as Cut, Unit, cut};
use crate::document::Document;

fn chunking(strategy: Cut, size: usize, overlap: usize) -> Chunking {
    Chunking { strategy, size, overlap, unit: Unit::Characters }
}

fn texts(document: &Document, chunking: Chunking) -> Vec<String> {
    let chunks = cut(document, chunking, &Characters).unwrap();
    chunks.into_iter().map(|chunk| chunk.text).collect()
}

/// Sentences of 20 characters, each with its number.
fn sentences(count: usize) -> String {
    (0..count).map(|number| format!("Sentence number {number:02}. ")).collect::<Vec<_>>().concat()
}

#[test]
fn sizes_are_checked_as_upstream_checks_them() {
    assert_eq!(chunking(Cut::Fixed, 99, 0).check(), Err(ChunkError::Size(99)));
    assert_eq!(chunking(Cut::Fixed, 10_001, 0).check(), Err(ChunkError::Size(10_001)));
    let error = chunking(Cut::Structure, 100, 100).check().unwrap_err();
    assert_eq!(error.to_string(), "`chunkOverlap` is 100, and has to be less than `chunkSize`, which is 100");
    chunking(Cut::None, 0, 0).check().unwrap();
}

#[test]
fn chunks_end_with_sentences_and_overlap_by_whole_ones() {
    let document = read("a.txt", sentences(12));
    let texts = texts(&document, chunking(Cut::Fixed, 100, 40));
    assert_eq!(texts[0], sentences(5).trim_end());
    assert!(
        texts[1].starts_with("Sentence number 03. Sentence number 04. Sentence number 05."),
        "{}",
        texts[1]
    );
    assert!(texts.iter().all(|text| text.ends_with('.') && text.chars().count() <= 100));
}

#[test]
fn none_is_one_chunk() {
    let document = read("a.md", "# A\n\nText.\n\n# B\n\nMore.");
    assert_eq!(texts(&document, chunking(Cut::None, 0, 0)), ["A\n\nText.\n\nB\n\nMore."]);
}

#[test]
fn structure_cuts_at_headings_and_repeats_a_tables_header() {
    let rows = (0..12).map(|row| format!("| row {row} | some value |\n")).collect::<Vec<_>>().concat();
    let long = sentences(6);
    let text =
        format!("# Top\n\n## One\n\n{long}\n\n## Two\n\n{long}\n\n| name | value |\n|---|---|\n{rows}");
    let document = read("a.md", &text);
    let chunks = cut(&document, chunking(Cut::Structure, 150, 0), &Characters).unwrap();
    assert_eq!(chunks[0].heading, ["Top", "One"]);
    assert!(chunks[0].text.starts_with("Top\n\nOne\n\nSentence"), "{}", chunks[0].text);
    let tables: Vec<_> = chunks.iter().filter(|chunk| chunk.text.contains("| row")).collect();
    assert!(tables.len() > 2);
    for table in &tables {
        assert!(table.text.starts_with("| name | value |\n| --- | --- |\n| row"), "{}", table.text);
        assert!(table.text.chars().count() <= 150);
        assert_eq!(table.heading, ["Top", "Two"]);
    }
    assert!(chunks.iter().all(|chunk| !(chunk.text.contains("Two") && chunk.text.contains("One"))));
}

#[test]
fn a_word_that_is_too_long_is_cut_at_characters() {
    let document = read("a.txt", "ü".repeat(1_000));
    let texts = texts(&document, chunking(Cut::Fixed, 300, 0));
    assert_eq!(texts.iter().map(|text| text.chars().count()).collect::<Vec<_>>(), [300, 300, 300, 100]);
}

#[test]
fn the_estimate_of_tokens_is_near_those_of_bert() {
    // By `bert-base-uncased`: 12, 9, 4 and 7 tokens.
    for (text, tokens) in [
        ("The quick brown fox jumps over the lazy dog, twice.", 12),
        ("Retrieval-augmented generation of answers.", 9),
        ("東京都庁", 4),
        ("HTTP 429 in 12.5 s", 7),
    ] {
        let estimate = Estimate.count(text);
        assert!(estimate.abs_diff(tokens) <= 3 && estimate + 1 >= tokens, "{text}: {estimate}");
    }
}

proptest! {
    /// Chunks hold all of the text, in order, none larger than asked for.
    #[test]
    fn nothing_is_lost_and_nothing_too_large(
        blocks in proptest::collection::vec("(# |## |- |)[a-zé .!\n|]{0,120}[A-Z]{0,160}", 1..12),
        size in 100_usize..400,
        overlap in 0_usize..99,
        strategy in prop_oneof![Just(Cut::Structure), Just(Cut::Fixed)],
    ) {
        let document = read("a.md", blocks.join("\n\n"));
        let chunks = cut(&document, chunking(strategy, size, overlap), &Characters).unwrap();
        let characters: Vec<char> = document.text.chars().collect();
        let mut covered = vec![false; characters.len()];
        let mut last = 0;
        for chunk in &chunks {
            prop_assert!(chunk.text.chars().count() <= size, "{} of {size}: {}", chunk.text.chars().count(), chunk.text);
            let own: String = characters[chunk.offsets.clone()].iter().collect();
            prop_assert!(chunk.text.ends_with(&own));
            prop_assert!(chunk.offsets.end >= last);
            last = chunk.offsets.end;
            covered[chunk.offsets.clone()].fill(true);
        }
        for (index, (at, character)) in document.text.char_indices().enumerate() {
            let is_heading_of_a_table = document.blocks.iter().any(|block| {
                block.kind == crate::Kind::Heading && block.range.contains(&at)
            });
            prop_assert!(covered[index] || character.is_whitespace() || is_heading_of_a_table, "byte {at}");
        }
    }
}
