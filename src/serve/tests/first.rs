//! What the tests of upstream's published SDK do (`lisa-sdk/tests/test_client.py`), request by request.

use std::io::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use super::stage::{Keep, Origin, Stage, USER, chunk, model, server, streamed};
use crate::registry::{Kind, Model};

/// A server that answers as TGI does when one token is asked for, and as an embedding server.
fn origin() -> Origin {
    Origin::start(Arc::new(|request, stream| {
        let asked: Value = serde_json::from_slice(&request.body).expect("JSON");
        if request.line.contains("/v1/embeddings") {
            let body =
                r#"{"object":"list","data":[{"index":0,"embedding":[0.5,1.0]}],"usage":{"prompt_tokens":1}}"#;
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).expect("sent");
        } else if asked["stream"] == true {
            let mut text = streamed("text/event-stream").into_bytes();
            for data in [
                r#"{"choices":[{"index":0,"text":"deep","finish_reason":null}]}"#,
                r#"{"choices":[{"index":0,"text":"","finish_reason":"length"}],"usage":{"completion_tokens":1}}"#,
                "[DONE]",
            ] {
                text.extend(chunk(format!("data: {data}\n\n")));
            }
            text.extend(b"0\r\n\r\n");
            stream.write_all(&text).expect("sent");
        } else {
            let body = r#"{"choices":[{"index":0,"text":"deep","finish_reason":"length"}],"usage":{"completion_tokens":1}}"#;
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).expect("sent");
        }
        Keep::Open
    }))
}

fn stage(origin: &Origin) -> Stage {
    let textgen =
        Model { provider: "ecs.textgen.tgi".to_owned(), ..model("mistral", vec![server(1, origin.address)]) };
    let embedding = Model {
        provider: "ecs.embedding.instructor".to_owned(),
        kind: Kind::Embedding,
        ..model("instructor", vec![server(2, origin.address)])
    };
    Stage::serving(vec![textgen, embedding], 1 << 20)
}

fn get(stage: &Stage, path: &str) -> (u16, Value) {
    let answer = stage.ask("GET", path, &[("Authorization", &format!("Bearer {USER}"))], "");
    (answer.status, serde_json::from_str(&answer.body).expect("JSON"))
}

fn asked(provider: &str, name: &str, arguments: &Value) -> String {
    json!({ "provider": provider, "modelName": name, "text": "test", "modelKwargs": arguments }).to_string()
}

#[test]
fn models_are_listed_and_described() {
    let origin = origin();
    let stage = stage(&origin);
    let (status, models) = get(&stage, "/v1/describeModels?modelTypes=textgen");
    assert_eq!(status, 200);
    let tgi = &models["textgen"]["ecs.textgen.tgi"][0];
    assert_eq!((&tgi["modelType"], &tgi["streaming"]), (&json!("textgen"), &json!(true)));
    let (_, names) = get(&stage, "/v1/listModels");
    assert_eq!(names["embedding"]["ecs.embedding.instructor"], json!(["instructor"]));
    let (status, one) = get(&stage, "/v1/describeModel?provider=ecs.textgen.tgi&modelName=mistral");
    assert_eq!((status, &one["modelName"]), (200, &json!("mistral")));
    assert_eq!(get(&stage, "/v1/describeModel?provider=unknown.provider&modelName=model-name").0, 404);
    assert_eq!(get(&stage, "/v1/describeModel?provider=unknown.provider&modelName=mistral").0, 404);
    assert_eq!(get(&stage, "/v1/listModels?modelTypes=video").0, 422);
    assert_eq!(get(&stage, "/v2/serve/models/metadata/mistral").1["model_info"]["mode"], "chat");
    assert_eq!(get(&stage, "/v2/serve/model/info").1["data"].as_array().map(Vec::len), Some(2));
}

#[test]
fn one_token_is_generated() {
    let origin = origin();
    let stage = stage(&origin);
    let body = asked(
        "ecs.textgen.tgi",
        "mistral",
        &json!({ "max_new_tokens": 1, "top_k": null, "stop_sequences": [] }),
    );
    let answer: Value = serde_json::from_str(&stage.post("/v1/generate", &body).body).unwrap();
    assert_eq!(answer, json!({ "generatedText": "deep", "generatedTokens": 1, "finishReason": "length" }));
    let sent: Value = serde_json::from_slice(&origin.requests().pop().unwrap().body).unwrap();
    assert_eq!((&sent["prompt"], &sent["max_tokens"]), (&json!("test"), &json!(1)));
}

#[test]
fn one_token_is_one_event_of_a_stream() {
    let origin = origin();
    let stage = stage(&origin);
    let body = asked("ecs.textgen.tgi", "mistral", &json!({ "max_new_tokens": 1 }));
    for path in ["/v1/generateStream", "/v2/generateStream"] {
        let answer = stage.post(path, &body);
        let events: Vec<Value> = answer
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data:"))
            .map(|data| serde_json::from_str(data).unwrap())
            .collect();
        let [event] = &events[..] else { panic!("{}", answer.body) };
        assert_eq!((&event["finishReason"], &event["generatedTokens"]), (&json!("length"), &json!(1)));
    }
}

#[test]
fn a_text_becomes_a_list_of_vectors() {
    let origin = origin();
    let stage = stage(&origin);
    let body = asked("ecs.embedding.instructor", "instructor", &json!({}));
    let answer: Value = serde_json::from_str(&stage.post("/v1/embeddings", &body).body).unwrap();
    assert_eq!(answer, json!({ "embeddings": [[0.5, 1.0]] }));
    assert_eq!(stage.post("/v1/embeddings", &asked("other", "instructor", &json!({}))).status, 404);
    assert_eq!(stage.post("/v1/generate", "{}").status, 400);
}
