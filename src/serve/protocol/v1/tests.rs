//! What upstream's SDK sends and expects.

use serde_json::json;

use super::*;
use crate::protocol::openai::write::{Form, Head};
use crate::protocol::stream::{Sink, Source, State, Stream as Whole};

fn request(arguments: &Value) -> Request {
    let body =
        json!({ "provider": "ecs.textgen.tgi", "modelName": "m", "text": "test", "modelKwargs": arguments });
    Request::read(body.to_string().as_bytes()).unwrap()
}

#[test]
fn arguments_are_openais() {
    let arguments = json!({ "max_new_tokens": 1, "top_k": null, "stop_sequences": ["END"], "return_full_text": false,
        "truncate": 10, "do_sample": false, "watermark": false });
    assert_eq!(
        request(&arguments).completion("m", false),
        json!({
            "model": "m", "prompt": "test", "stream": false, "max_tokens": 1, "stop": ["END"], "echo": false,
            "truncate_prompt_tokens": 10, "temperature": 0.0,
        })
    );
    let sampled = request(&json!({ "do_sample": true })).completion("m", true);
    assert_eq!((sampled.get("temperature"), &sampled["max_tokens"]), (None, &json!(50)));
    assert_eq!(sampled["stream_options"]["include_usage"], true);
}

#[test]
fn answers_are_upstreams() {
    let answer =
        br#"{"choices":[{"index":0,"text":"x","finish_reason":"length"}],"usage":{"completion_tokens":1}}"#;
    let written: Value = serde_json::from_slice(&generated(&Answer::read(answer).unwrap())).unwrap();
    assert_eq!(written, json!({ "generatedText": "x", "generatedTokens": 1, "finishReason": "length" }));
    let vectors = embedded(br#"{"data":[{"embedding":[1.50, 2]},{"embedding":[]}]}"#).unwrap();
    assert_eq!(String::from_utf8(vectors).unwrap(), r#"{"embeddings":[[1.50, 2],[]]}"#);
    assert!(embedded(b"{}").is_err());
}

/// Upstream's own test: one token is one event, which holds the reason of the end.
#[test]
fn one_token_is_one_event() {
    let mut stream = Whole::new(Source::openai(), Sink::Generate(Stream::default()));
    let mut out = BytesMut::new();
    let chunks = "data: {\"choices\":[{\"index\":0,\"text\":\"x\",\"finish_reason\":null}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":\"length\"}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"completion_tokens\":1}}\n\ndata: [DONE]\n\n";
    assert_eq!(stream.feed(chunks.as_bytes(), &mut out), State::Done);
    let text = String::from_utf8(out.to_vec()).unwrap();
    let data: Value = serde_json::from_str(text.trim().strip_prefix("data:").unwrap()).unwrap();
    assert_eq!(
        data,
        json!({ "token": { "text": "x", "special": false }, "generatedTokens": 1, "finishReason": "length" })
    );
}

#[test]
fn tokens_before_the_last_come_at_once() {
    let chunk = |text: &str| format!("data: {{\"choices\":[{{\"index\":0,\"text\":\"{text}\"}}]}}\n\n");
    let mut stream = Whole::new(Source::openai(), Sink::Generate(Stream::default()));
    let mut out = BytesMut::new();
    stream.feed((chunk("a") + &chunk("b")).as_bytes(), &mut out);
    assert_eq!(&out[..], b"data:{\"token\":{\"special\":false,\"text\":\"a\"}}\n\n");
    // Told apart from OpenAI's, for whom the same chunks are written otherwise.
    let mut other = Whole::new(Source::openai(), Sink::OpenAi(Head::default(), Form::Text, false));
    let mut openai = BytesMut::new();
    other.feed(chunk("a").as_bytes(), &mut openai);
    assert!(String::from_utf8_lossy(&openai).contains("\"text\":\"a\""));
}

#[test]
fn models_by_type_and_provider() {
    let model = |name: &str, kind, provider: &str| Model {
        name: name.to_owned(),
        kind,
        provider: provider.to_owned(),
        ..Model::default()
    };
    let models = [
        model("mistral", Kind::Textgen, "ecs.textgen.tgi"),
        model("e5", Kind::Embedding, "ecs.embedding.instructor"),
        model("hidden", Kind::Textgen, ""),
    ];
    let both = kinds(None).unwrap();
    assert_eq!(
        list(models.iter(), &both),
        json!({
            "textgen": { "ecs.textgen.tgi": ["mistral"] }, "embedding": { "ecs.embedding.instructor": ["e5"] },
        })
    );
    let textgen = kinds(Some("modelTypes=textgen")).unwrap();
    let described = describe_all(models.iter(), &textgen);
    assert_eq!(described["embedding"], Value::Null);
    let mistral = &described["textgen"]["ecs.textgen.tgi"][0];
    assert_eq!((&mistral["modelName"], &mistral["modelType"]), (&json!("mistral"), &json!("textgen")));
    for name in [
        "max_new_tokens",
        "top_k",
        "top_p",
        "do_sample",
        "temperature",
        "repetition_penalty",
        "return_full_text",
        "truncate",
        "stop_sequences",
        "seed",
        "watermark",
    ] {
        assert!(mistral["modelKwargs"].get(name).is_some(), "{name}");
    }
    assert!(kinds(Some("modelTypes=video")).is_err());
}
