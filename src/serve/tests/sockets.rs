//! What comes over raw sockets: requests that are none, bodies that do not come, models that fall silent.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::stage::{Cast, Keep, Origin, Stage, chunk, model, read_answer, server, streamed};
use crate::registry::{Endpoint, Target, Times, Upstream};
use crate::terms::Terms;

const HEAD: &str =
    "POST /v2/serve/chat/completions HTTP/1.1\r\nHost: g\r\nApi-Key: user-token\r\nConnection: close\r\n";
const ASKED: &str = r#"{"model":"m"}"#;

fn raw(stage: &Stage, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(stage.address).expect("the gateway");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
    stream.write_all(bytes.as_ref()).expect("sent");
    stream
}

#[test]
fn requests_that_are_none_reach_nobody() {
    let origin = Origin::saying("200 OK", "{}");
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    let long = "x".repeat(80 * 1024);
    for (bytes, status) in [
        (format!("{HEAD}X: {long}\r\n\r\n"), 431),
        (format!("GET /{long} HTTP/1.1\r\nHost: g\r\n\r\n"), 431),
        ("GET /health HTTP/1.1\r\nHost: g\r\nX: a\0b\r\n\r\n".to_owned(), 400),
        ("GET /health\0 HTTP/1.1\r\nHost: g\r\n\r\n".to_owned(), 400),
        ("GET /v2/serve/models/%00 HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n".to_owned(), 400),
        ("GET /health?a=%00 HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n".to_owned(), 400),
        (format!("{HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 400),
        (format!("{HEAD}Content-Length: -1\r\n\r\n"), 400),
        (format!("{HEAD}Transfer-Encoding: gzip\r\n\r\n"), 400),
        ("\x16\x03\x01\x02\0\x01\0\x01\u{7f}\x03\x03".to_owned(), 400),
    ] {
        let answer = read_answer(raw(&stage, &bytes));
        assert!(
            answer.status == status || (status == 431 && [400, 414].contains(&answer.status)),
            "{} for {:.60}",
            answer.status,
            bytes
        );
    }
    // Two lengths that contradict one another are no way to smuggle a request in.
    let smuggled = format!("{HEAD}Content-Length: 13\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{ASKED}");
    assert_ne!(read_answer(raw(&stage, smuggled)).status, 200);
    assert!(origin.requests().is_empty());
}

#[test]
fn a_caller_who_breaks_off_is_forgotten() {
    let origin = Origin::saying("200 OK", "{}");
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    for _ in 0..50 {
        drop(raw(&stage, format!("{HEAD}Content-Length: 100\r\n\r\n{{\"model\"")));
        drop(raw(&stage, "POST /v2/serve/chat"));
    }
    assert_eq!(stage.chat(ASKED).status, 200);
    assert_eq!(origin.requests().len(), 1);
}

#[test]
fn bodies_that_would_be_too_many_are_refused() {
    let origin = Origin::saying("200 OK", "{}");
    let stage = Stage::serving(vec![model("m", vec![server(1, origin.address)])], 10_000);
    let held: Vec<TcpStream> =
        (0..3).map(|_| raw(&stage, format!("{HEAD}Content-Length: 3000\r\n\r\n{{"))).collect();
    sleep(Duration::from_millis(100));
    let refused = read_answer(raw(&stage, format!("{HEAD}Content-Length: 3000\r\n\r\n{{")));
    assert!(refused.status == 503 && refused.body.contains("overloaded"), "{}", refused.body);
    assert!(refused.head.contains("retry-after: 1"), "{}", refused.head);
    // One of no known length, too.
    let mut endless = raw(&stage, format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n"));
    endless.write_all(&chunk(vec![b' '; 3000])).expect("sent");
    assert_eq!(read_answer(endless).status, 503);
    drop(held);
    sleep(Duration::from_millis(100));
    assert_eq!(stage.chat(ASKED).status, 200, "what was held is given back");
}

fn impatient(origin: &Origin, times: Times) -> Stage {
    let endpoint = Endpoint { times, ..server(1, origin.address) };
    Stage::serving(vec![model("m", vec![endpoint])], 1 << 20)
}

/// Begins to answer and then says nothing more, as a host that is gone does.
fn silent(kind: &'static str) -> Origin {
    Origin::start(Arc::new(move |_, stream| {
        let begun = [streamed(kind).into_bytes(), chunk("data: {\"choices\":[]}\n\n")].concat();
        stream.write_all(&begun).expect("sent");
        let mut byte = [0];
        let _ = stream.read(&mut byte);
        Keep::Closed
    }))
}

#[test]
fn a_silent_model_is_spoken_for_between_events() {
    let origin = silent("text/event-stream");
    let keep_alive = Duration::from_millis(50);
    let terms = Terms { keep_alive: Some(keep_alive), ..Terms::default() };
    let endpoint = Endpoint { terms, ..server(1, origin.address) };
    let stage = Stage::serving(vec![model("m", vec![endpoint])], 1 << 20);
    let mut caller = raw(&stage, format!("{HEAD}Content-Length: {}\r\n\r\n{ASKED}", ASKED.len()));
    let (mut seen, mut buffer) = (String::new(), [0; 1024]);
    while seen.matches(": keep-alive\n\n").count() < 3 {
        let count = caller.read(&mut buffer).expect("bytes");
        assert!(count > 0, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    drop(caller);
    assert!(seen.find("data:").is_some_and(|data| data < seen.find(": keep").unwrap_or_default()), "{seen}");
}

#[test]
fn a_model_that_falls_silent_is_given_up() {
    let short = Duration::from_millis(150);
    for times in
        [Times { silence: short, ..Times::default() }, Times { total: Some(short), ..Times::default() }]
    {
        for kind in ["text/event-stream", "application/json"] {
            let origin = silent(kind);
            let stage = impatient(&origin, times);
            let begun = Instant::now();
            let caller = raw(&stage, format!("{HEAD}Content-Length: {}\r\n\r\n{ASKED}", ASKED.len()));
            let mut text = String::new();
            // It has no end that the model did not write.
            let _ = { caller }.read_to_string(&mut text);
            assert!(!text.contains("\r\n0\r\n") && begun.elapsed() < Duration::from_secs(5), "{text}");
        }
        // In another protocol it is told so.
        let origin = silent("text/event-stream");
        let messages = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}"#;
        let answer = impatient(&origin, times).post("/v2/serve/v1/messages", messages);
        assert!(
            answer.body.contains("event: error") && !answer.body.contains("message_stop"),
            "{}",
            answer.body
        );
    }
}

#[test]
fn a_host_without_a_name_is_an_error_and_no_wait() {
    let upstream = Upstream::parse("http://no-such-host.invalid:9/v1").expect("a URL");
    let times = Times { connect: Duration::from_secs(3), ..Times::default() };
    let endpoint = Endpoint { times, ..Endpoint::new(1, Target::Http(upstream)) };
    let stage = Stage::serving(vec![model("m", vec![endpoint])], 1 << 20);
    let begun = Instant::now();
    let answer = stage.chat(ASKED);
    assert!(answer.status == 502 && answer.body.contains("model_unreachable"), "{}", answer.body);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

/// Waits for both ends of a proxy's connection, however small the parts: Nagle's algorithm would hold them back by 40 ms
/// each.
#[test]
fn small_parts_do_not_wait_for_one_another() {
    let origin = Origin::start(Arc::new(|_, stream| {
        stream.set_nodelay(true).expect("an option");
        stream.write_all(streamed("text/event-stream").as_bytes()).expect("sent");
        for _ in 0..50 {
            stream.write_all(&chunk("data: x\n\n")).expect("sent");
            sleep(Duration::from_millis(1));
        }
        stream.write_all(b"0\r\n\r\n").expect("sent");
        Keep::Open
    }));
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    let begun = Instant::now();
    assert_eq!(stage.chat(ASKED).body.matches("data: x").count(), 50);
    assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
}

/// A server that answers before it has read the request, and then reads no more: its connection is not kept for ever.
#[test]
fn a_server_that_reads_no_more_is_left() {
    const SIZE: usize = 24 << 20;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    let origin = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the gateway");
        let mut some = [0; 1024];
        stream.read_exact(&mut some).expect("a head");
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").expect("sent");
        // Longer than a connection is kept for.
        sleep(Duration::from_secs(6));
        let mut rest = Vec::new();
        // It was closed with more to send, or in the middle.
        let _ = stream.read_to_end(&mut rest);
        rest.len()
    });
    let stage = Stage::serving(vec![model("m", vec![server(1, address)])], 2 * SIZE);
    let body = format!(r#"{{"model":"m","user":"{}"}}"#, "x".repeat(SIZE));
    let headers = [("Authorization", "Bearer user-token")];
    assert_eq!(stage.ask("POST", "/v2/serve/chat/completions", &headers, &body).status, 200);
    let read = origin.join().expect("the server");
    // What the system holds between the two is less than half.
    assert!(read < SIZE / 2, "the gateway went on for {read} bytes");
}
