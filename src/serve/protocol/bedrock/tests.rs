//! Converse in both directions, in the shapes that its service model and user guide document.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use super::embed::{Request as Embed, Vectors, vectors};
use super::*;
use crate::protocol::event_stream::{Frame, Kind};
use crate::protocol::openai::{self, Chunk};
use crate::protocol::stream::Event;

const CLAUDE: &str = "anthropic.claude-3-5-sonnet-20240620-v1:0";

fn asked(body: &Value, model: &str) -> Result<Value, Failure> {
    let request = openai::Request::read(body.to_string().as_bytes())?;
    Ok(serde_json::to_value(converse(request, model, None)?).unwrap())
}

#[test]
fn a_conversation_with_tools_and_pictures() {
    let body = json!({
        "model": "m", "max_tokens": 10, "max_completion_tokens": 20, "temperature": 0, "top_p": 0.9, "stop": "END",
        "parallel_tool_calls": false, "top_k": 3,
        "tools": [{ "type": "function", "function": { "name": "weather", "description": "",
            "parameters": { "type": "object", "properties": { "z": {}, "a": {} } } } }],
        "tool_choice": { "type": "function", "function": { "name": "weather" } },
        "messages": [
            { "role": "system", "content": "Be brief." },
            { "role": "developer", "content": [{ "type": "text", "text": "Be kind." }] },
            { "role": "user", "content": [
                { "type": "text", "text": "What is this?" },
                { "type": "image_url", "image_url": { "url": "data:image/png;base64,QUJD" } },
                { "type": "file", "file": { "filename": "a b.pdf", "file_data": "data:application/pdf;base64,QUJD" } },
            ] },
            { "role": "user", "content": "Well?" },
            { "role": "assistant", "content": null, "tool_calls": [
                { "id": "t1", "type": "function", "function": { "name": "weather", "arguments": "{\"a\":1}" } },
                { "id": "t2", "type": "function", "function": { "name": "weather", "arguments": "" } },
            ] },
            { "role": "tool", "tool_call_id": "t1", "content": "sun" },
            { "role": "tool", "tool_call_id": "t2", "content": "" },
        ],
    });
    assert_eq!(
        asked(&body, CLAUDE).unwrap(),
        json!({
            "system": [{ "text": "Be brief." }, { "text": "Be kind." }],
            "inferenceConfig": { "maxTokens": 20, "temperature": 0.0, "topP": 0.9, "stopSequences": ["END"] },
            "additionalModelRequestFields": { "top_k": 3,
                "tool_choice": { "type": "auto", "disable_parallel_tool_use": true } },
            "toolConfig": {
                "tools": [{ "toolSpec": { "name": "weather",
                    "inputSchema": { "json": { "type": "object", "properties": { "z": {}, "a": {} } } } } }],
                "toolChoice": { "tool": { "name": "weather" } },
            },
            "messages": [
                { "role": "user", "content": [
                    { "text": "What is this?" },
                    { "image": { "format": "png", "source": { "bytes": "QUJD" } } },
                    { "document": { "format": "pdf", "name": "a-b-pdf-1", "source": { "bytes": "QUJD" } } },
                    { "text": "Well?" },
                ] },
                { "role": "assistant", "content": [
                    { "toolUse": { "toolUseId": "t1", "name": "weather", "input": { "a": 1 } } },
                    { "toolUse": { "toolUseId": "t2", "name": "weather", "input": {} } },
                ] },
                { "role": "user", "content": [
                    { "toolResult": { "toolUseId": "t1", "content": [{ "text": "sun" }] } },
                    { "toolResult": { "toolUseId": "t2", "content": [{ "text": "(no output)" }] } },
                ] },
            ],
        })
    );
}

