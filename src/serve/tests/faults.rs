//! Models that fail, callers that leave, and requests that are none.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::stage::{Cast, Keep, Origin, Stage, read_answer};

const ASKED: &str = r#"{"model":"m"}"#;

/// An address that nothing listens on.
fn nowhere() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port").local_addr().expect("an address")
}

#[test]
fn another_server_answers_for_one_that_does_not() {
    let origin = Origin::saying("200 OK", "{}");
    let stage = Stage::new(&[Cast("m", &[], None, &[nowhere(), origin.address])]);
    for _ in 0..20 {
        assert_eq!(stage.chat(ASKED).status, 200);
    }
    assert_eq!(origin.requests().len(), 20);
}

#[test]
fn a_busy_server_is_passed_over_and_its_own_words_are_the_last_resort() {
    let busy = Origin::saying("429 Too Many Requests\r\nRetry-After: 7", r#"{"error":"busy"}"#);
    let alone = Stage::new(&[Cast("m", &[], None, &[busy.address])]);
    let answer = alone.chat(ASKED);
    assert_eq!((answer.status, answer.body.as_str()), (429, r#"{"error":"busy"}"#));
    assert!(answer.head.contains("retry-after: 7"));
    let open = Origin::saying("200 OK", "{}");
    let stage = Stage::new(&[Cast("m", &[], None, &[busy.address, open.address])]);
    for _ in 0..20 {
        assert_eq!(stage.chat(ASKED).status, 200);
    }
    assert!(busy.requests().len() <= 2, "it asked to be left alone");
}

#[test]
fn nobody_answers() {
    let stage = Stage::new(&[Cast("m", &[], None, &[nowhere()])]);
    let answer = stage.chat(ASKED);
    assert_eq!(answer.status, 502);
    assert!(
        answer.body.contains("model_unreachable") && answer.head.contains("retry-after"),
        "{}",
        answer.body
    );
}

#[test]
fn a_server_that_does_not_begin_in_time_is_given_up_and_not_asked_twice() {
    let origin = Origin::start(Arc::new(|_, _| {
        sleep(Duration::from_secs(3));
        Keep::Closed
    }));
    let other = Origin::saying("200 OK", "{}");
    let alone = Stage::patient(&[Cast("m", &[], None, &[origin.address])], Duration::from_millis(200));
    let begun = Instant::now();
    assert_eq!(alone.chat(ASKED).status, 504);
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(origin.requests().len() + other.requests().len(), 1);
}

#[test]
fn a_model_that_breaks_off_breaks_off() {
    let origin = Origin::start(Arc::new(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").expect("sent");
        Keep::Closed
    }));
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    let answer = stage.chat(ASKED);
    assert_eq!((answer.status, answer.body.as_str()), (200, "half"), "and no end that was not there");
    assert_eq!(stage.chat(ASKED).status, 200, "the next one has a connection of its own");
}

/// Waits for the gateway to close, after it has begun to answer or not.
fn until_left(begun: &'static str) -> Origin {
    Origin::start(Arc::new(move |_, stream| {
        stream.write_all(begun.as_bytes()).expect("sent");
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).unwrap_or_default(), 0);
        Keep::Open
    }))
}

/// The model's connection closes within 50 ms of the caller's, streaming or not, whether an answer has begun or not.
#[test]
fn when_the_caller_leaves_the_model_stops_at_once() {
    const STREAM: &str =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    let stream = format!("{STREAM}9\r\ndata: 0\n\n\r\n").leak();
    for (kind, begun) in [
        ("nothing yet", ""),
        ("a stream", stream),
        ("half an answer", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
    ] {
        let origin = until_left(begun);
        let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
        let headers = [("Authorization", "Bearer user-token")];
        let leave = |number: usize| {
            let mut caller = stage.send("POST", "/v2/serve/chat/completions", &headers, ASKED);
            while origin.requests().len() == number {
                sleep(Duration::from_millis(2));
            }
            if !begun.is_empty() {
                assert_ne!(caller.read(&mut [0; 512]).expect("bytes"), 0);
            }
            sleep(Duration::from_millis(10));
            let left = Instant::now();
            caller.shutdown(Shutdown::Both).expect("open until now");
            drop(caller);
            assert!(
                origin.wait_until_left(Duration::from_secs(2)),
                "{kind}: the model would work for nobody"
            );
            left.elapsed()
        };
        let mut times: Vec<Duration> = (0..9).map(leave).collect();
        times.sort_unstable();
        assert!(times[4] < Duration::from_millis(50), "{kind}: {times:?}");
    }
}

#[test]
fn requests_that_are_none() {
    let origin = Origin::saying("200 OK", "{}");
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    for (body, code) in [
        ("", "invalid_body"),
        ("[]", "invalid_body"),
        (r#"{"model":"m","model":"n"}"#, "invalid_body"),
        (r#"{"messages":[]}"#, "missing_model"),
        (r#"{"model":"other"}"#, "model_not_found"),
        (r#"{"model":7}"#, "invalid_body"),
        ("{\"model\":\"m\"}\0", "invalid_body"),
    ] {
        let answer = stage.chat(body);
        assert!(
            (400..=404).contains(&answer.status) && answer.body.contains(code),
            "{body}: {}",
            answer.body
        );
    }
    let large = [("Authorization", "Bearer user-token"), ("Content-Length", "99999999999")];
    assert_eq!(stage.ask("POST", "/v2/serve/chat/completions", &large[..1], ASKED).status, 200);
    let mut stream = TcpStream::connect(stage.address).expect("the gateway");
    let head =
        "POST /v2/serve/chat/completions HTTP/1.1\r\nHost: g\r\nApi-Key: user-token\r\nConnection: close\r\n";
    write!(stream, "{head}Content-Length: 99999999999\r\n\r\n").expect("sent");
    assert_eq!(read_answer(stream).status, 413);
    let mut bomb = TcpStream::connect(stage.address).expect("the gateway");
    let fields: Vec<String> = (0..200).map(|number| format!("X-{number}: 1\r\n")).collect();
    let fields = fields.concat();
    write!(bomb, "GET /health HTTP/1.1\r\nHost: g\r\nConnection: close\r\n{fields}\r\n").expect("sent");
    assert_eq!(read_answer(bomb).status, 431);
    assert_eq!(origin.requests().len(), 1, "none of them reached the model");
}
