//! PDF: the text of each page with its places, in the order in which the page shows it.
//!
//! * [`streams`]: a stream's content within limits;
//! * [`content`]: a page's instructions to text with its places;
//! * [`fonts`]: codes to characters and their widths;
//! * [`lines`]: characters to lines;
//! * [`layout`]: lines to paragraphs and headings, without what every page repeats.
//!
//! Objects, cross references, decryption and fonts are read by the hayro crates, which forbid unsafe code; nothing is
//! drawn. No password is known, so that a file which needs one is refused.

mod content;
mod fonts;
mod furniture;
mod layout;
mod lines;
mod matrix;
mod streams;

use hayro_syntax::object::Array;
use hayro_syntax::object::Stream;
use hayro_syntax::page::Page;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use crate::document::Notice;
use crate::error::ExtractError;
use crate::format::Format;
use crate::limits::within;
use crate::writer::Writer;

use content::Interpreter;
use fonts::Fonts;
use lines::Line;
use matrix::Matrix;

/// Reads a PDF.
pub(crate) fn read(bytes: &[u8], writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    streams::check(bytes, writer.budget)?;
    let pdf = Pdf::new(bytes.to_vec()).map_err(refused)?;
    within("objects", pdf.len() as u64, writer.budget.limits.objects)?;
    writer.budget.page(pdf.pages().len())?;
    if let Some(title) = &pdf.metadata().title {
        writer.title(&text_string(title));
    }
    let fonts = Fonts::default();
    let mut pages = Vec::with_capacity(pdf.pages().len());
    for page in pdf.pages().iter() {
        writer.budget.look_at_the_clock()?;
        pages.push(lines_of(page, &fonts, writer)?);
    }
    if pages.is_empty() {
        return Err(ExtractError::broken(Format::Pdf, "it has no pages"));
    }
    let blank = (1..).zip(&pages).filter(|(_, page)| page.is_empty()).map(|(number, _)| number);
    let blank: Vec<u32> = blank.collect();
    if !blank.is_empty() {
        writer.notice(Notice::PagesWithoutText { pages: blank });
    }
    layout::write(pages, writer)
}

fn lines_of<'a>(
    page: &Page<'a>,
    fonts: &Fonts<'a>,
    writer: &mut Writer<'_>,
) -> Result<Vec<Line>, ExtractError> {
    let content = page_content(page, writer)?;
    let place = Matrix(page.initial_transform(true).as_coeffs());
    let mut interpreter = Interpreter::new(fonts, writer.budget);
    interpreter.run(&content, page.resources(), place, 0)?;
    Ok(interpreter.finish())
}

/// A page's instructions, which may lie in several streams that are one text.
fn page_content(page: &Page<'_>, writer: &mut Writer<'_>) -> Result<Vec<u8>, ExtractError> {
    if let Some(stream) = page.raw().get::<Stream<'_>>("Contents") {
        return Ok(streams::decode(&stream, writer.budget)?.into_owned());
    }
    let mut content = Vec::new();
    if let Some(parts) = page.raw().get::<Array<'_>>("Contents") {
        for stream in parts.iter::<Stream<'_>>() {
            content.extend_from_slice(&streams::decode(&stream, writer.budget)?);
            content.push(b'\n');
            within("bytes of a page", content.len() as u64, writer.budget.limits.expanded / 4)?;
        }
    }
    Ok(content)
}

fn refused(error: LoadPdfError) -> ExtractError {
    match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => ExtractError::Encrypted,
        LoadPdfError::Decryption(_) => {
            ExtractError::broken(Format::Pdf, "its encryption is of no known kind")
        }
        LoadPdfError::Invalid => ExtractError::broken(Format::Pdf, "its structure is damaged beyond repair"),
    }
}

/// A text string by PDF 32000-1, 7.9.2.2: UTF-16 or UTF-8 with a mark, else nearly Latin 1.
fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0xef, 0xbb, 0xbf, ..] => {
            crate::encoding::decode(bytes, None).text
        }
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}
