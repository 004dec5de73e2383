//! Conversations of other programs, and for people: what is exported and what is imported.
//!
//! Whatever a file comes from, it is read into branches: lists of messages from the first one to a last one. They share
//! their beginnings, and so does what is stored of them.

mod chatgpt;
mod lisa;
mod markdown;
mod tree;
mod webui;

use serde_json::{Map, Value};

pub use lisa::export as to_json;
pub use markdown::export as to_markdown;

/// A conversation to import.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversation {
    /// What it was called by where it comes from: importing it again makes no second one.
    pub source: String,
    /// Its name.
    pub name: Option<String>,
    /// When it was made, in RFC 3339.
    pub created: Option<String>,
    /// Its settings.
    pub settings: Option<Value>,
    /// Its branches; the last one is shown.
    pub branches: Vec<Vec<Map<String, Value>>>,
}

/// Reads a file of any format that is known: LISA's own, the export of ChatGPT, Open WebUI or LibreChat.
pub fn read(bytes: &[u8]) -> Result<Vec<Conversation>, String> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| format!("the file is no JSON: {error}"))?;
    let one = |value: Value| {
        let format = [lisa::read, chatgpt::read, webui::open_webui, webui::libre_chat];
        format
            .into_iter()
            .find_map(|read| read(&value))
            .ok_or_else(|| "the file is none that LISA, ChatGPT, Open WebUI or LibreChat exports".to_owned())
    };
    match value {
        Value::Array(values) => values.into_iter().map(one).collect(),
        Value::Object(mut fields) => match fields.remove("sessions") {
            Some(Value::Array(sessions)) => sessions.into_iter().map(one).collect(),
            Some(_) => Err("`sessions` is no list".to_owned()),
            None => one(Value::Object(fields)).map(|one| vec![one]),
        },
        _ => Err("the file holds neither a conversation nor a list of them".to_owned()),
    }
}

/// A message as the page puts it.
fn message(kind: &str, content: String) -> Map<String, Value> {
    let fields =
        [("type", kind.into()), ("content", content.into()), ("metadata", Value::Object(Map::new()))];
    fields.into_iter().map(|(name, value): (&str, Value)| (name.to_owned(), value)).collect()
}

/// The page's word for who speaks; none for what people do not see.
fn kind(role: &str) -> Option<&'static str> {
    match role {
        "user" | "human" => Some("human"),
        "assistant" | "ai" => Some("ai"),
        "system" => Some("system"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
