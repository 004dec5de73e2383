//! Forms: audio and pictures, passed on byte for byte.

use super::stage::{Cast, Origin, Stage, USER};

const KIND: &str = "multipart/form-data; boundary=----x1";

fn form(model: &str) -> String {
    format!(
        "------x1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n\
         RIFF\u{0}\r\n--not\r\n------x1\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n------x1--\r\n"
    )
}

fn ask(stage: &Stage, path: &str, kind: &str, body: &str) -> super::stage::Answer {
    stage.ask("POST", path, &[("Api-Key", USER), ("Content-Type", kind)], body)
}

#[test]
fn a_form_passes_byte_for_byte() {
    let origin = Origin::saying("200 OK\r\nContent-Type: application/json", r#"{"text":"hi"}"#);
    let stage = Stage::new(&[Cast("w", &[], None, &[origin.address])]);
    for route in ["audio/transcriptions", "audio/translations", "images/edits", "images/variations"] {
        let answer = ask(&stage, &format!("/v2/serve/v1/{route}"), KIND, &form("w"));
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"text":"hi"}"#), "{route}");
        let request = origin.requests().pop().unwrap();
        assert_eq!(request.line, format!("POST /v1/{route} HTTP/1.1"));
        assert_eq!(request.headers["content-type"], KIND);
        assert_eq!(String::from_utf8_lossy(&request.body), form("w"));
    }
}

#[test]
fn only_the_models_name_is_changed() {
    let origin = Origin::saying("200 OK", "{}");
    let stage = Stage::new(&[Cast("w", &[], Some("openai/whisper-large"), &[origin.address])]);
    assert_eq!(ask(&stage, "/v2/serve/audio/transcriptions", KIND, &form("w")).status, 200);
    let request = origin.requests().pop().unwrap();
    assert_eq!(String::from_utf8_lossy(&request.body), form("openai/whisper-large"));
}

#[test]
fn what_is_no_form_is_refused() {
    let origin = Origin::saying("200 OK", "{}");
    let stage = Stage::new(&[Cast("w", &["others"], None, &[origin.address]), Cast("m", &[], None, &[])]);
    let twice = form("m")
        .replace("RIFF\u{0}\r\n--not", "a")
        .replace("; filename=\"a.wav\"", "")
        .replace("name=\"file\"", "name=\"model\"");
    for (kind, body, code, status) in [
        ("application/json", "{}", "invalid_body", 400),
        (KIND, "{}", "invalid_body", 400),
        (KIND, &twice, "invalid_body", 400),
        (KIND, &form("w"), "model_not_found", 404),
        (KIND, &form("m").replace("\"model\"", "\"other\""), "missing_model", 400),
    ] {
        let answer = ask(&stage, "/v2/serve/audio/transcriptions", kind, body);
        assert!(answer.status == status && answer.body.contains(code), "{code}: {}", answer.body);
    }
    assert!(origin.requests().is_empty());
}
