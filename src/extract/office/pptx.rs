//! PPTX: a page for each slide in the order of the show: its title, its text, its tables, the speaker's notes.

use std::mem::take;

use super::archive::Archive;
use super::part::{self, Item};
use crate::document::Kind;
use crate::error::ExtractError;
use crate::format::Format;
use crate::limits::Budget;
use crate::table::Table;
use crate::writer::Writer;

const FORMAT: Format = Format::Pptx;

const SHOW: &str = "ppt/presentation.xml";

/// Reads a show.
pub(crate) fn read(bytes: &[u8], writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let mut archive = Archive::open(bytes, FORMAT)?;
    let show = archive.require(SHOW, writer.budget)?;
    let relations = archive.require(&part::relations_of(SHOW), writer.budget)?;
    let relations = part::relations(SHOW, &relations, FORMAT, writer.budget)?;
    let mut slides = Vec::new();
    part::each(&show, FORMAT, writer.budget, |item, _| {
        if let Item::Start("sldId", attributes) = item {
            slides.extend(attributes.qualified("r:id").and_then(|id| relations.get(&id).cloned()));
        }
        Ok(())
    })?;
    for (number, slide) in (1..).zip(slides) {
        writer.page(number)?;
        let Some(text) = archive.text(&slide, writer.budget)? else { continue };
        write(shapes(&text, writer.budget)?, true, writer)?;
        let Some(relations) = archive.text(&part::relations_of(&slide), writer.budget)? else { continue };
        let relations = part::relations(&slide, &relations, FORMAT, writer.budget)?;
        for notes in relations.values().filter(|path| path.contains("notesSlide")) {
            if let Some(text) = archive.text(notes, writer.budget)? {
                write(shapes(&text, writer.budget)?, false, writer)?;
            }
        }
    }
    Ok(())
}

/// What a slide shows.
enum Shape {
    Title(String),
    Text(Vec<String>),
    Table(Table),
}

fn write(shapes: Vec<Shape>, is_slide: bool, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let title = shapes.iter().position(|shape| matches!(shape, Shape::Title(_)));
    if is_slide && title.is_none() {
        // A slide without a title stands under no other slide's.
        writer.enter(1, "")?;
    }
    // The title is the heading of all that the slide shows, wherever it stands among the shapes.
    let (first, others): (Vec<_>, Vec<_>) =
        shapes.into_iter().enumerate().partition(|(at, _)| Some(*at) == title);
    for (_, shape) in first.into_iter().chain(others) {
        match shape {
            Shape::Title(text) => writer.heading(1, &text)?,
            Shape::Text(lines) if lines.len() > 1 => writer.block(Kind::List, &lines.join("\n"))?,
            Shape::Text(lines) => writer.block(Kind::Paragraph, &lines.concat())?,
            Shape::Table(table) => table.write(writer)?,
        }
    }
    Ok(())
}

/// Places for what stands on every slide, or is a picture of the slide itself.
const FURNITURE: [&str; 4] = ["sldNum", "dt", "ftr", "sldImg"];

#[derive(Default)]
struct Reader {
    shapes: Vec<Shape>,
    lines: Vec<String>,
    line: String,
    place: Option<String>,
    depth: usize,
    table: Option<Table>,
    row: Vec<String>,
    in_text: bool,
}

fn shapes(text: &str, budget: &mut Budget) -> Result<Vec<Shape>, ExtractError> {
    let mut reader = Reader::default();
    part::each(text, FORMAT, budget, |item, _| {
        reader.take(item);
        Ok(())
    })?;
    Ok(reader.shapes)
}

impl Reader {
    fn take(&mut self, item: &Item<'_>) {
        match item {
            Item::Start("sp", _) => self.place = None,
            Item::Start("ph", attributes) => self.place = attributes.get("type"),
            Item::Start("pPr", attributes) => {
                let depth = attributes.get("lvl").and_then(|depth| depth.parse::<usize>().ok());
                self.depth = depth.unwrap_or_default().min(8);
            }
            Item::Start("t", _) => self.in_text = true,
            Item::End("t") => self.in_text = false,
            Item::Start("br", _) => self.line.push(' '),
            Item::Text(text) if self.in_text => self.line.push_str(text),
            Item::End("p") => {
                let line = take(&mut self.line);
                let indent = "  ".repeat(take(&mut self.depth));
                if !line.trim().is_empty() {
                    self.lines.push(format!("{indent}{}", line.trim()));
                }
            }
            Item::Start("tbl", _) => self.table = Some(Table::default()),
            Item::End("tc") => self.row.push(take(&mut self.lines).join(" ")),
            Item::End("tr") => {
                let row = take(&mut self.row);
                if let Some(table) = &mut self.table {
                    table.row(row);
                }
            }
            Item::End("tbl") => self.shapes.extend(self.table.take().map(Shape::Table)),
            Item::End("sp") => self.end_shape(),
            _ => {}
        }
    }

    fn end_shape(&mut self) {
        let lines = take(&mut self.lines);
        let place = self.place.take().unwrap_or_default();
        if lines.is_empty() || FURNITURE.contains(&place.as_str()) {
            return;
        }
        self.shapes.push(match place.as_str() {
            "title" | "ctrTitle" => Shape::Title(lines.join(" ")),
            _ => Shape::Text(lines),
        });
    }
}
