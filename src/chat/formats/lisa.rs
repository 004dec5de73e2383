//! LISA's own export: sessions as the API answers them, so that nothing is lost between two deployments.

use lisa_api::sessions::{Session, TreeMessage};
use serde_json::{Map, Value, json};

use super::Conversation;
use super::tree::{self, Node};
use crate::clock;

/// A session with the messages of every branch.
pub fn export(session: &Session, messages: &[TreeMessage]) -> Value {
    json!({ "format": "lisa", "sessions": [{
        "sessionId": session.summary.session_id,
        "name": session.summary.name,
        "createTime": session.summary.create_time,
        "configuration": session.configuration,
        "lastId": session.message_ids.last(),
        "messages": messages,
    }] })
}

/// A session of an export, or one that the API has answered.
pub(super) fn read(value: &Value) -> Option<Conversation> {
    let source = value.get("sessionId")?.as_str()?.to_owned();
    let branches = match (value.get("messages"), value.get("history")) {
        (Some(Value::Array(messages)), _) => {
            let nodes = messages.iter().filter_map(|message| {
                let parent = message.get("parentId").and_then(Value::as_str).map(str::to_owned);
                let node = Node { parent, message: message.get("message")?.as_object().cloned() };
                Some((message.get("id")?.as_str()?.to_owned(), node))
            });
            tree::branches(&nodes.collect(), value.get("lastId").and_then(Value::as_str))
        }
        (_, Some(Value::Array(history))) => {
            vec![history.iter().filter_map(Value::as_object).cloned().collect::<Vec<Map<_, _>>>()]
        }
        _ => return None,
    };
    let settings = value.get("configuration").filter(|settings| !settings.is_null()).cloned();
    let name = value.get("name").and_then(Value::as_str).map(str::to_owned);
    let created = value.get("createTime").and_then(clock::parse);
    Some(Conversation { source, name, created, settings, branches })
}
