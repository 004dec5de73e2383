//! The exports of Open WebUI and of LibreChat, whose messages name their parents as well.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tree::{self, Node};
use super::{Conversation, kind, message};
use crate::clock;

/// A chat of Open WebUI: `{"id": …, "title": …, "chat": {"history": {"messages": {…}, "currentId": …}}}`.
pub(super) fn open_webui(value: &Value) -> Option<Conversation> {
    let chat = value.get("chat")?;
    let history = chat.get("history")?;
    let messages = history.get("messages")?.as_object()?;
    let nodes: BTreeMap<String, Node> =
        messages.iter().map(|(id, said)| (id.clone(), node(said, "parentId", "role", "content"))).collect();
    let text =
        |name: &str| value.get(name).or_else(|| chat.get(name)).and_then(Value::as_str).map(str::to_owned);
    Some(Conversation {
        source: text("id").unwrap_or_default(),
        name: text("title"),
        created: value.get("created_at").and_then(clock::parse),
        settings: None,
        branches: tree::branches(&nodes, history.get("currentId").and_then(Value::as_str)),
    })
}

/// A conversation of LibreChat: `{"conversationId": …, "title": …, "messages": […]}`.
pub(super) fn libre_chat(value: &Value) -> Option<Conversation> {
    let source = value.get("conversationId")?.as_str()?.to_owned();
    let messages = value.get("messages")?.as_array()?;
    let nodes: BTreeMap<String, Node> = messages
        .iter()
        .filter_map(|said| {
            let mut said = said.clone();
            let by_person = said.get("isCreatedByUser").and_then(Value::as_bool) == Some(true);
            said["role"] = if by_person { "user" } else { "assistant" }.into();
            let id = said.get("messageId")?.as_str()?.to_owned();
            Some((id, node(&said, "parentMessageId", "role", "text")))
        })
        .collect();
    let last = messages.last().and_then(|last| last.get("messageId")).and_then(Value::as_str);
    Some(Conversation {
        source,
        name: value.get("title").and_then(Value::as_str).map(str::to_owned),
        created: None,
        settings: None,
        branches: tree::branches(&nodes, last),
    })
}

fn node(said: &Value, parent: &str, role: &str, content: &str) -> Node {
    let text = |name: &str| said.get(name).and_then(Value::as_str);
    let content = text(content).unwrap_or_default();
    let kind = text(role).and_then(kind).filter(|_| !content.trim().is_empty());
    Node {
        parent: text(parent).map(str::to_owned),
        message: kind.map(|kind| message(kind, content.to_owned())),
    }
}
