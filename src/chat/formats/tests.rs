//! Files as other programs write them.

use serde_json::json;

use super::*;

fn said(branch: &[Map<String, Value>]) -> Vec<&str> {
    branch.iter().filter_map(|message| message["content"].as_str()).collect()
}

fn only(value: &Value) -> Conversation {
    let mut read = read(value.to_string().as_bytes()).unwrap();
    assert_eq!(read.len(), 1);
    read.remove(0)
}

#[test]
fn chatgpt_keeps_its_branches() {
    let node = |parent: Value, role: &str, text: &str| json!({ "parent": parent, "message": { "author": { "role": role }, "content": { "parts": [text] } } });
    let file = json!([{
        "title": "Rust", "conversation_id": "c-1", "create_time": 1_700_000_000.25, "current_node": "d",
        "mapping": {
            "root": { "parent": null, "message": null },
            "s": node(json!("root"), "system", ""),
            "a": node(json!("s"), "user", "Why?"),
            "b": node(json!("a"), "assistant", "Because."),
            "c": node(json!("a"), "tool", "hidden"),
            "d": node(json!("c"), "assistant", "So that."),
        },
    }]);
    let read = only(&file);
    assert_eq!((read.name.as_deref(), read.source.as_str()), (Some("Rust"), "c-1"));
    assert_eq!(read.branches.len(), 2);
    assert_eq!(said(&read.branches[0]), ["Why?", "Because."]);
    assert_eq!(said(&read.branches[1]), ["Why?", "So that."], "the branch that was shown comes last");
    assert_eq!(read.branches[1][0]["type"], "human");
    assert!(read.created.unwrap().starts_with("2023-11-14T22:13:20.25"));
}

#[test]
fn open_webui_and_libre_chat_are_read() {
    let open = json!([{ "id": "o", "title": "T", "chat": { "history": { "currentId": "2", "messages": {
        "1": { "parentId": null, "role": "user", "content": "Hi" },
        "2": { "parentId": "1", "role": "assistant", "content": "Hello" },
    } } } }]);
    assert_eq!(said(&only(&open).branches[0]), ["Hi", "Hello"]);
    let libre = json!({ "conversationId": "l", "title": "T", "messages": [
        { "messageId": "1", "parentMessageId": "0000", "isCreatedByUser": true, "text": "Hi" },
        { "messageId": "2", "parentMessageId": "1", "isCreatedByUser": false, "text": "Hello" },
    ] });
    assert_eq!(said(&only(&libre).branches[0]), ["Hi", "Hello"]);
}

#[test]
fn a_circle_of_parents_ends() {
    let file = json!({ "conversationId": "l", "messages": [
        { "messageId": "1", "parentMessageId": "2", "isCreatedByUser": true, "text": "a" },
        { "messageId": "2", "parentMessageId": "1", "isCreatedByUser": true, "text": "b" },
    ] });
    assert!(only(&file).branches.iter().all(|branch| branch.len() <= 2));
}

#[test]
fn other_files_are_refused_in_words() {
    for (file, named) in
        [("{", "no JSON"), ("1", "neither"), ("[{}]", "Open WebUI"), ("{\"sessions\":1}", "no list")]
    {
        assert!(read(file.as_bytes()).unwrap_err().contains(named), "{file}");
    }
}
