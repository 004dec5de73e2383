//! A conversation for people: the branch that is shown, in Markdown.

use std::fmt::Write as _;

use lisa_api::sessions::Session;
use lisa_store::sessions::words;
use serde_json::Value;

/// The conversation as Markdown.
pub fn export(session: &Session) -> String {
    let name = session.summary.name.as_deref().unwrap_or(&session.summary.session_id);
    let mut text = format!("# {}\n\n{}\n", name.replace('\n', " "), session.summary.create_time);
    for message in &session.history {
        let kind = ["type", "role"].iter().find_map(|name| message.get(*name).and_then(Value::as_str));
        let who = match kind {
            Some("human" | "user") => "You",
            Some("ai" | "assistant") => "Assistant",
            Some("system") => "System",
            _ => "Tool",
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "\n## {who}\n\n{}\n", words(message).trim_end());
    }
    text
}
