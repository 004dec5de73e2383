//! What the gateway must know of a request's body, read without keeping or changing the rest.
//!
//! The body is checked to be JSON as a whole, so that the upstream cannot read another model from it than the one that
//! the caller was let in for: a key that stands twice is an error, and so is anything that is not JSON.

use std::ops::Range;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::protocol::form::{self, FormError};

/// The top-level values of a body that the gateway looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peek {
    /// The model.
    pub model: Option<String>,
    /// Where its value stands, quotes included; in a form there are none.
    pub model_at: Option<Range<usize>>,
    /// Whether the body is a form.
    pub is_form: bool,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// Where the value of `stream_options` stands.
    pub stream_options_at: Option<Range<usize>>,
    /// Whether the caller asks for usage at a stream's end.
    pub include_usage: bool,
    /// Where that is said in the body, also where it is said that it is not wanted.
    pub include_usage_at: Option<Range<usize>>,
    /// Where the value of `user` stands.
    pub user_at: Option<Range<usize>>,
}

/// Why a body cannot be read, for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeekError {
    /// Not one JSON object.
    #[error("the body is not a JSON object: {0}")]
    Json(String),
    /// A value of another type than it has to be.
    #[error("`{0}` has to be {1}")]
    Type(&'static str, &'static str),
    /// Not a form that can be read.
    #[error(transparent)]
    Form(#[from] FormError),
}

#[derive(Deserialize)]
struct Top<'a> {
    #[serde(borrow, default, deserialize_with = "written")]
    model: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "written")]
    stream: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "written")]
    stream_options: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "written")]
    user: Option<&'a RawValue>,
}

/// A value as it is written, also where it is `null`.
fn written<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(value).map(Some)
}

#[derive(Default, Deserialize)]
struct StreamOptions<'a> {
    #[serde(borrow, default, deserialize_with = "written")]
    include_usage: Option<&'a RawValue>,
}

impl Peek {
    /// Reads a body.
    pub fn read(body: &[u8]) -> Result<Self, PeekError> {
        if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(PeekError::Json("it does not begin with `{`".to_owned()));
        }
        let top: Top<'_> =
            serde_json::from_slice(body).map_err(|error| PeekError::Json(error.to_string()))?;
        let at = |value: Option<&RawValue>| value.map(|value| range(body, value));
        let model = top.model.filter(|value| value.get() != "null");
        let options = top.stream_options.filter(|value| value.get() != "null");
        let options: StreamOptions<'_> = parse(options, "stream_options", "an object")?.unwrap_or_default();
        let wanted = options.include_usage.filter(|value| value.get() != "null");
        Ok(Self {
            model: parse(model, "model", "text")?,
            model_at: at(model),
            stream: parse(top.stream.filter(|value| value.get() != "null"), "stream", "true or false")?
                .unwrap_or_default(),
            include_usage: parse(wanted, "stream_options.include_usage", "true or false")?
                .unwrap_or_default(),
            include_usage_at: at(options.include_usage),
            stream_options_at: at(top.stream_options),
            user_at: at(top.user),
            is_form: false,
        })
    }

    /// Reads a form of this type.
    pub fn read_form(kind: Option<&str>, body: &[u8]) -> Result<Self, PeekError> {
        let form::Form { model, model_at, stream } = form::read(kind, body)?;
        Ok(Self { model, model_at, stream, is_form: true, ..Self::default() })
    }

    /// The edit that gives the model another name; none where it has that one.
    pub fn renamed(&self, body: &[u8], name: &str) -> Option<Edit> {
        if self.model.as_deref() == Some(name) {
            return None;
        }
        let quoted = if self.is_form { name.to_owned() } else { serde_json::Value::from(name).to_string() };
        Some(set(body, "model", self.model_at.as_ref(), &quoted))
    }

    /// The edit that asks for a stream's usage; what else the caller wants of the stream stays.
    pub fn counted(&self, body: &[u8]) -> Edit {
        match (&self.include_usage_at, &self.stream_options_at) {
            (Some(value), _) => (value.clone(), Bytes::from_static(b"true")),
            (None, Some(options)) if body[options.start] == b'{' => {
                let (at, text) = set(&body[options.clone()], "include_usage", None, "true");
                (at.start + options.start..at.end + options.start, text)
            }
            (None, at) => set(body, "stream_options", at.as_ref(), r#"{"include_usage":true}"#),
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(
    value: Option<&'a RawValue>,
    name: &'static str,
    kind: &'static str,
) -> Result<Option<T>, PeekError> {
    let Some(value) = value else { return Ok(None) };
    serde_json::from_str(value.get()).map(Some).map_err(|_| PeekError::Type(name, kind))
}

/// Where a value that was borrowed from `body` stands in it.
fn range(body: &[u8], value: &RawValue) -> Range<usize> {
    let start = value.get().as_ptr() as usize - body.as_ptr() as usize;
    start..start + value.get().len()
}

/// A change of a body: bytes in place of a range, which is empty for an insertion.
pub type Edit = (Range<usize>, Bytes);

/// The body with the edits made, which must not overlap. Everything outside of them stays byte for byte.
pub fn splice(body: &Bytes, mut edits: Vec<Edit>) -> Bytes {
    if edits.is_empty() {
        return body.clone();
    }
    edits.sort_by_key(|(range, _)| range.start);
    let grown: usize = edits.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut spliced = Vec::with_capacity(body.len() + grown);
    let mut at = 0;
    for (range, bytes) in edits {
        spliced.extend_from_slice(&body[at..range.start]);
        spliced.extend_from_slice(&bytes);
        at = range.end;
    }
    spliced.extend_from_slice(&body[at..]);
    spliced.into()
}

/// The edit that gives a top-level key a value: in place of the one that is there, or as the object's first.
pub fn set(body: &[u8], key: &str, at: Option<&Range<usize>>, value: &str) -> Edit {
    if let Some(range) = at {
        return (range.clone(), Bytes::copy_from_slice(value.as_bytes()));
    }
    let open = body.iter().position(|byte| *byte == b'{').map_or(0, |open| open + 1);
    let is_empty = body[open..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'}');
    let comma = if is_empty { "" } else { "," };
    (open..open, Bytes::from(format!("\"{key}\":{value}{comma}")))
}

#[cfg(test)]
mod tests;
