//! Reads the error out of a refusal, in any of the forms in which AWS's services write one.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::error::{Error, Why};
use crate::xml::Element;

/// As much of a body that is neither JSON nor XML as is worth showing.
const LONGEST: usize = 500;

/// The error of an answer: in JSON, with its code in a header or in the body, or in XML.
pub(crate) fn read(action: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let text = String::from_utf8_lossy(body);
    let (code, message) = in_json(body).or_else(|| in_xml(&text)).unwrap_or_default();
    let named = headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let message = if message.is_empty() { text.chars().take(LONGEST).collect() } else { message };
    let code = bare(named.unwrap_or(&code)).to_owned();
    let (action, body) = (action.to_owned(), Bytes::copy_from_slice(body));
    Error { action, why: Why::Refused, status: Some(status.as_u16()), code, message, body }
}

fn in_json(body: &[u8]) -> Option<(String, String)> {
    let fields: Value = serde_json::from_slice(body).ok()?;
    let first = |names: &[&str]| names.iter().find_map(|name| fields[*name].as_str()).map(str::to_owned);
    let code = first(&["__type", "code", "Code"]).unwrap_or_default();
    Some((code, first(&["message", "Message", "errorMessage"]).unwrap_or_default()))
}

fn in_xml(text: &str) -> Option<(String, String)> {
    let root = Element::parse(text).ok()?;
    let error = root.find("Error").unwrap_or(&root);
    let field = |name| error.text_at(name).unwrap_or_default().to_owned();
    Some((field("Code"), field("Message")))
}

/// `com.amazonaws.ssm#ParameterNotFound` and `ParameterNotFound:http://…` are `ParameterNotFound`.
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default()
}
