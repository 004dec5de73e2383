//! Markdown, by CommonMark with tables.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::document::Kind;
use crate::error::ExtractError;
use crate::table::Table;
use crate::writer::{Writer, add};

/// Reads Markdown.
pub(crate) fn read(text: &str, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, options) {
        reader.take(event, writer)?;
    }
    reader.flush(Kind::Paragraph, writer)
}

/// What is open while events are taken.
#[derive(Default)]
struct Reader {
    text: String,
    level: u8,
    /// Lists within each other, each with the number of its next item if it has numbers.
    lists: Vec<Option<u64>>,
    table: Option<Table>,
    row: Vec<String>,
    is_metadata: bool,
}

impl Reader {
    fn take(&mut self, event: Event<'_>, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        match event {
            Event::Start(tag) => self.start(&tag, writer),
            Event::End(tag) => self.end(tag, writer),
            Event::Text(text) | Event::Code(text) => {
                self.text.push_str(&text);
                writer.budget.step()
            }
            Event::SoftBreak => {
                self.text.push(' ');
                Ok(())
            }
            Event::HardBreak => {
                self.text.push('\n');
                Ok(())
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                self.text.push_str(&crate::html::inline_text(&html));
                Ok(())
            }
            Event::FootnoteReference(label) => {
                add(&mut self.text, format_args!("[^{label}]"));
                Ok(())
            }
            Event::TaskListMarker(is_done) => {
                self.text.push_str(if is_done { "[x] " } else { "[ ] " });
                Ok(())
            }
            Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text.push_str(&text);
                Ok(())
            }
            Event::Rule => self.flush(Kind::Paragraph, writer),
        }
    }

    fn start(&mut self, tag: &Tag<'_>, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        match tag {
            Tag::Heading { level, .. } => {
                self.flush(Kind::Paragraph, writer)?;
                self.level = depth(*level);
            }
            // A footnote's label stands before its paragraph.
            Tag::Paragraph if self.lists.is_empty() && !self.text.starts_with("[^") => {
                self.flush(Kind::Paragraph, writer)?;
            }
            Tag::CodeBlock(_) => self.flush(self.running(), writer)?,
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.flush(Kind::Paragraph, writer)?;
                }
                self.lists.push(*first);
                writer.budget.depth(self.lists.len())?;
            }
            Tag::Item => self.item(),
            Tag::Table(_) => {
                self.flush(self.running(), writer)?;
                self.table = Some(Table::default());
            }
            Tag::FootnoteDefinition(label) => {
                self.flush(Kind::Paragraph, writer)?;
                add(&mut self.text, format_args!("[^{label}]: "));
            }
            Tag::MetadataBlock(_) => self.is_metadata = true,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, tag: TagEnd, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        match tag {
            TagEnd::Heading(_) => {
                let text = std::mem::take(&mut self.text);
                if self.level == 1 {
                    writer.title(&text);
                }
                writer.heading(self.level, &text)?;
            }
            TagEnd::Paragraph if self.lists.is_empty() => self.flush(Kind::Paragraph, writer)?,
            TagEnd::Paragraph => self.text.push('\n'),
            TagEnd::CodeBlock => self.flush(Kind::Code, writer)?,
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.flush(Kind::List, writer)?;
                }
            }
            TagEnd::TableCell => self.row.push(std::mem::take(&mut self.text)),
            TagEnd::TableHead | TagEnd::TableRow => {
                let row = std::mem::take(&mut self.row);
                if let Some(table) = &mut self.table {
                    table.row(row);
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    table.write(writer)?;
                }
            }
            TagEnd::FootnoteDefinition | TagEnd::BlockQuote(_) | TagEnd::HtmlBlock => {
                self.flush(self.running(), writer)?;
            }
            TagEnd::MetadataBlock(_) => {
                self.is_metadata = false;
                self.flush(Kind::Code, writer)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A new line of a list, as far to the right as its list is deep.
    fn item(&mut self) {
        while self.text.ends_with([' ', '\n']) {
            self.text.pop();
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(16));
        self.text.push_str(&indent);
        match self.lists.last_mut() {
            Some(Some(number)) => {
                add(&mut self.text, format_args!("{number}. "));
                *number += 1;
            }
            _ => self.text.push_str("- "),
        }
    }

    /// What text is that no other block claims.
    fn running(&self) -> Kind {
        if self.lists.is_empty() { Kind::Paragraph } else { Kind::List }
    }

    fn flush(&mut self, kind: Kind, writer: &mut Writer<'_>) -> Result<(), ExtractError> {
        let text = std::mem::take(&mut self.text);
        if self.is_metadata {
            self.text = text;
            return Ok(());
        }
        writer.block(kind, &text)
    }
}

fn depth(level: HeadingLevel) -> u8 {
    level as u8
}
