//! What the gateway must know of a form (`multipart/form-data`): its field `model`, found without changing the rest.
//!
//! A form that two readers could read differently is refused, so that the upstream cannot find another model in it than the
//! one that the caller was let in for. Source: RFC 7578 and RFC 2046, 5.1.

use std::ops::Range;

use memchr::memmem;

/// Bytes that the head of a part may have.
const HEAD: usize = 16 * 1024;

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// The model.
    pub model: Option<String>,
    /// Where it stands.
    pub model_at: Option<Range<usize>>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
}

/// Why a form cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Another type of body.
    #[error("the body is no form: `Content-Type` has to be `multipart/form-data` with a `boundary`")]
    Type,
    /// Parts that do not follow one another as they have to.
    #[error("the form is broken: {0}")]
    Broken(&'static str),
}

use FormError::Broken;

/// Reads a form.
pub fn read(kind: Option<&str>, body: &[u8]) -> Result<Form, FormError> {
    let boundary = kind.and_then(boundary).ok_or(FormError::Type)?;
    let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
    let finder = memmem::Finder::new(&delimiter);
    let mut form = Form::default();
    // The first one has no line before it.
    let first = &delimiter[2..];
    if !body.starts_with(first) {
        return Err(Broken("it does not begin with its boundary"));
    }
    let mut at = first.len();
    loop {
        match body.get(at..at + 2) {
            Some(b"--") => return Ok(form),
            Some(b"\r\n") => at += 2,
            _ => return Err(Broken("a boundary is not at the end of its line")),
        }
        // A part without a head has the line that ends it alone.
        let head = memmem::find(&body[at..body.len().min(at + HEAD)], b"\r\n\r\n");
        let head = head.ok_or(Broken("the head of a part has no end"))?;
        let start = at + head + 4;
        let end = finder.find(&body[start - 2..]).ok_or(Broken("its last boundary is missing"))?;
        let content = start..(start - 2 + end).max(start);
        let name = field(&body[at..at + head])?;
        at = start - 2 + end + delimiter.len();
        form.take(&name, content, body)?;
    }
}

impl Form {
    fn take(&mut self, name: &Field, content: Range<usize>, body: &[u8]) -> Result<(), FormError> {
        let is_model = name.name == "model";
        if !is_model && name.name != "stream" {
            return Ok(());
        }
        if !name.is_plain {
            return Err(Broken("`model` and `stream` have to be plain fields"));
        }
        let text = std::str::from_utf8(&body[content.clone()]).map_err(|_| Broken("a field is no UTF-8"))?;
        if is_model {
            if self.model.is_some() {
                return Err(Broken("`model` stands in it twice"));
            }
            self.model = Some(text.to_owned());
            self.model_at = Some(content);
        } else {
            self.stream = text.eq_ignore_ascii_case("true") || text == "1";
        }
        Ok(())
    }
}

/// The boundary of a form's type.
fn boundary(kind: &str) -> Option<String> {
    let (name, rest) = kind.split_once(';')?;
    if !name.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut found = None;
    for (name, value) in parameters(rest)? {
        if name.eq_ignore_ascii_case("boundary") && found.replace(value).is_some() {
            return None;
        }
    }
    let is_sound =
        |text: &String| (1..=70).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b));
    found.filter(is_sound)
}

/// `; name=value; name="value"`. None where it is anything else.
fn parameters(text: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = text.trim().trim_start_matches(';').trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim();
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || ";\"".contains(c)) {
            return None;
        }
        let (value, after) = if let Some(quoted) = after.strip_prefix('"') {
            quoted.split_once('"')?
        } else {
            let end = after.find(';').unwrap_or(after.len());
            (after[..end].trim_end(), &after[end..])
        };
        found.push((name.to_owned(), value.to_owned()));
        let after = after.trim_start();
        rest = match after.strip_prefix(';') {
            Some(more) => more.trim_start(),
            None if after.is_empty() => "",
            None => return None,
        };
    }
    Some(found)
}

/// What a part is.
struct Field {
    name: String,
    /// Whether it is neither a file nor encoded.
    is_plain: bool,
}

fn field(head: &[u8]) -> Result<Field, FormError> {
    let head = std::str::from_utf8(head).map_err(|_| Broken("the head of a part is no UTF-8"))?;
    let (mut name, mut is_plain) = (None, true);
    for line in head.split("\r\n") {
        let (key, value) =
            line.split_once(':').ok_or(Broken("the head of a part has a line that is none"))?;
        if key.is_empty() || key.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(Broken("the head of a part has a line that is none"));
        }
        if value.contains(['\r', '\n', '\0']) {
            return Err(Broken("the head of a part has a line that is none"));
        }
        if key.eq_ignore_ascii_case("content-transfer-encoding") {
            is_plain = false;
        }
        if !key.eq_ignore_ascii_case("content-disposition") {
            continue;
        }
        let (kind, rest) = value.split_once(';').ok_or(Broken("a part has no name"))?;
        if !kind.trim().eq_ignore_ascii_case("form-data") || name.is_some() {
            return Err(Broken("a part has to have one `Content-Disposition: form-data`"));
        }
        for (key, value) in parameters(rest).ok_or(Broken("the name of a part cannot be read"))? {
            match key.to_ascii_lowercase().as_str() {
                "name" if name.is_none() && !value.contains('\\') => name = Some(value),
                "name" | "name*" => return Err(Broken("a part has two names, or a coded one")),
                _ => is_plain = false,
            }
        }
    }
    let name = name.ok_or(Broken("a part has no name"))?;
    Ok(Field { name, is_plain })
}

#[cfg(test)]
mod tests;
