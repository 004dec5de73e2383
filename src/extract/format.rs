//! The formats that are read, told by a file's name and its first bytes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Portable Document Format.
    Pdf,
    /// A text document of Office Open XML.
    Docx,
    /// Slides of Office Open XML.
    Pptx,
    /// Sheets of Office Open XML.
    Xlsx,
    /// HTML.
    Html,
    /// Markdown.
    Markdown,
    /// Rich Text Format.
    Rtf,
    /// Values separated by commas, semicolons or tabs.
    Csv,
    /// JSON, or a JSON value on each line.
    Json,
    /// YAML.
    Yaml,
    /// XML.
    Xml,
    /// Text whose lines mean something: programs, style sheets.
    Code,
    /// Any other text.
    Text,
}

/// File name extensions and what they stand for. Of text formats the list is upstream's and its page's.
const EXTENSIONS: [(&str, Format); 25] = [
    ("pdf", Format::Pdf),
    ("docx", Format::Docx),
    ("pptx", Format::Pptx),
    ("xlsx", Format::Xlsx),
    ("xlsm", Format::Xlsx),
    ("docm", Format::Docx),
    ("html", Format::Html),
    ("htm", Format::Html),
    ("xhtml", Format::Html),
    ("md", Format::Markdown),
    ("markdown", Format::Markdown),
    ("rtf", Format::Rtf),
    ("csv", Format::Csv),
    ("tsv", Format::Csv),
    ("json", Format::Json),
    ("jsonl", Format::Json),
    ("ndjson", Format::Json),
    ("yaml", Format::Yaml),
    ("yml", Format::Yaml),
    ("xml", Format::Xml),
    ("css", Format::Code),
    ("js", Format::Code),
    ("txt", Format::Text),
    ("text", Format::Text),
    ("log", Format::Text),
];

impl Format {
    /// The format of a file. What its first bytes say goes before its name.
    pub fn of(name: &str, bytes: &[u8]) -> Option<Self> {
        let extension = name.rsplit(['/', '\\']).next().and_then(|name| name.rsplit_once('.'));
        let extension = extension.map(|(_, extension)| extension.to_ascii_lowercase());
        let named = EXTENSIONS.iter().find(|(known, _)| extension.as_deref() == Some(*known));
        let named = named.map(|(_, format)| *format);
        // Junk may stand before a PDF's head: readers look for it in the first kilobyte.
        let head = &bytes[..bytes.len().min(1024)];
        if head.windows(5).any(|window| window == b"%PDF-") && named.is_none_or(|named| named == Self::Pdf) {
            return Some(Self::Pdf);
        }
        if bytes.starts_with(b"{\\rtf") {
            return Some(Self::Rtf);
        }
        named
    }

    /// The extensions that are known, for messages.
    pub fn extensions() -> Vec<&'static str> {
        EXTENSIONS.iter().map(|(extension, _)| *extension).collect()
    }

    /// Its name among people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Docx => "DOCX",
            Self::Pptx => "PPTX",
            Self::Xlsx => "XLSX",
            Self::Html => "HTML",
            Self::Markdown => "Markdown",
            Self::Rtf => "RTF",
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Xml => "XML",
            Self::Code | Self::Text => "text",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
