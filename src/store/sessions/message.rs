//! A message: what was said, after which other one.

use serde_json::{Map, Value};

use super::chain::MessageId;
use crate::table::Item;

/// The longest beginning of a session that its head shows, in characters.
const FIRST_WORDS: usize = 160;

/// A message of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The one that it follows; none for the first.
    pub parent: Option<MessageId>,
    /// When it was written, in RFC 3339.
    pub created: String,
    /// What it says, as the client put it: `type`, `content`, `metadata`.
    pub body: Map<String, Value>,
}

impl Message {
    pub(super) fn read(item: &Item, text: &str) -> Result<Self, String> {
        let field = |name: &str| item.get(name).and_then(Value::as_str);
        let id = field("id").and_then(MessageId::parse).ok_or("a message has no id")?;
        let body = serde_json::from_str(text).map_err(|error| format!("message `{id}`: {error}"))?;
        let parent = field("parent").and_then(MessageId::parse);
        Ok(Self { id, parent, created: field("created").unwrap_or_default().to_owned(), body })
    }
}

/// The text of a message's content: the text itself, or that of each of its parts.
pub fn words(body: &Map<String, Value>) -> String {
    match body.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// The beginning of the first thing that a person said.
pub(super) fn first_words(messages: &[Map<String, Value>]) -> Option<String> {
    let by_person = |body: &&Map<String, Value>| {
        ["type", "role"]
            .iter()
            .any(|name| matches!(body.get(*name).and_then(Value::as_str), Some("human" | "user")))
    };
    let text = messages.iter().filter(by_person).map(words).find(|text| !text.trim().is_empty())?;
    Some(text.trim().chars().take(FIRST_WORDS).collect())
}

/// Tokens that messages say they took, by upstream's name or OpenAI's.
pub(super) fn tokens(messages: &[Map<String, Value>]) -> i64 {
    let of = |body: &Map<String, Value>| {
        let places = [body.get("usage"), body.get("metadata").and_then(|metadata| metadata.get("usage"))];
        let usage = places.into_iter().flatten().next()?;
        ["totalTokens", "total_tokens"].iter().find_map(|name| usage.get(*name)?.as_i64())
    };
    messages.iter().filter_map(of).filter(|tokens| *tokens > 0).sum()
}
