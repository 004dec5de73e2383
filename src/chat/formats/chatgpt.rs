//! ChatGPT's export: `conversations.json`, a list of conversations whose messages are in a `mapping`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tree::{self, Node};
use super::{Conversation, kind, message};
use crate::clock;

pub(super) fn read(value: &Value) -> Option<Conversation> {
    let mapping = value.get("mapping")?.as_object()?;
    let nodes: BTreeMap<String, Node> =
        mapping.iter().map(|(id, node)| (id.clone(), read_node(node))).collect();
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let source = text("conversation_id").or_else(|| text("id")).or_else(|| mapping.keys().next().cloned());
    Some(Conversation {
        source: source.unwrap_or_default(),
        name: text("title"),
        created: value.get("create_time").and_then(clock::parse),
        settings: None,
        branches: tree::branches(&nodes, value.get("current_node").and_then(Value::as_str)),
    })
}

fn read_node(node: &Value) -> Node {
    let parent = node.get("parent").and_then(Value::as_str).map(str::to_owned);
    let said = &node["message"];
    let content = words(&said["content"]);
    let kind = said["author"]["role"].as_str().and_then(kind).filter(|_| !content.trim().is_empty());
    Node { parent, message: kind.map(|kind| message(kind, content)) }
}

/// The texts of a message's parts; parts that are no text, such as images, are not in the file.
fn words(content: &Value) -> String {
    let parts = content["parts"].as_array().into_iter().flatten();
    let texts = parts.filter_map(|part| part.as_str().or_else(|| part["text"].as_str()));
    let texts: Vec<&str> = texts.chain(content["text"].as_str()).collect();
    texts.join("\n")
}
