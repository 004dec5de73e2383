//! Streams from every protocol to every other, cut anywhere.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::protocol::event_stream::written::frame;

/// A stream in chunks of OpenAI's: text, two calls, usage.
fn openai_bytes() -> Vec<u8> {
    let chunks = [
        json!({ "choices": [{ "index": 0, "delta": { "role": "assistant", "content": "" } }] }),
        json!({ "choices": [{ "index": 0, "delta": { "content": "Hällo" } }] }),
        json!({ "choices": [{ "index": 0, "delta": { "tool_calls": [
            { "index": 0, "id": "t1", "type": "function", "function": { "name": "f", "arguments": "" } }] } }] }),
        json!({ "choices": [{ "index": 0, "delta": { "tool_calls": [{ "index": 0, "function": { "arguments": "{}" } }] } }] }),
        json!({ "choices": [{ "index": 0, "delta": { "tool_calls": [
            { "index": 1, "id": "t2", "type": "function", "function": { "name": "g", "arguments": "{\"a\":1}" } }] } }] }),
        json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "tool_calls" }] }),
        json!({ "choices": [], "usage": { "prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8 } }),
    ];
    let text: Vec<String> =
        chunks.iter().map(|chunk| format!(": comment\r\ndata: {chunk}\r\n\r\n")).collect();
    format!("{}data: [DONE]\n\n", text.concat()).into_bytes()
}

/// The same from Bedrock.
fn converse_bytes() -> Vec<u8> {
    let start = |id: &str, name: &str| json!({ "start": { "toolUse": { "toolUseId": id, "name": name } } });
    let input = |text: &str| json!({ "delta": { "toolUse": { "input": text } } });
    [
        ("messageStart", json!({ "role": "assistant" })),
        ("contentBlockDelta", json!({ "delta": { "text": "Hällo" } })),
        ("contentBlockStart", start("t1", "f")),
        ("contentBlockDelta", input("{}")),
        ("contentBlockStart", start("t2", "g")),
        ("contentBlockDelta", input("{\"a\":1}")),
        ("messageStop", json!({ "stopReason": "tool_use" })),
        ("metadata", json!({ "usage": { "inputTokens": 3, "outputTokens": 5, "totalTokens": 8 } })),
    ]
    .iter()
    .flat_map(|(name, payload)| frame("event", name, payload.to_string()))
    .collect()
}

/// OpenAI's chunks in SageMaker's parts, which end anywhere.
fn sagemaker_bytes() -> Vec<u8> {
    openai_bytes().chunks(61).flat_map(|part| frame("event", "PayloadPart", part)).collect()
}

fn token_bytes() -> Vec<u8> {
    let lines = "data:{\"token\":{\"text\":\"Häl\",\"special\":false},\"generated_text\":null,\"details\":null}\n\n\
        data:{\"token\":{\"text\":\"lo\"},\"generated_text\":\"Hällo\",\
        \"details\":{\"finish_reason\":\"length\",\"generated_tokens\":5,\"input_length\":3}}\n\n";
    lines.as_bytes().chunks(11).flat_map(|part| frame("event", "PayloadPart", part)).collect()
}

fn source(number: usize) -> (Source, Vec<u8>) {
    match number {
        0 => (Source::openai(), openai_bytes()),
        1 => (Source::converse(false), converse_bytes()),
        2 => (Source::sagemaker_chat(), sagemaker_bytes()),
        _ => (Source::sagemaker_tokens(), token_bytes()),
    }
}

fn head() -> Head {
    Head { id: "chatcmpl-1".to_owned(), created: 7, model: "m".to_owned() }
}

fn sink(number: usize) -> Sink {
    match number {
        0 => Sink::OpenAi(head(), Form::Chat, true),
        1 => Sink::OpenAi(head(), Form::Text, false),
        2 => Sink::Messages(anthropic::write::Stream::new("msg_1".to_owned(), "m".to_owned())),
        _ => Sink::Generate(v1::Stream::default()),
    }
}

/// What is written, and how it ended, if the bytes come in parts of these lengths, over and over.
fn translated(from: usize, to: usize, lengths: &[usize]) -> (Vec<u8>, State) {
    let (source, bytes) = source(from);
    let mut stream = Stream::new(source, sink(to));
    let (mut out, mut rest) = (BytesMut::new(), &bytes[..]);
    for length in lengths.iter().cycle() {
        let (part, after) = rest.split_at((*length).min(rest.len()));
        stream.feed(part, &mut out);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    let state = stream.end(&mut out);
    let usage = stream.usage().map(|usage| (usage.prompt, usage.completion));
    assert_eq!(usage, Some((3, 5)), "{from} {to}");
    (out.to_vec(), state)
}

#[test]
fn however_a_stream_is_cut_it_says_the_same() {
    for (from, to) in (0..4).flat_map(|from| (0..4).map(move |to| (from, to))) {
        let whole = translated(from, to, &[usize::MAX]);
        assert_eq!(whole.1, State::Done);
        let length = source(from).1.len();
        // Every cut of the shorter streams; the longer ones repeat the same frames.
        for cut in (1..length).step_by(1 + length / 500) {
            assert_eq!(translated(from, to, &[cut, length]), whole, "{from} to {to} at {cut}");
        }
        assert_eq!(translated(from, to, &[1]), whole, "{from} to {to} byte by byte");
    }
}

proptest! {
    #[test]
    fn however_often_a_stream_is_cut_it_says_the_same(
        from in 0_usize..4,
        to in 0_usize..4,
        lengths in proptest::collection::vec(1_usize..200, 1..20),
    ) {
        prop_assert_eq!(translated(from, to, &lengths), translated(from, to, &[usize::MAX]));
    }
}

/// The data of OpenAI's events.
fn data(text: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(text).unwrap();
    let data = text.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap());
    data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
}

#[test]
fn bedrock_says_what_openai_would() {
    let [one, other] = [0, 1].map(|from| data(&translated(from, 0, &[usize::MAX]).0));
    let first = &one[0];
    assert_eq!(
        (&first["object"], &first["id"], &first["created"]),
        (&json!("chat.completion.chunk"), &json!("chatcmpl-1"), &json!(7))
    );
    // Bedrock opens a call and then gives its arguments; apart from that they are the same, chunk by chunk.
    let joined = |chunks: &[Value]| {
        let mut calls = std::collections::BTreeMap::<u64, String>::new();
        let mut text = String::new();
        for piece in chunks.iter().flat_map(|chunk| chunk["choices"].as_array().unwrap()) {
            text.push_str(piece["delta"]["content"].as_str().unwrap_or_default());
            for call in piece["delta"]["tool_calls"].as_array().into_iter().flatten() {
                let said = calls.entry(call["index"].as_u64().unwrap()).or_default();
                said.push_str(call["function"]["name"].as_str().unwrap_or_default());
                said.push_str(call["function"]["arguments"].as_str().unwrap_or_default());
            }
        }
        let finish =
            chunks.iter().find_map(|chunk| chunk["choices"][0]["finish_reason"].as_str()).map(str::to_owned);
        (text, calls, finish, chunks.last().unwrap()["usage"].clone())
    };
    assert_eq!(joined(&one), joined(&other));
}

#[test]
fn usage_is_told_to_those_who_ask() {
    let (bytes, _) = translated(1, 0, &[usize::MAX]);
    assert!(String::from_utf8(bytes).unwrap().ends_with("data: [DONE]\n\n"));
    let (source, bytes) = source(1);
    let mut stream = Stream::new(source, Sink::OpenAi(head(), Form::Chat, false));
    let mut out = BytesMut::new();
    stream.feed(&bytes, &mut out);
    assert!(data(&out).iter().all(|chunk| chunk["choices"].as_array().unwrap().len() == 1));
}

#[test]
fn a_stream_that_breaks_off_is_not_taken_for_whole() {
    for (from, to) in (0..4).flat_map(|from| (0..4).map(move |to| (from, to))) {
        let (source, bytes) = source(from);
        let mut stream = Stream::new(source, sink(to));
        let mut out = BytesMut::new();
        stream.feed(&bytes[..bytes.len() / 3], &mut out);
        out.clear();
        assert_eq!(stream.end(&mut out), State::Failed, "{from} {to}");
        let said = String::from_utf8(out.to_vec()).unwrap();
        assert!(said.contains("\"error\"") && said.contains("broke off"), "{said}");
        assert!(!said.contains("[DONE]") && !said.contains("message_stop"));
    }
}

#[test]
fn failures_in_a_stream_are_told_in_the_callers_form() {
    let throttled = frame("exception", "throttlingException", r#"{"message":"slow down"}"#);
    let broken = frame("exception", "ModelStreamError", r#"{"Message":"out of memory","ErrorCode":"x"}"#);
    for (from, bytes, said) in
        [(1, throttled, "slow down"), (2, broken.clone(), "out of memory"), (3, broken, "out of memory")]
    {
        for to in 0..3 {
            let mut stream = Stream::new(source(from).0, sink(to));
            let mut out = BytesMut::new();
            assert_eq!(stream.feed(&bytes, &mut out), State::Failed);
            let text = String::from_utf8(out.split().to_vec()).unwrap();
            assert!(text.contains(said), "{text}");
            assert_eq!(to == 2, text.starts_with("event: error\n"), "{text}");
            // Nothing follows.
            stream.feed(&source(from).1, &mut out);
            stream.end(&mut out);
            assert!(out.is_empty());
        }
    }
    let mut openai = Stream::new(Source::openai(), sink(2));
    let mut out = BytesMut::new();
    assert_eq!(openai.feed(b"data: {\"error\":{\"message\":\"gone\"}}\n\n", &mut out), State::Failed);
    assert!(String::from_utf8_lossy(&out).contains("gone"));
}

#[test]
fn what_a_container_streams_is_unwrapped_byte_for_byte() {
    let mut stream = Stream::new(source(2).0, Sink::Unwrapped(usage::Watch::default(), None));
    let mut out = BytesMut::new();
    for part in sagemaker_bytes().chunks(13) {
        stream.feed(part, &mut out);
    }
    assert_eq!(stream.end(&mut out), State::Done);
    assert_eq!(out.to_vec(), openai_bytes());
    assert_eq!(stream.usage().map(|usage| (usage.prompt, usage.completion)), Some((3, 5)));
}
