//! A model server with OpenAI's protocol, and Cohere's as far as one answer: it answers the same to everybody and notes what
//! it was asked.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// A model server.
pub(super) struct Mock {
    /// `http://127.0.0.1:41234`.
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Mock {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = format!("http://{}", listener.local_addr()?);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let noted = Arc::clone(&noted);
                // A caller that leaves is no news.
                std::thread::spawn(move || drop(converse(stream, &noted)));
            }
        });
        Ok(Self { url, asked })
    }

    /// What it was asked since it was looked at last.
    pub(super) fn take(&self) -> Vec<Value> {
        self.asked.lock().map(|mut asked| std::mem::take(&mut *asked)).unwrap_or_default()
    }
}

fn converse(mut stream: TcpStream, noted: &Mutex<Vec<Value>>) -> Result<()> {
    loop {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read(&mut byte)? == 0 {
                return Ok(());
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let mut body = vec![0; length.unwrap_or("0").parse().context("a length")?];
        stream.read_exact(&mut body)?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        if let Ok(mut noted) = noted.lock() {
            noted.push(body.clone());
        }
        let (status, kind, answer) = answer(&path, &body);
        write!(
            stream,
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{answer}",
            answer.len()
        )?;
    }
}

fn answer(path: &str, body: &Value) -> (u16, &'static str, String) {
    let json_answer = |status, value: Value| (status, "application/json", value.to_string());
    let model = body["model"].as_str().unwrap_or_default();
    let error = |kind: &str, code: &str| json!({ "error": { "message": "no", "type": kind, "param": null, "code": code } });
    match model {
        "busy" => return json_answer(429, error("rate_limit_error", "rate_limit_exceeded")),
        "strict" => return json_answer(400, error("invalid_request_error", "unknown_parameter")),
        _ => {}
    }
    let usage = json!({ "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 });
    if path.contains("/cohere") {
        let tokens = json!({ "input_tokens": 3, "output_tokens": 4 });
        return json_answer(
            200,
            json!({ "id": "c-1", "finish_reason": "COMPLETE", "usage": { "tokens": tokens, "billed_units": tokens },
                "message": { "role": "assistant", "content": [{ "type": "text", "text": "Hello from Cohere" }] } }),
        );
    }
    if path.ends_with("/embeddings") {
        let data = json!([{ "object": "embedding", "index": 0, "embedding": [0.5, -0.25] }]);
        let usage = json!({ "prompt_tokens": 2, "total_tokens": 2 });
        return json_answer(200, json!({ "object": "list", "data": data, "model": model, "usage": usage }));
    }
    if body["stream"] == true {
        return (
            200,
            "text/event-stream",
            stream(model, &usage, body["stream_options"]["include_usage"] == true),
        );
    }
    let (message, reason) = if body["tools"].is_array() {
        let function = json!({ "name": "f", "arguments": "{\"a\":1}" });
        let call = json!({ "id": "call_1", "type": "function", "function": function });
        (json!({ "role": "assistant", "content": null, "tool_calls": [call] }), "tool_calls")
    } else {
        (json!({ "role": "assistant", "content": "Hello" }), "stop")
    };
    json_answer(
        200,
        json!({ "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": model,
            "system_fingerprint": "fp", "usage": usage,
            "choices": [{ "index": 0, "message": message, "finish_reason": reason, "logprobs": null }] }),
    )
}

fn stream(model: &str, usage: &Value, with_usage: bool) -> String {
    let chunk = |choices: Value| {
        json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": model,
            "choices": choices })
    };
    let one =
        |delta: Value, reason: Value| chunk(json!([{ "index": 0, "delta": delta, "finish_reason": reason }]));
    let mut chunks = vec![
        one(json!({ "role": "assistant", "content": "" }), Value::Null),
        one(json!({ "content": "Hel" }), Value::Null),
        one(json!({ "content": "lo" }), Value::Null),
        one(json!({}), json!("stop")),
    ];
    if with_usage {
        let mut last = chunk(json!([]));
        last["usage"] = usage.clone();
        chunks.push(last);
    }
    let events: Vec<String> = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    format!("{}data: [DONE]\n\n", events.concat())
}
