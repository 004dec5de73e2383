//! XML: a paragraph for each element that holds text, under the names of the elements around it.
//!
//! No entity is resolved but the five of XML itself and characters by number: there is nothing that a file could make
//! this read from elsewhere, or repeat.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::document::Kind;
use crate::error::ExtractError;
use crate::format::Format;
use crate::writer::{Writer, add};

/// Reads XML.
pub(crate) fn read(text: &str, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut run = String::new();
    loop {
        let event = reader.read_event();
        let event = event.map_err(|error| ExtractError::broken(Format::Xml, error.to_string()))?;
        match event {
            Event::Start(element) => {
                flush(&mut run, &path, writer)?;
                path.push(element.local_name().as_ref().to_owned());
                writer.budget.object()?;
                writer.budget.depth(path.len())?;
                attributes(&element, &path, writer)?;
            }
            Event::Empty(element) => {
                writer.budget.object()?;
                path.push(element.local_name().as_ref().to_owned());
                attributes(&element, &path, writer)?;
                path.pop();
            }
            Event::End(_) => {
                flush(&mut run, &path, writer)?;
                path.pop();
            }
            Event::Text(text) => run.push_str(&text),
            Event::CData(text) => run.push_str(&text),
            Event::GeneralRef(reference) => run.push_str(&entity(&reference)),
            Event::Eof if path.is_empty() => return flush(&mut run, &path, writer),
            Event::Eof => {
                let open = path.pop().unwrap_or_default();
                return Err(ExtractError::broken(Format::Xml, format!("`{open}` does not end")));
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => writer.budget.step()?,
        }
    }
}

/// What a reference stands for; one that XML itself does not know stays as it is.
pub(crate) fn entity(name: &str) -> String {
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    if let Some(character) = number.and_then(char::from_u32) {
        return character.to_string();
    }
    let known = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return format!("&{name};"),
    };
    known.to_owned()
}

/// `name: text`, so that a search for the name finds it.
fn flush(run: &mut String, path: &[String], writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let text = std::mem::take(run);
    if text.trim().is_empty() {
        return Ok(());
    }
    match path.last() {
        Some(name) => writer.block(Kind::Paragraph, &format!("{name}: {}", text.trim())),
        None => writer.block(Kind::Paragraph, &text),
    }
}

fn attributes(
    element: &quick_xml::events::BytesStart<'_>,
    path: &[String],
    writer: &mut Writer<'_>,
) -> Result<(), ExtractError> {
    let mut text = String::new();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| ExtractError::broken(Format::Xml, error.to_string()))?;
        writer.budget.step()?;
        let name = attribute.key.as_ref();
        if name.starts_with("xmlns") {
            continue;
        }
        let comma = if text.is_empty() { "" } else { ", " };
        add(&mut text, format_args!("{comma}{name}: {}", unescaped(&attribute.value)));
    }
    if text.is_empty() {
        return Ok(());
    }
    writer
        .block(Kind::Paragraph, &format!("{} ({text})", path.last().map(String::as_str).unwrap_or_default()))
}

/// A text whose references are replaced by what they stand for.
pub(crate) fn unescaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        result.push_str(before);
        if let Some((name, after)) = after.split_once(';').filter(|(name, _)| name.len() <= 10) {
            result.push_str(&entity(name));
            rest = after;
        } else {
            result.push('&');
            rest = after;
        }
    }
    result.push_str(rest);
    result
}