#[test]
fn schemas_keep_their_order() {
    let body = br#"{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":
        {"name":"n","parameters":{"type":"object","properties":{"z":{},"a":{}}}}}]}"#;
    let asked = converse(openai::Request::read(body).unwrap(), CLAUDE, None).unwrap();
    let written = serde_json::to_string(&asked).unwrap();
    assert!(written.contains(r#"{"type":"object","properties":{"z":{},"a":{}}}"#), "{written}");
}

#[test]
fn calls_need_their_tools_even_where_none_is_offered() {
    let body = json!({ "messages": [
        { "role": "user", "content": "x" },
        { "role": "assistant", "tool_calls": [{ "id": "t", "function": { "name": "gone", "arguments": "{}" } }] },
        { "role": "tool", "tool_call_id": "t", "content": "y" },
    ] });
    let asked = asked(&body, CLAUDE).unwrap();
    assert_eq!(asked["toolConfig"]["tools"][0]["toolSpec"]["name"], "gone");
    assert!(asked["toolConfig"].get("toolChoice").is_none());
}

#[test]
fn thinking_guardrails_and_caches_are_passed_on() {
    let body = json!({
        "model": "m", "max_tokens": 4000, "thinking": { "type": "enabled", "budget_tokens": 1024 },
        "system": [{ "type": "text", "text": "long", "cache_control": { "type": "ephemeral" } }],
        "messages": [
            { "role": "user", "content": "x" },
            { "role": "assistant", "content": [
                { "type": "thinking", "thinking": "hm", "signature": "sig" },
                { "type": "redacted_thinking", "data": "c2VjcmV0" },
                { "type": "text", "text": "y" },
            ] },
            { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "t", "content": "z", "is_error": true }] },
        ],
    });
    let chat = crate::protocol::anthropic::chat(body.to_string().as_bytes()).unwrap();
    let guardrail = json!({ "guardrailIdentifier": "g", "guardrailVersion": "1", "trace": "enabled" });
    let asked = serde_json::to_value(converse(chat, CLAUDE, Some(&guardrail)).unwrap()).unwrap();
    assert_eq!(asked["guardrailConfig"], guardrail);
    assert_eq!(asked["additionalModelRequestFields"]["thinking"]["budget_tokens"], 1024);
    assert_eq!(asked["system"], json!([{ "text": "long" }, { "cachePoint": { "type": "default" } }]));
    assert_eq!(
        asked["messages"][1]["content"],
        json!([
            { "reasoningContent": { "reasoningText": { "text": "hm", "signature": "sig" } } },
            { "reasoningContent": { "redactedContent": "c2VjcmV0" } },
            { "text": "y" },
        ])
    );
    assert_eq!(asked["messages"][2]["content"][0]["toolResult"]["status"], "error");
    assert_eq!(asked["toolConfig"]["tools"][0]["toolSpec"]["name"], "unknown");
}

#[test]
fn parameters_that_are_unknown_are_named() {
    let body = json!({ "messages": [{ "role": "user", "content": "x" }], "seed": 1, "logit_bias": null,
        "frequency_penalty": 0.5, "store": true, "reasoning_effort": "low" });
    let request = openai::Request::read(body.to_string().as_bytes()).unwrap();
    let asked = converse(request, CLAUDE, None).unwrap();
    assert_eq!(asked.dropped, ["frequency_penalty", "seed"]);
    assert_eq!(asked.additional_model_request_fields["thinking"]["budget_tokens"], 1024);
}

#[test]
fn what_cannot_be_said_is_told() {
    let user = |content: Value| json!({ "messages": [{ "role": "user", "content": content }] });
    let mut twice = user(json!("x"));
    twice["n"] = json!(2);
    let call = json!({ "messages": [{ "role": "assistant",
        "tool_calls": [{ "id": "t", "function": { "name": "f", "arguments": "[1]" } }] }] });
    for (body, said) in [
        (twice, "`n`"),
        (user(json!("  ")), "nothing that a user says"),
        (
            user(json!([{ "type": "image_url", "image_url": { "url": "https://example.com/a.png" } }])),
            "not in the request",
        ),
        (
            user(json!([{ "type": "image_url", "image_url": { "url": "data:image/tiff;base64,QQ==" } }])),
            "image/tiff",
        ),
        (user(json!([{ "type": "input_audio", "input_audio": {} }])), "input_audio"),
        (call, "no JSON object"),
        (json!({ "messages": [{ "role": "robot", "content": "x" }] }), "role `robot`"),
    ] {
        let failure = asked(&body, CLAUDE).unwrap_err();
        assert!(failure.status == 400 && failure.message.contains(said), "{}", failure.message);
    }
}

fn read(body: &Value, is_json: bool) -> openai::Answer {
    answer(body.to_string().as_bytes(), is_json).unwrap()
}

