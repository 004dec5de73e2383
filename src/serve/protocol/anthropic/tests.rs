//! Messages in both directions, in the shapes that Anthropic's reference documents.

use bytes::BytesMut;
use serde_json::{Value, json};

use super::*;
use crate::protocol::openai::{Answer, Chunk};

fn asked(body: &Value) -> Value {
    serde_json::to_value(chat(body.to_string().as_bytes()).unwrap()).unwrap()
}

#[test]
fn a_conversation_with_tools_becomes_one_of_chat_completions() {
    let body = json!({
        "model": "m", "max_tokens": 100, "temperature": 0.5, "top_k": 5, "stop_sequences": ["END"], "stream": true,
        "system": [{ "type": "text", "text": "Be brief.", "cache_control": { "type": "ephemeral" } }],
        "tools": [{ "name": "weather", "description": "d", "input_schema": { "type": "object" } }],
        "tool_choice": { "type": "any", "disable_parallel_tool_use": true },
        "metadata": { "user_id": "u" },
        "messages": [
            { "role": "user", "content": "Weather?" },
            { "role": "assistant", "content": [
                { "type": "thinking", "thinking": "hm", "signature": "sig" },
                { "type": "text", "text": "I look." },
                { "type": "tool_use", "id": "t1", "name": "weather", "input": { "z": 1, "a": 2 } },
                { "type": "tool_use", "id": "t2", "name": "weather", "input": {} },
            ] },
            { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": "t1", "content": "sun" },
                { "type": "tool_result", "tool_use_id": "t2", "is_error": true, "content": [
                    { "type": "text", "text": "no" },
                    { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "QUJD" } },
                ] },
                { "type": "text", "text": "And?" },
            ] },
        ],
    });
    assert_eq!(
        asked(&body),
        json!({
            "model": "m", "max_tokens": 100, "temperature": 0.5, "top_k": 5, "stop": ["END"], "stream": true,
            "user": "u", "parallel_tool_calls": false, "tool_choice": "required",
            "tools": [{ "type": "function",
                "function": { "name": "weather", "description": "d", "parameters": { "type": "object" } } }],
            "messages": [
                { "role": "system", "content": [{ "type": "text", "text": "Be brief." }] },
                { "role": "user", "content": "Weather?" },
                { "role": "assistant", "content": "I look.", "tool_calls": [
                    { "id": "t1", "type": "function", "function": { "name": "weather", "arguments": r#"{"a":2,"z":1}"# } },
                    { "id": "t2", "type": "function", "function": { "name": "weather", "arguments": "{}" } },
                ] },
                { "role": "tool", "content": "sun", "tool_call_id": "t1" },
                { "role": "tool", "content": "no", "tool_call_id": "t2" },
                { "role": "user", "content": [
                    { "type": "image_url", "image_url": { "url": "data:image/png;base64,QUJD" } },
                    { "type": "text", "text": "And?" },
                ] },
            ],
        })
    );
}

#[test]
fn arguments_keep_their_order() {
    let body = br#"{"model":"m","messages":[{"role":"assistant","content":[
        {"type":"tool_use","id":"t","name":"n","input":{"z":1.10,"a":2}}]}]}"#;
    let call = chat(body).unwrap().messages.remove(0).tool_calls.unwrap().remove(0);
    assert_eq!(call.function.arguments.as_deref(), Some(r#"{"z":1.10,"a":2}"#));
}

#[test]
fn what_cannot_be_said_is_told() {
    for (messages, tools, said) in [
        (json!([{ "role": "system", "content": "x" }]), json!(null), "role `system`"),
        (json!([{ "role": "user", "content": [{ "type": "search_result" }] }]), json!(null), "search_result"),
        (json!([{ "role": "user", "content": [{ "type": "image" }] }]), json!(null), "lacks `source`"),
        (
            json!([]),
            json!([{ "type": "web_search_20250305", "name": "web_search" }]),
            "only Anthropic's servers",
        ),
        (json!("x"), json!(null), "no request for Messages"),
    ] {
        let body = json!({ "model": "m", "messages": messages, "tools": tools });
        let failure = chat(body.to_string().as_bytes()).unwrap_err();
        assert!(failure.status == 400 && failure.message.contains(said), "{}", failure.message);
        assert_eq!(envelope(&failure)["error"]["type"], "invalid_request_error");
    }
}

#[test]
fn a_whole_answer() {
    let answer: Answer = serde_json::from_value(json!({
        "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": { "role": "assistant",
            "content": "I look.", "reasoning_content": "hm",
            "tool_calls": [{ "id": "t1", "type": "function", "function": { "name": "w", "arguments": "{\"z\":1}" } }] } }],
        "usage": { "prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14,
            "prompt_tokens_details": { "cached_tokens": 6 } },
    }))
    .unwrap();
    let written: Value = serde_json::from_slice(&write::answer("msg_1", "m", &answer)).unwrap();
    assert_eq!(
        written,
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
            "content": [
                { "type": "thinking", "thinking": "hm", "signature": "" },
                { "type": "text", "text": "I look." },
                { "type": "tool_use", "id": "t1", "name": "w", "input": { "z": 1 } },
            ],
            "stop_reason": "tool_use", "stop_sequence": null,
            "usage": { "input_tokens": 4, "cache_read_input_tokens": 6, "cache_creation_input_tokens": 0,
                "output_tokens": 4 },
        })
    );
}

