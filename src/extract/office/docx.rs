//! DOCX: headings by their style's outline level, lists, tables with the tables in them, text boxes, footnotes and
//! endnotes, and at the end, once, what stands at the edges of every page. Tracked deletions and hidden text are left out,
//! insertions are in.

use std::collections::BTreeMap;
use std::mem::take;

use super::archive::Archive;
use super::part::{self, Attributes, Item};
use crate::document::Kind;
use crate::error::ExtractError;
use crate::format::Format;
use crate::limits::Budget;
use crate::table::Table;
use crate::writer::Writer;

const FORMAT: Format = Format::Docx;

/// Reads a document.
pub(crate) fn read(bytes: &[u8], writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let mut archive = Archive::open(bytes, FORMAT)?;
    let body = archive.require("word/document.xml", writer.budget)?;
    if let Some(properties) = archive.text("docProps/core.xml", writer.budget)? {
        let title = title(&properties, writer.budget)?;
        writer.title(&title);
    }
    let styles = match archive.text("word/styles.xml", writer.budget)? {
        Some(styles) => levels(&styles, writer.budget)?,
        None => BTreeMap::new(),
    };
    let mut notes = BTreeMap::new();
    for kind in ["footnote", "endnote"] {
        if let Some(text) = archive.text(&format!("word/{kind}s.xml"), writer.budget)? {
            read_notes(kind, &text, &mut notes, writer.budget)?;
        }
    }
    // Word notes where pages began when it last laid the document out.
    let has_pages = body.contains("lastRenderedPageBreak");
    let mut reader = Reader { styles, notes, page: has_pages.then_some(1), ..Reader::default() };
    if has_pages {
        writer.page(1)?;
    }
    let mut blocks = Vec::new();
    part::each(&body, FORMAT, writer.budget, |item, _| {
        reader.take(item);
        blocks.append(&mut reader.blocks);
        Ok(())
    })?;
    blocks.append(&mut reader.blocks);
    blocks.push(Out::Paragraph(edges(&mut archive, writer.budget)?));
    write(blocks, writer)
}

