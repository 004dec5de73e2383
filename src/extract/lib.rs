//! Documents as text with its structure, and the chunks that are searched: bytes in, text out, nothing else.
//!
//! * [`extract`] reads a file into a [`Document`]: blocks with their page, place, headings and kind;
//! * [`cut`] cuts a document into [`Chunk`]s.
//!
//! Files come from anybody. What is read of one is bounded by [`Limits`], a parser that panics is contained, nothing is
//! fetched from anywhere, and what cannot be read is an [`ExtractError`] that says so to who uploaded it.

mod chunk;
mod csv_table;
mod document;
mod encoding;
mod error;
mod format;
mod html;
mod json;
mod limits;
mod markdown;
mod office;
mod pdf;
mod plain;
mod rtf;
mod table;
mod writer;
mod xml;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use chunk::{Characters, Chunk, ChunkError, Chunking, Estimate, Measure, Strategy, Unit, cut};
pub use document::{Block, Document, Kind, Notice, Region, Section};
pub use error::ExtractError;
pub use format::Format;
pub use limits::Limits;

use encoding::{Decoded, decode};
use limits::{Budget, within};
use writer::Writer;

/// Reads a file. Its name tells its format together with its first bytes.
pub fn extract(name: &str, bytes: &[u8], limits: Limits) -> Result<Document, ExtractError> {
    within("bytes", bytes.len() as u64, limits.bytes)?;
    let format = Format::of(name, bytes);
    let format = format.ok_or_else(|| ExtractError::Unsupported { name: name.to_owned() })?;
    let mut budget = Budget::new(limits);
    let read = catch_unwind(AssertUnwindSafe(|| read(format, bytes, &mut budget)));
    read.unwrap_or(Err(ExtractError::Crashed { format }))
}

fn read(format: Format, bytes: &[u8], budget: &mut Budget) -> Result<Document, ExtractError> {
    let mut writer = Writer::new(format, budget);
    match format {
        Format::Rtf => rtf::read(bytes, &mut writer)?,
        Format::Pdf => pdf::read(bytes, &mut writer)?,
        Format::Docx => office::docx::read(bytes, &mut writer)?,
        Format::Pptx => office::pptx::read(bytes, &mut writer)?,
        Format::Xlsx => office::xlsx::read(bytes, &mut writer)?,
        _ => read_text(format, bytes, &mut writer)?,
    }
    Ok(writer.finish())
}

fn read_text(format: Format, bytes: &[u8], writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let hint = (format == Format::Html).then(|| html::encoding(bytes)).flatten();
    let Decoded { text, notice } = decode(bytes, hint.as_deref());
    if let Some(notice) = notice {
        writer.notice(notice);
    }
    match format {
        Format::Html => html::read(&text, writer),
        Format::Markdown => markdown::read(&text, writer),
        Format::Csv => csv_table::read(&text, writer),
        Format::Json => json::read(&text, writer),
        Format::Yaml => plain::yaml(&text, writer),
        Format::Xml => xml::read(&text, writer),
        Format::Code => plain::text(&text, Kind::Code, writer),
        _ => plain::text(&text, Kind::Paragraph, writer),
    }
}

/// As the fuzzer's targets name it, which are tests of this crate, too.
#[cfg(test)]
extern crate self as lisa_extract;

#[cfg(test)]
mod tests;