#[test]
fn reasons_of_the_end() {
    for (finish, stop, expected) in [
        ("stop", Value::Null, "end_turn"),
        ("stop", json!("END"), "stop_sequence"),
        ("stop", json!(2), "end_turn"),
        ("length", Value::Null, "max_tokens"),
        ("content_filter", Value::Null, "refusal"),
    ] {
        let choice = json!({ "message": { "content": "x" }, "finish_reason": finish, "stop_reason": stop });
        let answer: Answer = serde_json::from_value(json!({ "choices": [choice] })).unwrap();
        let written: Value = serde_json::from_slice(&write::answer("i", "m", &answer)).unwrap();
        assert_eq!(written["stop_reason"], expected, "{finish} {stop}");
    }
}

/// Writes chunks as events: `(name, data)`.
fn events(deltas: &[Value]) -> Vec<(String, Value)> {
    let (mut stream, mut out) = (write::Stream::new("msg_1".to_owned(), "m".to_owned()), BytesMut::new());
    for chunk in deltas {
        let chunk: Chunk = serde_json::from_value(chunk.clone()).unwrap();
        stream.chunk(&chunk, &mut out);
    }
    stream.end(&mut out);
    let text = String::from_utf8(out.to_vec()).unwrap();
    let event = |event: &str| {
        let (name, data) = event.split_once('\n').unwrap();
        let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        (name.strip_prefix("event: ").unwrap().to_owned(), data)
    };
    text.split_terminator("\n\n").map(event).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "literals are passed")]
fn delta(delta: Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": delta }] })
}

fn call(index: u64, id: &str, name: &str, arguments: &str) -> Value {
    let mut call = json!({ "index": index, "function": { "arguments": arguments } });
    if !id.is_empty() {
        call["id"] = json!(id);
        call["function"]["name"] = json!(name);
    }
    delta(json!({ "tool_calls": [call] }))
}

/// Blocks as they are put together by a reader: the type, and all that came to it.
fn blocks(events: &[(String, Value)]) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut open = None;
    for (name, data) in events {
        let index = data["index"].as_u64();
        match name.as_str() {
            "content_block_start" => {
                assert_eq!((open, index), (None, Some(blocks.len() as u64)), "blocks follow one another");
                let block = &data["content_block"];
                let named = block["name"].as_str().map_or_else(String::new, |name| format!(" {name}"));
                blocks.push((format!("{}{named}", block["type"].as_str().unwrap()), String::new()));
                open = index;
            }
            "content_block_delta" => {
                assert_eq!(open, index);
                let delta = &data["delta"];
                let text = ["text", "thinking", "partial_json", "signature"]
                    .iter()
                    .find_map(|key| delta[*key].as_str());
                blocks.last_mut().unwrap().1.push_str(text.unwrap());
            }
            "content_block_stop" => assert_eq!(open.take(), index),
            _ => assert_eq!(open, None, "{name}"),
        }
    }
    blocks
}

#[test]
fn a_stream_of_thoughts_text_and_calls() {
    let events = events(&[
        delta(json!({ "role": "assistant", "content": "" })),
        delta(json!({ "reasoning_content": "hm" })),
        delta(json!({ "content": "I " })),
        delta(json!({ "content": "look." })),
        call(0, "t1", "weather", ""),
        call(0, "", "", "{\"a\""),
        call(0, "", "", ":1}"),
        call(1, "t2", "time", ""),
        call(1, "", "", "{}"),
        json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "tool_calls" }] }),
        json!({ "choices": [], "usage": { "prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8 } }),
    ]);
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names[0], names[names.len() - 1]), ("message_start", "message_stop"));
    assert!(events.iter().all(|(name, data)| data["type"] == name.as_str()));
    let expected =
        [("thinking", "hm"), ("text", "I look."), ("tool_use weather", "{\"a\":1}"), ("tool_use time", "{}")];
    assert_eq!(blocks(&events), expected.map(|(kind, text)| (kind.to_owned(), text.to_owned())));
    let (_, last) = &events[events.len() - 2];
    assert_eq!(last["delta"]["stop_reason"], "tool_use");
    assert_eq!((&last["usage"]["input_tokens"], &last["usage"]["output_tokens"]), (&json!(3), &json!(5)));
}

#[test]
fn calls_that_come_across_one_another_are_set_in_order() {
    let events = events(&[
        call(0, "t1", "one", "{\"a\":"),
        call(1, "t2", "two", "{\"b\":"),
        call(0, "", "", "1}"),
        call(1, "", "", "2}"),
        json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "tool_calls" }] }),
    ]);
    let expected = [("tool_use one", "{\"a\":1}"), ("tool_use two", "{\"b\":2}")];
    assert_eq!(blocks(&events), expected.map(|(kind, text)| (kind.to_owned(), text.to_owned())));
}

#[test]
fn signed_and_redacted_thoughts_keep_what_they_are_known_by() {
    let thought = |block: Value| delta(json!({ "thinking_blocks": [block] }));
    let events = events(&[
        thought(json!({ "type": "thinking", "thinking": "hm" })),
        thought(json!({ "type": "thinking", "signature": "sig" })),
        thought(json!({ "type": "redacted_thinking", "data": "secret" })),
        delta(json!({ "content": "yes" })),
    ]);
    let kinds: Vec<String> =
        blocks(&events).into_iter().map(|(kind, text)| format!("{kind}:{text}")).collect();
    assert_eq!(kinds, ["thinking:hmsig", "redacted_thinking:", "text:yes"]);
}
