//! HTML by the tokens of the WHATWG's specification, without a tree: however deep elements stand within each other, and
//! whether they end or not, memory stays with the text.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use crate::document::Kind;
use crate::error::ExtractError;
use crate::table::Table;
use crate::writer::{Writer, add};

/// Elements whose content is no text of the page.
const SKIPPED: [&str; 12] = [
    "script", "style", "template", "noscript", "svg", "math", "iframe", "object", "select", "button", "nav",
    "dialog",
];

/// Elements that end the line before them and after them.
const BLOCKS: [&str; 27] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hr",
    "html",
    "legend",
    "main",
    "p",
    "section",
    "summary",
    "tbody",
    "tfoot",
    "thead",
];

/// Reads a page.
pub(crate) fn read(text: &str, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let mut reader = Reader::default();
    for token in tokens(text) {
        writer.budget.step()?;
        reader.take(token, writer)?;
    }
    reader.flush(writer)?;
    reader.end_table(true, writer)
}

/// The text of a piece of HTML within another format, in one line.
pub(crate) fn inline_text(html: &str) -> String {
    let mut text = String::new();
    for token in tokens(html) {
        match token {
            Token::String(string) => text.push_str(&String::from_utf8_lossy(&string)),
            Token::StartTag(tag) if &**tag.name == b"br" => text.push('\n'),
            _ => {}
        }
    }
    text
}

/// The encoding that a page names in its first kilobyte, where browsers look for it.
pub(crate) fn encoding(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let (_, after) = head.split_once("charset=")?;
    let name: String = after
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
        .collect();
    Some(name)
}

fn tokens(html: &str) -> impl Iterator<Item = Token<()>> + '_ {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    // Reading from a text in memory cannot fail.
    Tokenizer::new_with_emitter(html, emitter).flatten()
}

#[derive(Default)]
struct Reader {
    text: String,
    /// The element whose content is skipped, and how many of its name are open.
    skipped: Option<(String, usize)>,
    heading: Option<u8>,
    is_title: bool,
    is_code: bool,
    /// Lists within each other, each with the number of its next item if it has numbers.
    lists: Vec<Option<u64>>,
    /// Tables within each other. The outermost is the one that is written; others are text of its cells.
    tables: usize,
    table: Table,
    row: Vec<String>,
    in_cell: bool,
}