#[test]
fn a_whole_answer() {
    let answer = read(
        &json!({
            "output": { "message": { "role": "assistant", "content": [
                { "reasoningContent": { "reasoningText": { "text": "hm", "signature": "sig" } } },
                { "text": "I " }, { "citationsContent": { "content": [{ "text": "look." }], "citations": [] } },
                { "toolUse": { "toolUseId": "t1", "name": "weather", "input": { "z": 1, "a": 2 } } },
            ] } },
            "stopReason": "tool_use",
            "usage": { "inputTokens": 10, "outputTokens": 4, "totalTokens": 20, "cacheReadInputTokens": 5, "cacheWriteInputTokens": 1 },
            "metrics": { "latencyMs": 7 },
            "trace": { "guardrail": { "actionReason": "none" } },
        }),
        false,
    );
    let choice = &answer.choices[0];
    assert_eq!(choice.finish_reason.as_deref(), Some("tool_calls"));
    assert_eq!(choice.message.content.as_deref(), Some("I look."));
    assert_eq!(choice.message.reasoning_content.as_deref(), Some("hm"));
    let call = &choice.message.tool_calls.as_ref().unwrap()[0];
    assert_eq!(
        (call.id.as_deref(), call.function.arguments.as_deref()),
        (Some("t1"), Some(r#"{"a":2,"z":1}"#))
    );
    let usage = answer.usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.total_tokens), (16, 4, 20));
    assert_eq!(usage.prompt_tokens_details.unwrap().cached_tokens, Some(5));
    assert_eq!(answer.trace.unwrap()["guardrail"]["actionReason"], "none");
}

#[test]
fn reasons_of_the_end() {
    for (stop, expected) in [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("guardrail_intervened", "content_filter"),
        ("content_filtered", "content_filter"),
        ("something_new", "stop"),
    ] {
        let body = json!({ "output": { "message": { "content": [{ "text": "x" }] } }, "stopReason": stop });
        assert_eq!(read(&body, false).choices[0].finish_reason.as_deref(), Some(expected), "{stop}");
    }
    assert!(answer(b"{}", false).is_err_and(|failure| failure.status == 502));
}

#[test]
fn json_is_asked_for_by_a_tool_and_is_no_call() {
    let schema = json!({ "type": "object", "properties": { "x": { "type": "number" } } });
    let body = json!({ "messages": [{ "role": "user", "content": "x" }],
        "response_format": { "type": "json_schema", "json_schema": { "name": "n", "schema": schema } } });
    let asked = asked(&body, CLAUDE).unwrap();
    assert_eq!(asked["toolConfig"]["toolChoice"], json!({ "tool": { "name": JSON_TOOL } }));
    assert_eq!(asked["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"], schema);
    let answer = read(
        &json!({ "stopReason": "tool_use", "output": { "message": { "content": [
        { "text": "Here it is:" },
        { "toolUse": { "toolUseId": "t", "name": JSON_TOOL, "input": { "x": 1 } } },
    ] } } }),
        true,
    );
    let choice = &answer.choices[0];
    assert_eq!(
        (choice.message.content.as_deref(), choice.finish_reason.as_deref()),
        (Some("{\"x\":1}"), Some("stop"))
    );
    assert!(choice.message.tool_calls.is_none());
}

fn chunks(frames: &[(&str, Value)], is_json: bool) -> Vec<Chunk> {
    let (mut stream, mut chunks, mut is_done) = (Stream::new(is_json), Vec::new(), false);
    for (name, payload) in frames {
        let frame =
            Frame { kind: Kind::Event, name: (*name).to_owned(), payload: Bytes::from(payload.to_string()) };
        stream.frame(&frame, &mut |event| match event {
            Event::Chunk(chunk) => chunks.push(chunk),
            Event::Done => is_done = true,
            Event::Failed(failure) => panic!("{failure:?}"),
        });
    }
    assert!(is_done);
    chunks
}

