//! Bedrock and SageMaker behind the gateway: requests signed, event streams read, errors in the caller's words.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use lisa_signed::{Signer, service};
use serde_json::{Value, json};

use super::stage::{Keep, Origin, Request, Stage, chunk, model, server, streamed};
use crate::attempts::Attempts;
use crate::protocol::event_stream::written::frame;
use crate::registry::{Aws, Container, Endpoint, Model, Target};

const CLAUDE: &str = "anthropic.claude-v2:1";
const EVENTS: &str = "application/vnd.amazon.eventstream";

fn aws(service: &lisa_signed::Service, address: SocketAddr) -> Aws {
    let signer = Signer::fixed("AKID", "secret", Some("session"));
    Aws::new(service, "eu-west-1", false, Some(&format!("http://{address}")), signer).expect("an endpoint")
}

fn bedrock(id: u64, name: &str, address: SocketAddr) -> Endpoint {
    let target = Target::Bedrock(aws(&service::BEDROCK_RUNTIME, address));
    Endpoint { model: Some(name.to_owned()), ..Endpoint::new(id, target) }
}

fn sagemaker(container: Container, address: SocketAddr) -> Endpoint {
    let target = Target::SageMaker(aws(&service::SAGEMAKER_RUNTIME, address), container);
    Endpoint { model: Some("llama".to_owned()), ..Endpoint::new(1, target) }
}

fn stage(endpoint: Endpoint) -> Stage {
    Stage::serving(vec![model("m", vec![endpoint])], 1 << 20)
}

fn converse() -> Vec<u8> {
    [
        ("messageStart", json!({ "role": "assistant" })),
        ("contentBlockDelta", json!({ "contentBlockIndex": 0, "delta": { "text": "Hello" } })),
        ("contentBlockStop", json!({ "contentBlockIndex": 0 })),
        ("messageStop", json!({ "stopReason": "end_turn" })),
        ("metadata", json!({ "usage": { "inputTokens": 3, "outputTokens": 1, "totalTokens": 4 } })),
    ]
    .iter()
    .flat_map(|(name, payload)| frame("event", name, payload.to_string()))
    .collect()
}

/// Sends bytes as a stream of one type, in small parts.
fn sending(bytes: Vec<u8>) -> Origin {
    Origin::start(Arc::new(move |_, stream| {
        let mut text = streamed(EVENTS).into_bytes();
        bytes.chunks(37).for_each(|part| text.extend(chunk(part)));
        text.extend(b"0\r\n\r\n");
        stream.write_all(&text).expect("sent");
        Keep::Open
    }))
}

fn sent(origin: &Origin) -> (Request, Value) {
    let request = origin.requests().pop().expect("a request");
    let body = serde_json::from_slice(&request.body).expect("JSON");
    (request, body)
}

const CHAT: &str = r#"{"model":"m","seed":1,"messages":[{"role":"user","content":"Hi"}]}"#;

