//! Collects a document block by block, and keeps count of its text and its headings.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::document::{Block, Document, Kind, Notice, Region, Section};
use crate::error::ExtractError;
use crate::format::Format;
use crate::limits::{Budget, within};

/// The most characters of a heading: what is longer is a paragraph in large type.
const LONGEST_HEADING: usize = 300;

/// Collects a document.
pub(crate) struct Writer<'a> {
    pub(crate) budget: &'a mut Budget,
    document: Document,
    /// The headings that the next block stands under.
    open: Vec<u32>,
    page: Option<u32>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(format: Format, budget: &'a mut Budget) -> Self {
        let document = Document {
            format,
            title: None,
            pages: None,
            text: String::new(),
            blocks: Vec::new(),
            sections: Vec::new(),
            notices: Vec::new(),
        };
        Self { budget, document, open: Vec::new(), page: None }
    }

    /// The next blocks are on this page.
    pub(crate) fn page(&mut self, page: u32) -> Result<(), ExtractError> {
        self.budget.page(page as usize)?;
        self.page = Some(page);
        let pages = self.document.pages.unwrap_or_default();
        self.document.pages = Some(pages.max(page));
        Ok(())
    }

    pub(crate) fn title(&mut self, title: &str) {
        let title = one_line(title);
        if !title.is_empty() && self.document.title.is_none() {
            self.document.title = Some(title);
        }
    }

    pub(crate) fn notice(&mut self, notice: Notice) {
        self.document.notices.push(notice);
    }

    /// A heading: what follows stands under it, until the next one that is as high.
    pub(crate) fn heading(&mut self, level: u8, text: &str) -> Result<(), ExtractError> {
        self.heading_at(level, text, None)
    }

    pub(crate) fn heading_at(
        &mut self,
        level: u8,
        text: &str,
        region: Option<Region>,
    ) -> Result<(), ExtractError> {
        let title = one_line(text);
        if title.is_empty() {
            return Ok(());
        }
        if title.chars().count() > LONGEST_HEADING {
            return self.block_at(Kind::Paragraph, text, region);
        }
        self.enter(level, &title)?;
        self.block_at(Kind::Heading, &title, region)
    }

    /// What follows stands under this heading, whose text is not part of the document's.
    pub(crate) fn enter(&mut self, level: u8, title: &str) -> Result<(), ExtractError> {
        let sections = &self.document.sections;
        let is_under =
            |parent: &u32| sections.get(*parent as usize).is_some_and(|parent| parent.level < level);
        while self.open.last().is_some_and(|last| !is_under(last)) {
            self.open.pop();
        }
        let parent = self.open.last().copied();
        let index = u32::try_from(sections.len()).unwrap_or(u32::MAX);
        within("headings", u64::from(index), self.budget.limits.blocks)?;
        self.document.sections.push(Section { title: one_line(title), level, parent });
        self.open.push(index);
        Ok(())
    }

    pub(crate) fn block(&mut self, kind: Kind, text: &str) -> Result<(), ExtractError> {
        self.block_at(kind, text, None)
    }

    pub(crate) fn block_at(
        &mut self,
        kind: Kind,
        text: &str,
        region: Option<Region>,
    ) -> Result<(), ExtractError> {
        self.budget.step()?;
        // A null character ends a text in some stores.
        let text: Cow<'_, str> =
            if text.contains('\0') { text.replace('\0', "").into() } else { text.into() };
        // Spaces at a line's beginning mean something in code.
        let text = if kind == Kind::Code { text.trim_matches('\n').trim_end() } else { text.trim() };
        if text.trim().is_empty() {
            return Ok(());
        }
        let document = &mut self.document;
        within("blocks", document.blocks.len() as u64 + 1, self.budget.limits.blocks)?;
        within("bytes of text", (document.text.len() + text.len()) as u64, self.budget.limits.text)?;
        if !document.text.is_empty() {
            document.text.push_str("\n\n");
        }
        let start = document.text.len();
        document.text.push_str(text);
        let range = start..document.text.len();
        let section = self.open.last().copied();
        document.blocks.push(Block { kind, range, page: self.page, section, region });
        Ok(())
    }

    pub(crate) fn finish(self) -> Document {
        self.document
    }
}

/// Adds something that is formatted.
pub(crate) fn add(text: &mut String, what: fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(what);
}

/// A text in one line, with single spaces.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}