#[test]
fn a_stream_with_parallel_calls() {
    let input = |index: u64, text: &str| json!({ "contentBlockIndex": index, "delta": { "toolUse": { "input": text } } });
    let start = |index: u64, id: &str| json!({ "contentBlockIndex": index, "start": { "toolUse": { "toolUseId": id, "name": "weather" } } });
    let chunks = chunks(
        &[
            ("messageStart", json!({ "role": "assistant" })),
            (
                "contentBlockDelta",
                json!({ "contentBlockIndex": 0, "delta": { "reasoningContent": { "text": "hm" } } }),
            ),
            (
                "contentBlockDelta",
                json!({ "contentBlockIndex": 0, "delta": { "reasoningContent": { "signature": "sig" } } }),
            ),
            ("contentBlockStop", json!({ "contentBlockIndex": 0 })),
            ("contentBlockDelta", json!({ "contentBlockIndex": 1, "delta": { "text": "I look." } })),
            ("contentBlockStart", start(2, "t1")),
            ("contentBlockDelta", input(2, "{\"a\":")),
            ("contentBlockDelta", input(2, "1}")),
            ("contentBlockStart", start(3, "t2")),
            ("contentBlockDelta", input(3, "{}")),
            ("messageStop", json!({ "stopReason": "tool_use" })),
            ("somethingNew", json!({ "x": 1 })),
            (
                "metadata",
                json!({ "usage": { "inputTokens": 3, "outputTokens": 5, "totalTokens": 8 }, "metrics": { "latencyMs": 1 } }),
            ),
        ],
        false,
    );
    let calls: Vec<_> = chunks
        .iter()
        .flat_map(|chunk| &chunk.choices)
        .flat_map(|piece| piece.delta.tool_calls.iter().flatten())
        .map(|call| (call.index, call.id.as_deref(), call.function.arguments.as_deref()))
        .collect();
    assert_eq!(
        calls,
        [
            (Some(0), Some("t1"), Some("")),
            (Some(0), None, Some("{\"a\":")),
            (Some(0), None, Some("1}")),
            (Some(1), Some("t2"), Some("")),
            (Some(1), None, Some("{}")),
        ]
    );
    let finish: Vec<_> =
        chunks.iter().flat_map(|c| &c.choices).filter_map(|p| p.finish_reason.as_deref()).collect();
    assert_eq!(finish, ["tool_calls"]);
    assert_eq!(chunks.last().unwrap().usage.unwrap().total_tokens, 8);
}

#[test]
fn json_in_a_stream_is_content() {
    let chunks = chunks(
        &[
            ("contentBlockStart", json!({ "start": { "toolUse": { "toolUseId": "t", "name": JSON_TOOL } } })),
            ("contentBlockDelta", json!({ "delta": { "toolUse": { "input": "{\"x\":" } } })),
            ("contentBlockDelta", json!({ "delta": { "toolUse": { "input": "1}" } } })),
            ("contentBlockStop", json!({ "contentBlockIndex": 0 })),
            ("messageStop", json!({ "stopReason": "tool_use" })),
            ("metadata", json!({ "usage": { "inputTokens": 1, "outputTokens": 1 } })),
        ],
        true,
    );
    let pieces = || chunks.iter().flat_map(|chunk| &chunk.choices);
    let text: String = pieces().filter_map(|piece| piece.delta.content.as_deref()).collect();
    assert_eq!(text, "{\"x\":1}");
    assert_eq!(pieces().find_map(|piece| piece.finish_reason.as_deref()), Some("stop"));
}

