//! Anthropic's Messages before models that speak them and models that do not.

use std::io::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use super::stage::{Keep, Origin, Stage, USER, chunk, model, server, streamed};
use crate::fixture::Fixture;
use crate::registry::{Endpoint, Target};

const ASKED: &str = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#;
const PATH: &str = "/v2/serve/v1/messages";

fn stage(origin: &Origin) -> Stage {
    let endpoint = Endpoint { model: Some("org/m".to_owned()), ..server(1, origin.address) };
    Stage::serving(vec![model("m", vec![endpoint])], 1 << 20)
}

#[test]
fn a_model_that_chats_answers_messages() {
    let origin = Origin::saying(
        "200 OK\r\nContent-Type: application/json",
        r#"{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}"#,
    );
    let stage = stage(&origin);
    let answer = stage.ask("POST", PATH, &[("x-api-key", USER), ("anthropic-version", "2023-06-01")], ASKED);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.head.contains("request-id: "), "{}", answer.head);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&body["type"], &body["model"]), (&json!("message"), &json!("m")));
    assert_eq!(body["content"], json!([{ "type": "text", "text": "Hello" }]));
    assert_eq!((&body["stop_reason"], &body["usage"]["output_tokens"]), (&json!("end_turn"), &json!(1)));
    let request = origin.requests().pop().unwrap();
    assert_eq!(request.line, "POST /v1/chat/completions HTTP/1.1");
    let sent: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(
        sent,
        json!({ "model": "org/m", "max_tokens": 9, "messages": [{ "role": "user", "content": "Hi" }] })
    );
    let text = stage.shared.metrics.text();
    assert!(text.contains(r#"lisa_tokens_total{model="m",kind="prompt"} 3"#), "{text}");
}

#[test]
fn and_streams_them() {
    let origin = Origin::start(Arc::new(|_, stream| {
        let mut text = streamed("text/event-stream").into_bytes();
        for data in [
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"lo"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#,
            "[DONE]",
        ] {
            text.extend(chunk(format!("data: {data}\n\n")));
        }
        text.extend(b"0\r\n\r\n");
        stream.write_all(&text).expect("sent");
        Keep::Open
    }));
    let stage = stage(&origin);
    for _ in 0..3 {
        let answer = stage.post(PATH, &ASKED.replace("\"max_tokens\"", "\"stream\":true,\"max_tokens\""));
        assert!(answer.head.contains("content-type: text/event-stream"), "{}", answer.head);
        let names: Vec<&str> = answer.body.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
        let (start, delta, stop) = ("content_block_start", "content_block_delta", "content_block_stop");
        assert_eq!(names, ["message_start", start, delta, delta, stop, "message_delta", "message_stop"]);
    }
    let sent: Value = serde_json::from_slice(&origin.requests().pop().unwrap().body).unwrap();
    assert_eq!(sent["stream_options"]["include_usage"], true);
    assert_eq!(origin.connections(), 1, "a connection whose stream was translated is used again");
}

#[test]
fn a_model_that_speaks_them_is_asked_as_it_is() {
    let origin = Origin::saying("200 OK", r#"{"type":"message"}"#);
    let mut endpoint = server(1, origin.address);
    if let Target::Http(upstream) = &mut endpoint.target {
        upstream.speaks_messages = true;
    }
    let stage = Stage::serving(vec![model("m", vec![endpoint])], 1 << 20);
    let headers = [("x-api-key", USER), ("anthropic-beta", "b")];
    let odd = ASKED.replace("\"max_tokens\"", " \"metadata\" : {} , \"max_tokens\"");
    for path in [PATH, "/v2/serve/anthropic/v1/messages"] {
        assert_eq!(stage.ask("POST", path, &headers, &odd).body, r#"{"type":"message"}"#);
        let request = origin.requests().pop().unwrap();
        assert_eq!(
            (request.line.as_str(), String::from_utf8_lossy(&request.body).as_ref()),
            ("POST /v1/messages HTTP/1.1", odd.as_str())
        );
        assert_eq!(
            (request.headers["anthropic-beta"].as_str(), request.headers.get("x-api-key")),
            ("b", None)
        );
    }
    stage.ask("POST", "/v2/serve/v1/messages/count_tokens", &headers, &odd);
    assert_eq!(origin.requests().pop().unwrap().line, "POST /v1/messages/count_tokens HTTP/1.1");
}

#[test]
fn errors_are_anthropics() {
    let busy = Origin::saying("429 Too Many Requests\r\nRetry-After: 7", r#"{"error":{"message":"busy"}}"#);
    let long = Origin::saying(
        "400 Bad Request",
        r#"{"error":{"message":"This model's maximum context length is 9 tokens"}}"#,
    );
    let models =
        vec![model("m", vec![server(1, busy.address)]), model("long", vec![server(2, long.address)])];
    let stage = Stage::serving(models, 1 << 20);
    let kind = |answer: &super::stage::Answer| {
        let body: Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(body["type"], "error");
        body["error"]["type"].as_str().expect("a type").to_owned()
    };
    let answer = stage.post(PATH, ASKED);
    assert_eq!((answer.status, kind(&answer).as_str()), (429, "rate_limit_error"));
    assert!(answer.head.contains("retry-after: 7") && answer.body.contains("busy"), "{}", answer.head);
    let answer = stage.post(PATH, &ASKED.replace("\"m\"", "\"long\""));
    assert_eq!((answer.status, kind(&answer).as_str()), (400, "invalid_request_error"));
    let answer = stage.post(PATH, &ASKED.replace("\"m\"", "\"none\""));
    assert_eq!((answer.status, kind(&answer).as_str()), (404, "not_found_error"));
    let answer = stage.post("/v2/serve/v1/messages/count_tokens", ASKED);
    assert_eq!((answer.status, kind(&answer).as_str()), (404, "not_found_error"));
    let answer = stage.ask("POST", PATH, &[], ASKED);
    assert_eq!((answer.status, kind(&answer).as_str()), (401, "authentication_error"));
    let answer = stage.post(PATH, "{");
    assert_eq!((answer.status, kind(&answer).as_str()), (400, "invalid_request_error"));
}

#[test]
fn the_built_in_model_speaks_them() {
    let stage =
        Stage::serving(vec![model("m", vec![Endpoint::new(1, Target::Fixture(Fixture::Chat))])], 1 << 20);
    let whole: Value = serde_json::from_str(&stage.post(PATH, ASKED).body).unwrap();
    assert!(whole["content"][0]["text"].as_str().unwrap().ends_with("You said: Hi"), "{whole}");
    let streamed = stage.post(PATH, &ASKED.replace("\"max_tokens\"", "\"stream\":true,\"max_tokens\"")).body;
    assert!(
        streamed.starts_with("event: message_start\n") && streamed.contains("message_stop"),
        "{streamed}"
    );
    let tools = ASKED
        .replace("\"max_tokens\"", r#""tools":[{"name":"f","input_schema":{"type":"object"}}],"max_tokens""#);
    let called: Value = serde_json::from_str(&stage.post(PATH, &tools).body).unwrap();
    assert_eq!((&called["content"][0]["name"], &called["stop_reason"]), (&json!("f"), &json!("tool_use")));
}
