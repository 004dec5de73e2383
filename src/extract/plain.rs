//! Text files, and YAML: paragraphs between empty lines.

use crate::document::Kind;
use crate::error::ExtractError;
use crate::writer::Writer;

/// Reads a text: what stands between empty lines is a block.
pub(crate) fn text(text: &str, kind: Kind, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            writer.block(kind, &text[start..at])?;
            start = at + line.len();
        }
        at += line.len();
    }
    writer.block(kind, &text[start..])
}

/// Reads YAML without understanding it: a key at the beginning of a line opens a block, a document mark a new one.
///
/// Nothing is resolved, so that no alias can become more than it is.
pub(crate) fn yaml(text: &str, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let opens =
            line.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '"' | '\'' | '_'));
        if opens || line.starts_with("---") || line.starts_with("- ") {
            writer.block(Kind::Code, &text[start..at])?;
            start = at;
        }
        at += line.len();
    }
    writer.block(Kind::Code, &text[start..])
}