#[test]
fn errors_have_openais_status_and_type() {
    for (name, status, message, expected, kind, code) in [
        ("ThrottlingException", 429, "slow down", 429, "rate_limit_error", "ThrottlingException"),
        ("ModelNotReadyException", 429, "x", 429, "rate_limit_error", "ModelNotReadyException"),
        ("ValidationException", 400, "x", 400, "invalid_request_error", "ValidationException"),
        (
            "ValidationException",
            400,
            "Input is too long for requested model.",
            400,
            "invalid_request_error",
            "context_length_exceeded",
        ),
        ("AccessDeniedException", 403, "x", 403, "invalid_request_error", "AccessDeniedException"),
        ("ExpiredTokenException", 403, "x", 502, "server_error", "ExpiredTokenException"),
        ("ResourceNotFoundException", 404, "x", 404, "invalid_request_error", "ResourceNotFoundException"),
        ("ModelErrorException", 424, "x", 502, "server_error", "ModelErrorException"),
        ("ModelTimeoutException", 408, "x", 504, "server_error", "ModelTimeoutException"),
        ("ServiceUnavailableException", 503, "x", 503, "server_error", "ServiceUnavailableException"),
        ("InternalServerException", 500, "x", 500, "server_error", "InternalServerException"),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("x-amzn-errortype", format!("{name}:http://internal.amazon.com/").parse().unwrap());
        let body = json!({ "message": message }).to_string();
        let failure = failure(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes());
        assert_eq!(
            (failure.status.as_u16(), failure.kind, failure.code.as_str()),
            (expected, kind, code),
            "{name}"
        );
        assert_eq!(failure.message, message);
    }
    let mut failed = None;
    let payload = Bytes::from_static(br#"{"message":"slow"}"#);
    let frame = Frame { kind: Kind::Exception, name: "throttlingException".to_owned(), payload };
    Stream::default().frame(&frame, &mut |event| {
        if let Event::Failed(failure) = event {
            failed = Some((failure.status.as_u16(), failure.message));
        }
    });
    assert_eq!(failed, Some((429, "slow".to_owned())));
}

#[test]
fn ids_are_encoded_in_paths() {
    let arn = "arn:aws:bedrock:us-east-1:1:inference-profile/us.x:0";
    assert_eq!(
        path(arn, "converse"),
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x%3A0/converse"
    );
}

fn embed(body: &Value) -> Embed {
    Embed::read(body.to_string().as_bytes()).unwrap()
}

#[test]
fn embeddings_of_titan_and_cohere() {
    let request = embed(&json!({ "input": ["a", "b"], "dimensions": 256 }));
    let titan = request.bodies("amazon.titan-embed-text-v2:0").unwrap();
    assert_eq!(
        titan,
        [json!({ "inputText": "a", "dimensions": 256 }), json!({ "inputText": "b", "dimensions": 256 })]
    );
    assert_eq!(request.bodies("amazon.titan-embed-text-v1").unwrap()[0], json!({ "inputText": "a" }));
    let cohere = request.bodies("cohere.embed-english-v3").unwrap();
    assert_eq!(cohere, [json!({ "texts": ["a", "b"], "input_type": "search_document" })]);
    let many = embed(&json!({ "input": vec!["a"; 200] }));
    assert_eq!(many.bodies("cohere.embed-english-v3").unwrap().len(), 3);
    assert!(request.bodies("meta.llama3").unwrap_err().message.contains("none of the models"));
    assert!(embed(&json!({ "input": [] })).bodies("cohere.embed-english-v3").is_err());
    assert!(Embed::read(br#"{"input":[[1,2]]}"#).is_err());
}

#[test]
fn vectors_are_read_and_written() {
    let expect = |body: Value, header, vectors_: Vec<Vec<f32>>, tokens| {
        assert_eq!(
            vectors(body.to_string().as_bytes(), header).unwrap(),
            Vectors { vectors: vectors_, tokens }
        );
    };
    expect(json!({ "embedding": [1.5, 2.0], "inputTextTokenCount": 3 }), None, vec![vec![1.5, 2.0]], 3);
    expect(
        json!({ "embeddings": [[1.0], [2.0]], "response_type": "embeddings_floats" }),
        Some(4),
        vec![vec![1.0], vec![2.0]],
        4,
    );
    expect(json!({ "embeddings": { "float": [[1.0]] } }), None, vec![vec![1.0]], 0);
    assert!(vectors(b"{}", None).is_err());
    let found = Vectors { vectors: vec![vec![1.0, -2.0]], tokens: 3 };
    let plain: Value = serde_json::from_slice(&embed(&json!({ "input": "a" })).answer("m", &found)).unwrap();
    assert_eq!(
        plain,
        json!({ "object": "list", "model": "m", "usage": { "prompt_tokens": 3, "total_tokens": 3 },
        "data": [{ "object": "embedding", "index": 0, "embedding": [1.0, -2.0] }] })
    );
    let coded = embed(&json!({ "input": "a", "encoding_format": "base64" })).answer("m", &found);
    assert_eq!(serde_json::from_slice::<Value>(&coded).unwrap()["data"][0]["embedding"], "AACAPwAAAMA=");
}