impl Reader {
    fn take(&mut self, token: Token<()>, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                match &mut self.skipped {
                    Some((skipped, open)) if *skipped == name && !tag.self_closing => *open += 1,
                    Some(_) => {}
                    None if SKIPPED.contains(&name.as_str()) && !tag.self_closing => {
                        self.skipped = Some((name, 1));
                    }
                    None => self.start(&name, &tag, writer)?,
                }
            }
            Token::EndTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                match &mut self.skipped {
                    Some((skipped, open)) if *skipped == name => {
                        *open -= 1;
                        if *open == 0 {
                            self.skipped = None;
                        }
                    }
                    Some(_) => {}
                    None => self.end(&name, writer)?,
                }
            }
            Token::String(text) if self.skipped.is_none() => self.push(&String::from_utf8_lossy(&text)),
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, name: &str, tag: &StartTag<()>, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        match name {
            "title" => self.is_title = true,
            "br" => self.text.push('\n'),
            "img" => {
                let description = tag.attributes.get(b"alt".as_slice());
                if let Some(description) = description.filter(|text| !text.is_empty()) {
                    self.push(&format!(" {} ", String::from_utf8_lossy(description)));
                }
            }
            "pre" if self.tables == 0 => {
                self.flush(writer)?;
                self.is_code = true;
            }
            "ul" | "ol" => {
                if self.lists.is_empty() {
                    self.flush(writer)?;
                }
                if self.lists.len() < 64 {
                    self.lists.push((name == "ol").then_some(1));
                }
            }
            "li" => self.item(),
            "table" => {
                if self.tables == 0 {
                    self.flush(writer)?;
                }
                self.tables += 1;
            }
            "tr" if self.tables == 1 => self.end_row(writer)?,
            "td" | "th" if self.tables == 1 => {
                self.end_cell();
                self.in_cell = true;
            }
            "tr" | "td" | "th" | "caption" => self.text.push(' '),
            _ => match heading(name) {
                Some(level) if self.tables == 0 => {
                    self.flush(writer)?;
                    self.heading = Some(level);
                }
                None if !BLOCKS.contains(&name) => {}
                _ => self.boundary(writer)?,
            },
        }
        Ok(())
    }

    fn end(&mut self, name: &str, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        match name {
            "title" => {
                self.is_title = false;
                writer.title(&std::mem::take(&mut self.text));
            }
            "pre" if self.tables == 0 => {
                self.flush(writer)?;
                self.is_code = false;
            }
            "ul" | "ol" => {
                if self.lists.len() <= 1 {
                    self.flush(writer)?;
                }
                self.lists.pop();
            }
            "table" => self.end_table(false, writer)?,
            "tr" if self.tables == 1 => self.end_row(writer)?,
            "td" | "th" if self.tables == 1 => self.end_cell(),
            _ if heading(name).is_some() && self.tables == 0 => {
                let level = self.heading.take().unwrap_or(1);
                let text = std::mem::take(&mut self.text);
                writer.heading(level, &text)?;
            }
            _ if BLOCKS.contains(&name) => self.boundary(writer)?,
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, text: &str) {
        if self.is_code {
            self.text.push_str(text);
            return;
        }
        let mut ends_in_space = self.text.is_empty() || self.text.ends_with([' ', '\n']);
        for character in text.chars() {
            // Not a non-breaking space, which holds words together.
            let is_space = matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c');
            if !is_space {
                self.text.push(character);
            } else if !ends_in_space {
                self.text.push(' ');
            }
            ends_in_space = is_space;
        }
    }

    /// The line of a block element ends: within a list or a cell a line of it, else the block.
    fn boundary(&mut self, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        if self.lists.is_empty() && self.tables == 0 {
            return self.flush(writer);
        }
        let is_new_item = self.text.ends_with(['-', '.', '\n']) || self.text.trim_end().ends_with('-');
        if !self.text.is_empty() && !is_new_item {
            self.text.push('\n');
        }
        Ok(())
    }

    fn item(&mut self) {
        self.text.truncate(self.text.trim_end().len());
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(&"  ".repeat(self.lists.len().saturating_sub(1).min(16)));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                add(&mut self.text, format_args!("{number}. "));
                *number += 1;
            }
            _ => self.text.push_str("- "),
        }
    }

    fn end_cell(&mut self) {
        let text = std::mem::take(&mut self.text);
        if self.in_cell {
            self.row.push(text);
        }
        self.in_cell = false;
    }

    fn end_row(&mut self, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        self.end_cell();
        if !self.row.is_empty() {
            writer.budget.object()?;
            self.table.row(std::mem::take(&mut self.row));
        }
        Ok(())
    }

    fn end_table(&mut self, is_last: bool, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        self.tables = if is_last { 0 } else { self.tables.saturating_sub(1) };
        if self.tables > 0 {
            return Ok(());
        }
        self.end_row(writer)?;
        std::mem::take(&mut self.table).write(writer)
    }

    fn flush(&mut self, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        if self.is_title {
            return Ok(());
        }
        let text = std::mem::take(&mut self.text);
        if self.tables > 0 {
            self.text = text;
            return Ok(());
        }
        match (self.heading.take(), self.is_code) {
            (Some(level), _) => writer.heading(level, &text),
            (None, true) => writer.block(Kind::Code, &text),
            (None, false) if !self.lists.is_empty() => writer.block(Kind::List, &text),
            (None, false) => writer.block(Kind::Paragraph, &text),
        }
    }
}

fn heading(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}
