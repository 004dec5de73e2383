//! Containers behind SageMaker, in the shapes of TGI and LMI.

use serde_json::{Value, json};

use super::*;

fn request(body: &Value) -> openai::Request {
    openai::Request::read(body.to_string().as_bytes()).unwrap()
}

#[test]
fn a_conversation_as_inputs() {
    let body = json!({ "max_tokens": 7, "temperature": 0, "top_p": 0.5, "stop": "END", "seed": 3, "messages": [
        { "role": "system", "content": "Be brief." }, { "role": "user", "content": [{ "type": "text", "text": "Hi" }] },
    ] });
    assert_eq!(
        inputs(&request(&body)).unwrap(),
        json!({
            "inputs": "System: Be brief.\nUser: Hi\nAssistant:",
            "parameters": { "details": true, "return_full_text": false, "max_new_tokens": 7, "do_sample": false,
                "top_p": 0.5, "stop": ["END"], "seed": 3 },
        })
    );
    let single = json!({ "messages": [{ "role": "user", "content": "<s>Hi" }] });
    assert_eq!(inputs(&request(&single)).unwrap()["inputs"], "<s>Hi");
    let tools = json!({ "messages": [], "tools": [{ "type": "function", "function": { "name": "f" } }] });
    assert!(inputs(&request(&tools)).unwrap_err().message.contains("`tools`"));
}

#[test]
fn whole_answers() {
    for body in [
        r#"[{"generated_text":"Hello","details":{"finish_reason":"length","generated_tokens":2,"prefill":[{},{},{}]}}]"#,
        r#"{"generated_text":"Hello","details":{"finish_reason":"length","generated_tokens":2,"input_length":3}}"#,
    ] {
        let answer = answer(body.as_bytes()).unwrap();
        assert_eq!(answer.choices[0].message.content.as_deref(), Some("Hello"));
        assert_eq!(answer.choices[0].finish_reason.as_deref(), Some("length"));
        assert_eq!(answer.usage.unwrap().total_tokens, 5);
    }
    assert!(answer(b"[]").is_err() && answer(b"{}").is_err());
}

#[test]
fn errors_hold_the_containers_own() {
    let body = json!({ "OriginalStatusCode": 422, "OriginalMessage": "{\"error\":\"too long\"}", "Message": "failed" });
    let failure =
        failure(StatusCode::FAILED_DEPENDENCY, &http::HeaderMap::new(), body.to_string().as_bytes());
    assert_eq!((failure.status.as_u16(), failure.message.as_str()), (422, "too long"));
}

#[test]
fn paths() {
    assert_eq!(path("my-llama", false), "/endpoints/my-llama/invocations");
    assert_eq!(path("my-llama", true), "/endpoints/my-llama/invocations-response-stream");
}

#[test]
fn vectors_in_every_form() {
    for body in [
        "[[1.0,2.0]]",
        r#"{"embedding":[[1.0,2.0]]}"#,
        r#"{"object":"list","data":[{"index":0,"embedding":[1.0,2.0]}]}"#,
    ] {
        assert_eq!(vectors(body.as_bytes()).unwrap().vectors, [[1.0, 2.0]], "{body}");
    }
    assert!(vectors(b"{}").is_err());
}