/// Headers and footers: the number of a document or who may read it often stands there alone. Each text once, as pages of
/// another kind repeat it.
fn edges(archive: &mut Archive<'_>, budget: &mut Budget) -> Result<String, ExtractError> {
    let mut lines: Vec<String> = Vec::new();
    for name in [archive.names("word/header"), archive.names("word/footer")].concat() {
        let Some(text) = archive.text(&name, budget)? else { continue };
        let mut reader = Reader::default();
        part::each(&text, FORMAT, budget, |item, _| {
            reader.take(item);
            Ok(())
        })?;
        for block in reader.blocks {
            let line = match block {
                Out::Heading(_, text) | Out::Paragraph(text) | Out::Item(text) => text,
                Out::Table(table) => table.into_text(),
                Out::Page(_) => continue,
            };
            if !line.trim().is_empty() && !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    Ok(lines.join("\n"))
}

/// What is read, in order.
enum Out {
    Page(u32),
    Heading(u8, String),
    Paragraph(String),
    Item(String),
    Table(Table),
}

/// Items of a list that follow each other are one block.
fn write(blocks: Vec<Out>, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let mut list = String::new();
    for block in blocks {
        if let Out::Item(item) = block {
            if !list.is_empty() {
                list.push('\n');
            }
            list.push_str(&item);
            continue;
        }
        if let Out::Page(page) = block {
            if list.is_empty() {
                writer.page(page)?;
            }
            continue;
        }
        writer.block(Kind::List, &take(&mut list))?;
        match block {
            Out::Heading(level, text) => writer.heading(level, &text)?,
            Out::Paragraph(text) => writer.block(Kind::Paragraph, &text)?,
            Out::Table(table) => table.write(writer)?,
            Out::Page(_) | Out::Item(_) => {}
        }
    }
    writer.block(Kind::List, &list)
}

/// A paragraph that is open.
#[derive(Default)]
struct Paragraph {
    text: String,
    level: Option<u8>,
    /// How deep the list is that it is an item of.
    item: Option<usize>,
    notes: Vec<String>,
}

/// A table that is open.
#[derive(Default)]
struct OpenTable {
    table: Table,
    row: Vec<String>,
    cell: String,
    /// Columns that the cell takes beside its own.
    span: usize,
}

#[derive(Default)]
struct Reader {
    styles: BTreeMap<String, u8>,
    notes: BTreeMap<String, String>,
    page: Option<u32>,
    blocks: Vec<Out>,
    /// Paragraphs within each other: a text box stands in one.
    paragraphs: Vec<Paragraph>,
    /// Tables within each other: those of a cell become its text.
    tables: Vec<OpenTable>,
    /// Elements whose content is left out, within each other.
    skipped: usize,
    is_hidden: bool,
    in_text: bool,
}

/// Content that stands elsewhere as well, or no longer.
const SKIPPED: [&str; 4] = ["Fallback", "del", "moveFrom", "pPrChange"];

impl Reader {
    fn take(&mut self, item: &Item<'_>) {
        match item {
            Item::Start(name, _) if SKIPPED.contains(name) => self.skipped += 1,
            Item::End(name) if SKIPPED.contains(name) => self.skipped = self.skipped.saturating_sub(1),
            _ if self.skipped > 0 => {}
            Item::Start(name, attributes) => self.start(name, attributes),
            Item::End(name) => self.end(name),
            Item::Text(text) if self.in_text && !self.is_hidden => self.push(text),
            Item::Text(_) => {}
        }
    }

    fn push(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn start(&mut self, name: &str, attributes: &Attributes<'_>) {
        let value = || attributes.get("val");
        match name {
            "p" => self.paragraphs.push(Paragraph::default()),
            "t" => self.in_text = true,
            "tab" if self.in_run() => self.push("\t"),
            "br" | "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("-"),
            "lastRenderedPageBreak" => self.turn_page(),
            "vanish" => self.is_hidden = value().is_none_or(|value| !matches!(value.as_str(), "0" | "false")),
            "footnoteReference" | "endnoteReference" => self.note(name, attributes),
            "tbl" => self.tables.push(OpenTable::default()),
            "gridSpan" => {
                let span = value().and_then(|value| value.parse::<usize>().ok()).unwrap_or(1);
                if let Some(table) = self.tables.last_mut() {
                    table.span = span.clamp(1, 64) - 1;
                }
            }
            "pStyle" | "outlineLvl" | "ilvl" | "numPr" => self.property(name, value().as_deref()),
            _ => {}
        }
    }

    /// What a paragraph is: a heading by its style or by itself, an item by its numbering.
    fn property(&mut self, name: &str, value: Option<&str>) {
        let level = value.and_then(|style| self.styles.get(style)).copied();
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        let number = value.and_then(|value| value.parse::<u8>().ok());
        match name {
            "pStyle" => paragraph.level = level.or(paragraph.level),
            "outlineLvl" => paragraph.level = number.filter(|level| *level < 9).map(|level| level + 1),
            "ilvl" => paragraph.item = Some(usize::from(number.unwrap_or_default().min(8))),
            _ => paragraph.item = paragraph.item.or(Some(0)),
        }
    }

    /// A tab of a paragraph's settings is no character.
    fn in_run(&self) -> bool {
        self.paragraphs.last().is_some()
    }

    fn turn_page(&mut self) {
        if let Some(page) = &mut self.page {
            *page += 1;
            self.blocks.push(Out::Page(*page));
        }
    }

    fn note(&mut self, name: &str, attributes: &Attributes<'_>) {
        let kind = name.trim_end_matches("Reference");
        let Some(id) = attributes.get("id") else { return };
        self.push(&format!("[{id}]"));
        if let (Some(note), Some(paragraph)) =
            (self.notes.get(&format!("{kind} {id}")), self.paragraphs.last_mut())
        {
            paragraph.notes.push(format!("[{id}] {note}"));
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "r" => self.is_hidden = false,
            "p" => self.end_paragraph(),
            "tc" => {
                if let Some(table) = self.tables.last_mut() {
                    table.row.push(take(&mut table.cell));
                    let empty = std::iter::repeat_n(String::new(), take(&mut table.span));
                    table.row.extend(empty);
                }
            }
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.table.row(take(&mut table.row));
                }
            }
            "tbl" => self.end_table(),
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else { return };
        if let Some(table) = self.tables.last_mut() {
            for text in [paragraph.text].into_iter().chain(paragraph.notes) {
                table.cell.push_str(&text);
                table.cell.push(' ');
            }
            return;
        }
        self.blocks.push(match (paragraph.level, paragraph.item) {
            (Some(level), _) => Out::Heading(level, paragraph.text),
            (None, Some(depth)) if !paragraph.text.trim().is_empty() => {
                Out::Item(format!("{}- {}", "  ".repeat(depth), paragraph.text.trim()))
            }
            _ => Out::Paragraph(paragraph.text),
        });
        self.blocks.extend(paragraph.notes.into_iter().map(Out::Paragraph));
    }

    fn end_table(&mut self) {
        let Some(open) = self.tables.pop() else { return };
        match self.tables.last_mut() {
            None => self.blocks.push(Out::Table(open.table)),
            Some(outer) => outer.cell.push_str(&open.table.into_text()),
        }
    }
}

/// The outline level of each style that has one, its own or that of the style it is based on.
fn levels(styles: &str, budget: &mut Budget) -> Result<BTreeMap<String, u8>, ExtractError> {
    let mut own = BTreeMap::new();
    let mut bases = BTreeMap::new();
    let mut style = String::new();
    part::each(styles, FORMAT, budget, |item, _| {
        if let Item::Start(name, attributes) = item {
            match (*name, attributes.get("val")) {
                ("style", _) => style = attributes.get("styleId").unwrap_or_default(),
                ("name", Some(name)) => {
                    let level = name
                        .to_ascii_lowercase()
                        .strip_prefix("heading ")
                        .and_then(|level| level.parse().ok());
                    let level = level.or_else(|| name.eq_ignore_ascii_case("title").then_some(1));
                    if let Some(level) = level {
                        own.entry(style.clone()).or_insert(level);
                    }
                }
                ("outlineLvl", Some(level)) => {
                    if let Some(level) = level.parse::<u8>().ok().filter(|level| *level < 9) {
                        own.insert(style.clone(), level + 1);
                    }
                }
                ("basedOn", Some(base)) => drop(bases.insert(style.clone(), base)),
                _ => {}
            }
        }
        Ok(())
    })?;
    let mut levels = own.clone();
    for style in bases.keys() {
        // A chain of styles is short; one that leads back to itself has no level.
        let mut at = Some(style);
        for _ in 0..16 {
            let Some(here) = at else { break };
            if let Some(level) = own.get(here) {
                levels.insert(style.clone(), *level);
                break;
            }
            at = bases.get(here);
        }
    }
    Ok(levels)
}

fn read_notes(
    kind: &str,
    text: &str,
    notes: &mut BTreeMap<String, String>,
    budget: &mut Budget,
) -> Result<(), ExtractError> {
    let mut id = None;
    let mut note = String::new();
    let mut in_text = false;
    part::each(text, FORMAT, budget, |item, _| {
        match item {
            Item::Start(name, attributes) if *name == kind => {
                // The separators between text and notes are notes, too.
                id = attributes.get("type").is_none().then(|| attributes.get("id")).flatten();
            }
            Item::Start("t", _) => in_text = true,
            Item::End("t") => in_text = false,
            Item::End("p") => note.push(' '),
            Item::Text(text) if in_text => note.push_str(text),
            Item::End(name) if *name == kind => {
                let text = take(&mut note);
                if let Some(id) = id.take() {
                    notes.insert(format!("{kind} {id}"), text.trim().to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    })
}

fn title(properties: &str, budget: &mut Budget) -> Result<String, ExtractError> {
    let (mut title, mut is_title) = (String::new(), false);
    part::each(properties, FORMAT, budget, |item, _| {
        match item {
            Item::Start(name, _) => is_title = *name == "title",
            Item::End(_) => is_title = false,
            Item::Text(text) if is_title => title.push_str(text),
            Item::Text(_) => {}
        }
        Ok(())
    })?;
    Ok(title)
}
