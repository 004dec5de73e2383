//! A chunk: a passage of a document, with where it stands in it and what is known of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is known of a chunk beside its text, by name: tags, author, year.
pub type Metadata = BTreeMap<String, Field>;

/// A passage of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chunk {
    /// Unique in its collection; the same for the same piece of the same content.
    pub id: String,
    /// The document that it is of.
    pub document_id: String,
    /// The repository that the document is in.
    pub repository_id: String,
    /// The collection of that repository.
    pub collection_id: String,
    /// Name of the source, as people know it: `handbook.pdf`.
    pub source: String,
    /// Headings that it stands below, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<String>,
    /// Pages that it stands on, where the document has pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<Pages>,
    /// Where it stands in the document's text.
    pub span: Span,
    /// The passage itself, without headings. NUL characters are left out when it is kept.
    pub text: String,
    /// What else is known of it.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
}

/// Pages, counted from one, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pages {
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

/// A range of a document's text in characters (Unicode scalar values), counted from zero, the end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first character.
    pub start: u64,
    /// The first character after it.
    pub end: u64,
}

/// One value, or several of which any may match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Field {
    /// One value.
    One(Scalar),
    /// Several values, such as tags.
    Many(Vec<Scalar>),
}

/// A plain value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A text. Dates in ISO 8601 are texts that order as dates do.
    Text(String),
}

impl Field {
    /// Its values, one or several.
    pub fn values(&self) -> &[Scalar] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Self::One(text.into())
    }
}

impl From<f64> for Field {
    fn from(number: f64) -> Self {
        Self::One(number.into())
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<f64> for Scalar {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Scalar {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl Chunk {
    /// Its headings as one line, outermost first; empty where there are none.
    pub fn heading_path(&self) -> String {
        self.headings.join(" › ")
    }

    /// What a filter sees of a field: `documentId`, `source` and `page` are the chunk's own, anything else metadata.
    ///
    /// A chunk on pages 3 to 5 has the values 3, 4 and 5 as its `page`.
    pub(crate) fn field(&self, name: &str) -> Vec<Scalar> {
        match name {
            "documentId" => vec![self.document_id.as_str().into()],
            "source" => vec![self.source.as_str().into()],
            "page" => {
                let pages = self.pages.into_iter().flat_map(|pages| pages.first..=pages.last);
                pages.map(|page| f64::from(page).into()).collect()
            }
            _ => self.metadata.get(name).map(|field| field.values().to_vec()).unwrap_or_default(),
        }
    }
}
