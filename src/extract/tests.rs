//! What is read of small files of every text format, and how their text is cut.

mod chunks;
mod fuzz;
mod hostile;
mod make;
mod office;
mod pdf;
mod texts;

use crate::document::Document;
use crate::limits::Limits;

/// Reads a file that is no trouble.
fn read(name: &str, bytes: impl AsRef<[u8]>) -> Document {
    crate::extract(name, bytes.as_ref(), Limits::default()).unwrap()
}

/// The blocks as lines: kind, headings, text.
fn shown(document: &Document) -> String {
    let block = |block: &crate::Block| {
        let path = document.path(block.section).join(" > ");
        format!("{:?} [{path}] {}\n", block.kind, document.text_of(block))
    };
    document.blocks.iter().map(block).collect()
}