#[test]
fn a_chat_with_bedrock() {
    let origin = Origin::saying(
        "200 OK\r\nContent-Type: application/json",
        r#"{"output":{"message":{"role":"assistant","content":[{"text":"Hello"}]}},"stopReason":"end_turn",
        "usage":{"inputTokens":3,"outputTokens":1,"totalTokens":4}}"#,
    );
    let stage = stage(bedrock(1, CLAUDE, origin.address));
    let answer = stage.chat(CHAT);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&body["object"], &body["model"]), (&json!("chat.completion"), &json!("m")));
    assert_eq!(body["choices"][0]["message"]["content"], "Hello");
    assert_eq!(body["usage"]["total_tokens"], 4);
    assert!(answer.head.contains("x-lisa-dropped-parameters: seed"), "{}", answer.head);
    let (request, body) = sent(&origin);
    assert_eq!(request.line, "POST /model/anthropic.claude-v2%3A1/converse HTTP/1.1");
    assert_eq!(body, json!({ "messages": [{ "role": "user", "content": [{ "text": "Hi" }] }] }));
    let signature = &request.headers["authorization"];
    assert!(signature.starts_with("AWS4-HMAC-SHA256 Credential=AKID/"), "{signature}");
    assert!(signature.contains("/eu-west-1/bedrock/aws4_request"), "{signature}");
    assert_eq!(request.headers["x-amz-security-token"], "session");
    let text = stage.shared.metrics.text();
    assert!(text.contains(r#"lisa_tokens_total{model="m",kind="completion"} 1"#), "{text}");
}

#[test]
fn a_stream_of_bedrocks_in_both_protocols() {
    let origin = sending(converse());
    let stage = stage(bedrock(1, CLAUDE, origin.address));
    let asked = CHAT.replace("\"seed\":1", r#""stream":true,"stream_options":{"include_usage":true}"#);
    for _ in 0..3 {
        let answer = stage.chat(&asked);
        assert!(answer.head.contains("content-type: text/event-stream"), "{}", answer.head);
        assert!(
            answer.body.contains("\"content\":\"Hello\"") && answer.body.contains("\"total_tokens\":4"),
            "{}",
            answer.body
        );
        assert!(answer.body.ends_with("data: [DONE]\n\n"), "{}", answer.body);
    }
    assert!(sent(&origin).0.line.contains("/converse-stream"));
    assert_eq!(origin.connections(), 1);
    let messages =
        r#"{"model":"m","stream":true,"max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}"#;
    let answer = stage.post("/v2/serve/v1/messages", messages);
    assert!(
        answer.body.contains("event: message_stop") && answer.body.contains("\"text\":\"Hello\""),
        "{}",
        answer.body
    );
    let generated = json!({ "provider": "", "modelName": "m", "text": "Hi" }).to_string();
    let answer = stage.post("/v1/generateStream", &generated);
    assert!(answer.body.contains("\"finishReason\":\"eos_token\""), "{}", answer.body);
    let completion = stage.post("/v2/serve/completions", r#"{"model":"m","prompt":"Hi","stream":true}"#);
    assert!(completion.body.contains("\"text\":\"Hello\""), "{}", completion.body);
    let text = stage.shared.metrics.text();
    assert!(text.contains(r#"lisa_tokens_total{model="m",kind="prompt"} 18"#), "{text}");
}

#[test]
fn errors_of_bedrocks() {
    let throttled = Origin::saying(
        "429 Too Many Requests\r\nx-amzn-ErrorType: ThrottlingException:http://x/",
        r#"{"message":"slow down"}"#,
    );
    let ok = Origin::saying(
        "200 OK",
        r#"{"output":{"message":{"content":[{"text":"x"}]}},"stopReason":"end_turn"}"#,
    );
    let alone = stage(bedrock(1, CLAUDE, throttled.address));
    let answer = alone.chat(CHAT);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status, &body["error"]["type"]), (429, &json!("rate_limit_error")));
    assert_eq!(body["error"]["message"], "slow down");
    let endpoints = vec![bedrock(1, CLAUDE, throttled.address), bedrock(2, CLAUDE, ok.address)];
    let two = Stage::serving(vec![model("m", endpoints)], 1 << 20);
    assert!((0..10).all(|_| two.chat(CHAT).status == 200), "another endpoint answers");
    // After the first byte nothing is asked again; the caller is told in the stream.
    let broken = frame("exception", "throttlingException", r#"{"message":"slow down"}"#);
    let origin = sending([converse()[..60].to_vec(), Vec::new(), broken].concat());
    let cut = stage(bedrock(1, CLAUDE, origin.address)).chat(&CHAT.replace("\"seed\":1", "\"stream\":true"));
    assert!(
        cut.status == 200 && cut.body.contains("\"error\"") && !cut.body.contains("[DONE]"),
        "{}",
        cut.body
    );
    assert_eq!(origin.requests().len(), 1);
    assert_eq!(alone.post("/v2/serve/rerank", r#"{"model":"m"}"#).status, 404);
    assert_eq!(alone.chat(r#"{"model":"m","messages":[]}"#).status, 400);
}

#[test]
fn parameters_may_have_to_be_known() {
    let origin = Origin::saying("200 OK", "{}");
    let mut endpoint = bedrock(1, CLAUDE, origin.address);
    if let Target::Bedrock(aws) = &mut endpoint.target {
        aws.drop_parameters = false;
    }
    let answer = stage(endpoint).chat(CHAT);
    assert!(answer.status == 400 && answer.body.contains("`seed`"), "{}", answer.body);
    assert!(origin.requests().is_empty());
}

#[test]
fn a_key_of_bedrocks_own_needs_no_signature() {
    let origin = Origin::saying("200 OK", r#"{"output":{"message":{"content":[{"text":"x"}]}}}"#);
    let mut endpoint = bedrock(1, CLAUDE, origin.address);
    if let Target::Bedrock(aws) = &mut endpoint.target {
        aws.upstream = aws.upstream.clone().with_key("bedrock-key").unwrap();
        aws.signer = None;
    }
    assert_eq!(stage(endpoint).chat(CHAT).status, 200);
    assert_eq!(sent(&origin).0.headers["authorization"], "Bearer bedrock-key");
}

#[test]
fn vectors_of_titan_come_one_by_one() {
    let origin = Origin::start(Arc::new(|request, stream| {
        let asked: Value = serde_json::from_slice(&request.body).expect("JSON");
        let number: f32 = asked["inputText"].as_str().expect("a text").parse().expect("a number");
        let body = json!({ "embedding": [number], "inputTextTokenCount": 2 }).to_string();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).expect("sent");
        Keep::Open
    }));
    let stage = stage(bedrock(1, "amazon.titan-embed-text-v2:0", origin.address));
    let texts: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    let answer = stage.post("/v2/serve/v1/embeddings", &json!({ "model": "m", "input": texts }).to_string());
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let numbers: Vec<f64> = (0..20).map(|n| body["data"][n]["embedding"][0].as_f64().unwrap()).collect();
    assert_eq!(numbers, (0..20).map(f64::from).collect::<Vec<_>>(), "in their order");
    assert_eq!(body["usage"]["prompt_tokens"], 40);
    assert!(origin.connections() <= 8 && origin.requests().iter().all(|r| r.line.contains("v2%3A0/invoke ")));
    let first = json!({ "provider": "", "modelName": "m", "text": "5" }).to_string();
    assert_eq!(stage.post("/v1/embeddings", &first).body, r#"{"embeddings":[[5.0]]}"#);
}

#[test]
fn tokens_are_counted_by_bedrock() {
    let origin = Origin::saying("200 OK", r#"{"inputTokens":12}"#);
    let stage = stage(bedrock(1, CLAUDE, origin.address));
    let body = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;
    assert_eq!(stage.post("/v2/serve/v1/messages/count_tokens", body).body, r#"{"input_tokens":12}"#);
    let (request, body) = sent(&origin);
    assert!(request.line.contains("/count-tokens"));
    assert_eq!(body["input"]["converse"]["messages"][0]["content"][0]["text"], "Hi");
}

/// Before an answer begins and within one, whole or streamed: the service's connection closes with the caller's.
#[test]
fn when_the_caller_leaves_bedrock_stops() {
    let silent = |begun: bool| {
        Origin::start(Arc::new(move |_, stream: &mut std::net::TcpStream| {
            if begun {
                let _ =
                    stream.write_all(&[streamed(EVENTS).into_bytes(), chunk(&converse()[..200])].concat());
            }
            let mut byte = [0];
            assert_eq!(stream.read(&mut byte).unwrap_or_default(), 0);
            Keep::Open
        }))
    };
    for (origin, asked) in
        [(silent(false), CHAT.to_owned()), (silent(true), CHAT.replace("\"seed\":1", "\"stream\":true"))]
    {
        let stage = stage(bedrock(1, CLAUDE, origin.address));
        let headers = [("Authorization", "Bearer user-token")];
        let caller = stage.send("POST", "/v2/serve/chat/completions", &headers, &asked);
        while origin.requests().is_empty() {
            sleep(Duration::from_millis(5));
        }
        sleep(Duration::from_millis(50));
        drop(caller);
        assert!(origin.wait_until_left(Duration::from_secs(2)), "the model would work for nobody");
    }
}

#[test]
fn chats_through_sagemaker_pass() {
    let chunks = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}],\
        \"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
    let parts = chunks.as_bytes().chunks(20).flat_map(|part| frame("event", "PayloadPart", part)).collect();
    let origin = sending(parts);
    let stage_ = stage(sagemaker(Container::Chat, origin.address));
    let asked = CHAT.replace("\"seed\":1", "\"stream\":true");
    assert_eq!(stage_.chat(&asked).body, chunks, "byte for byte");
    let (request, body) = sent(&origin);
    assert_eq!(request.line, "POST /endpoints/llama/invocations-response-stream HTTP/1.1");
    assert!(request.headers["authorization"].contains("/eu-west-1/sagemaker/aws4_request"));
    assert_eq!(body["stream"], true);
    let messages = asked.replace("\"stream\"", "\"max_tokens\":5,\"stream\"");
    let answer = stage_.post("/v2/serve/v1/messages", &messages).body;
    assert!(answer.contains("\"text\":\"Hello\"") && answer.contains("message_stop"), "{answer}");
    let whole = Origin::saying("200 OK\r\nx-Amzn-Invoked-Production-Variant: v", r#"{ "choices" : [] }"#);
    let answer = stage(sagemaker(Container::Chat, whole.address)).chat(CHAT);
    assert_eq!(answer.body, r#"{ "choices" : [] }"#);
    assert!(!answer.head.contains("x-amzn"), "{}", answer.head);
    assert_eq!(String::from_utf8_lossy(&whole.requests()[0].body), CHAT);
}

#[test]
fn texts_through_sagemaker() {
    let origin = Origin::saying(
        "200 OK",
        r#"[{"generated_text":"Hello","details":{"finish_reason":"length","generated_tokens":1,"prefill":[]}}]"#,
    );
    let answer = stage(sagemaker(Container::Inputs, origin.address)).chat(CHAT);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["choices"][0]["message"]["content"], "Hello");
    assert_eq!(body["choices"][0]["finish_reason"], "length");
    let (request, body) = sent(&origin);
    assert_eq!(
        (request.line.as_str(), &body["inputs"]),
        ("POST /endpoints/llama/invocations HTTP/1.1", &json!("Hi"))
    );
    let failed = Origin::saying(
        "424 Failed Dependency",
        r#"{"OriginalStatusCode":422,"OriginalMessage":"{\"error\":\"`inputs` is too long\"}"}"#,
    );
    let answer = stage(sagemaker(Container::Inputs, failed.address)).chat(CHAT);
    assert!(answer.status == 422 && answer.body.contains("is too long"), "{}", answer.body);
    let lines = "data:{\"token\":{\"text\":\"Hel\"}}\n\ndata:{\"token\":{\"text\":\"lo\"},\
        \"details\":{\"finish_reason\":\"eos_token\",\"generated_tokens\":2}}\n\n";
    let origin = sending(frame("event", "PayloadPart", lines));
    let answer = stage(sagemaker(Container::Inputs, origin.address))
        .chat(&CHAT.replace("\"seed\":1", "\"stream\":true"));
    assert!(
        answer.body.contains("\"content\":\"lo\"") && answer.body.ends_with("[DONE]\n\n"),
        "{}",
        answer.body
    );
}

#[test]
fn a_model_of_ones_own_stands_in_for_bedrock() {
    let down = Origin::saying("503 Service Unavailable", r#"{"message":"down"}"#);
    let own = Origin::saying("200 OK", r#"{"own":true}"#);
    let attempts = Attempts { fallbacks: vec!["own".to_owned()], ..Attempts::default() };
    let claude = Model { attempts, ..model("m", vec![bedrock(1, CLAUDE, down.address)]) };
    let stage = Stage::serving(vec![claude, model("own", vec![server(2, own.address)])], 1 << 20);
    assert_eq!(stage.chat(CHAT).body, r#"{"own":true}"#);
    assert_eq!(sent(&own).1["model"], "own");
}
