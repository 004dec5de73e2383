//! What passes, passes unchanged.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use super::stage::{Cast, Keep, Origin, Stage, read_answer};

const ODD: &str = "{ \"messages\" : [ ] ,\"temperature\":0.70, \"model\":\"m\", \"x\":\"\\u00e4\\/\" }";

#[test]
fn bodies_and_statuses_pass_unchanged() {
    let origin = Origin::saying(
        "418 I'm a teapot\r\nX-Model: yes\r\nSet-Cookie: a=b\r\nContent-Type: text/weird",
        "short\u{e4}\n",
    );
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    let headers = [
        ("Authorization", "Bearer user-token"),
        ("Api-Key", "other"),
        ("Cookie", "session=1"),
        ("Connection", "x-hop"),
        ("X-Hop", "1"),
        ("X-Custom", "kept"),
        ("Content-Type", "application/json"),
    ];
    let answer = stage.ask("POST", "/v2/serve/v1/chat/completions?a=b", &headers, ODD);
    assert_eq!((answer.status, answer.body.as_str()), (418, "short\u{e4}\n"));
    assert!(
        answer.head.contains("x-model: yes") && answer.head.contains("content-type: text/weird"),
        "{}",
        answer.head
    );
    let [request] = &origin.requests()[..] else { panic!("one request") };
    assert_eq!(request.line, "POST /v1/chat/completions?a=b HTTP/1.1");
    assert_eq!(String::from_utf8_lossy(&request.body), ODD, "byte for byte");
    assert_eq!(request.headers["authorization"], "Bearer secret", "the server's key and not the caller's");
    assert_eq!(request.headers["x-custom"], "kept");
    for name in ["api-key", "cookie", "x-hop"] {
        assert!(!request.headers.contains_key(name), "{name}");
    }
}

#[test]
fn only_the_models_name_is_changed() {
    let origin = Origin::saying("200 OK", "{}");
    let stage = Stage::new(&[Cast("m", &[], Some("org/real \"name\""), &[origin.address])]);
    assert_eq!(stage.chat(ODD).status, 200);
    let body = origin.requests().remove(0).body;
    assert_eq!(String::from_utf8_lossy(&body), ODD.replace("\"m\"", "\"org/real \\\"name\\\"\""));
}

#[test]
fn a_stream_passes_as_it_comes() {
    let origin = Origin::start(Arc::new(|_, stream| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("sent");
        for number in 0..3 {
            let event = format!("data: {number}\n\n");
            write!(stream, "{:x}\r\n{event}\r\n", event.len()).expect("sent");
            sleep(Duration::from_millis(300));
        }
        let last = "data: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}\n\ndata: [DONE]\n\n";
        write!(stream, "{:x}\r\n{last}\r\n0\r\n\r\n", last.len()).expect("sent");
        Keep::Open
    }));
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    let headers = [("Authorization", "Bearer user-token")];
    let mut caller =
        stage.send("POST", "/v2/serve/chat/completions", &headers, r#"{"model":"m","stream":true}"#);
    let mut first = vec![0; 4096];
    let mut seen = String::new();
    while !seen.contains("data: 0") {
        let count = caller.read(&mut first).expect("bytes");
        seen.push_str(&String::from_utf8_lossy(&first[..count]));
    }
    assert!(!seen.contains("data: 1"), "the first event does not wait for the second");
    let mut rest = String::new();
    caller.read_to_string(&mut rest).expect("text");
    assert!(rest.contains("data: 2") && rest.contains("[DONE]"));
    let text = stage.shared.metrics.text();
    assert!(text.contains(r#"lisa_tokens_total{model="m",kind="completion"} 5"#), "{text}");
}

#[test]
fn connections_to_models_are_kept() {
    let origin = Origin::saying("200 OK", "{}");
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    for _ in 0..20 {
        assert_eq!(stage.chat(r#"{"model":"m"}"#).status, 200);
    }
    assert_eq!((origin.requests().len(), origin.connections()), (20, 1));
}

#[test]
fn a_connection_that_was_closed_meanwhile_costs_no_request() {
    let origin = Origin::start(Arc::new(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").expect("sent");
        Keep::Closed
    }));
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    for _ in 0..10 {
        assert_eq!(stage.chat(r#"{"model":"m"}"#).status, 200);
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn requests_under_way_end_before_the_process_does() {
    let origin = Origin::start(Arc::new(|_, stream| {
        sleep(Duration::from_millis(400));
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate").expect("sent");
        Keep::Open
    }));
    let mut stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    let headers = [("Authorization", "Bearer user-token")];
    let caller = stage.send("POST", "/v2/serve/chat/completions", &headers, r#"{"model":"m"}"#);
    sleep(Duration::from_millis(100));
    let reader = std::thread::spawn(move || read_answer(caller));
    stage.stop();
    assert_eq!(reader.join().expect("an answer").body, "late");
}
