//! A document as text with its structure: what every format is read into, and what chunks are cut from.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::format::Format;

/// A document's text, and what each part of it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// What it was read as.
    pub format: Format,
    /// Its title, where it says one.
    pub title: Option<String>,
    /// How many pages, slides or sheets it has; `None` for a format that has none.
    pub pages: Option<u32>,
    /// All of its text, the blocks one after the other with an empty line between them.
    pub text: String,
    /// The parts of the text, in order and without overlap.
    pub blocks: Vec<Block>,
    /// The headings that the blocks stand under, in order.
    pub sections: Vec<Section>,
    /// What a reader of the text should know.
    pub notices: Vec<Notice>,
}

/// A part of a document's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// Where it is in the document's text, in bytes of UTF-8.
    pub range: Range<usize>,
    /// The page, slide or sheet that it begins on, counted from 1.
    pub page: Option<u32>,
    /// The heading that it stands under, as an index into the document's sections. A heading stands under itself.
    pub section: Option<u32>,
    /// Where it is on its page.
    pub region: Option<Region>,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A heading.
    Heading,
    /// Running text.
    Paragraph,
    /// Items of a list, one a line.
    List,
    /// A table in Markdown: the first line is its header, the second a rule, then a line for each row.
    Table,
    /// Text whose lines and spaces mean something.
    Code,
}

/// A heading and the one above it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// Its text.
    pub title: String,
    /// 1 is the highest.
    pub level: u8,
    /// The heading that it stands under, as an index into the document's sections: always a smaller one.
    pub parent: Option<u32>,
}

/// A rectangle on a page, in whole points (1/72 inch) from the page's upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    /// Left edge.
    pub left: i32,
    /// Upper edge.
    pub top: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

impl Region {
    /// The smallest rectangle around both.
    pub fn union(self, other: Self) -> Self {
        let right = (self.left + self.width).max(other.left + other.width);
        let bottom = (self.top + self.height).max(other.top + other.height);
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        Self { left, top, width: right - left, height: bottom - top }
    }
}

/// What a reader of the text should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "notice")]
pub enum Notice {
    /// Pages that show something but hold no text: scans, which only character recognition could read.
    #[serde(rename_all = "camelCase")]
    PagesWithoutText {
        /// Their numbers, counted from 1.
        pages: Vec<u32>,
    },
    /// Bytes that are no text in the encoding, replaced by U+FFFD.
    #[serde(rename_all = "camelCase")]
    ReplacedCharacters {
        /// The encoding that the text was read in.
        encoding: String,
    },
}

impl Document {
    /// The text of a block.
    pub fn text_of(&self, block: &Block) -> &str {
        self.text.get(block.range.clone()).unwrap_or_default()
    }

    /// The headings that a section stands under and its own, the highest first.
    pub fn path(&self, section: Option<u32>) -> Vec<String> {
        let mut path = Vec::new();
        let mut at = section;
        while let Some(section) = at.and_then(|index| self.sections.get(index as usize)) {
            path.push(section.title.clone());
            // Parents come first, so that a path always ends.
            at = section.parent.filter(|parent| Some(*parent) < at);
        }
        path.reverse();
        path
    }

    /// Whether there is nothing to search in it.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Pages that only character recognition could read.
    pub fn pages_without_text(&self) -> &[u32] {
        let pages = self.notices.iter().find_map(|notice| match notice {
            Notice::PagesWithoutText { pages } => Some(pages.as_slice()),
            Notice::ReplacedCharacters { .. } => None,
        });
        pages.unwrap_or_default()
    }
}
