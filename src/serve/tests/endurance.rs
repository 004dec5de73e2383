//! Many requests of every kind, well and ill: neither connections nor memory grow.
//!
//! `LISA_REQUESTS` says how many; a hundred thousand take minutes.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use super::stage::{Keep, Origin, Stage, chunk, model, server, streamed};
use crate::attempts::Attempts;
use crate::registry::{Endpoint, Model, Times};

/// Requests where nothing else is said, after the first tenth of which nothing may grow any more.
const REQUESTS: usize = 2_000;

/// Resident memory of this process in KiB, and its open files. Both ends are in it.
fn held() -> (usize, usize) {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    let kib = line.trim().trim_end_matches(" kB").parse().expect("a number");
    (kib, fs::read_dir("/proc/self/fd").expect("Linux").count())
}

/// Whole answers, streams, errors, and answers that break off, in turn.
fn moody() -> Origin {
    Origin::start(Arc::new(|request, stream| {
        let mood = memchr::memchr_iter(b' ', &request.body).count() % 5;
        let whole = |head: &str, body: &str| {
            format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        };
        let answer = match mood {
            0 => whole("200 OK", "{\"choices\":[]}"),
            1 => whole("429 Too Many Requests", "{}"),
            2 => whole("500 Internal Server Error", "{}"),
            3 => {
                let event = String::from_utf8(chunk("data: {\"choices\":[]}\n\n")).expect("text");
                format!("{}{}0\r\n\r\n", streamed("text/event-stream"), event.repeat(20))
            }
            _ => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_owned(),
        };
        let is_whole = mood != 4;
        if stream.write_all(answer.as_bytes()).is_ok() && is_whole { Keep::Open } else { Keep::Closed }
    }))
}

#[test]
fn nothing_grows() {
    let requests = std::env::var("LISA_REQUESTS").ok().and_then(|text| text.parse().ok()).unwrap_or(REQUESTS);
    let origin = moody();
    let times = Times { connect: std::time::Duration::from_secs(2), ..Times::default() };
    let endpoint = Endpoint { times, ..server(1, origin.address) };
    let attempts = Attempts { retries: 0, ..Attempts::default() };
    let stage = Stage::serving(vec![Model { attempts, ..model("m", vec![endpoint]) }], 1 << 20);
    let address = stage.address;
    let ask = |number: usize| {
        let route = if number.is_multiple_of(7) { "v1/messages" } else { "chat/completions" };
        let spaces = " ".repeat(number % 5);
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"x"}}]{spaces}}}"#);
        let mut stream = TcpStream::connect(address).expect("the gateway");
        let head = format!(
            "POST /v2/serve/{route} HTTP/1.1\r\nHost: g\r\nApi-Key: admin-token\r\nConnection: close"
        );
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).expect("sent");
        // Every eleventh caller leaves before it is answered.
        if !number.is_multiple_of(11) {
            let mut text = Vec::new();
            let _ = stream.read_to_end(&mut text);
            assert!(text.starts_with(b"HTTP/1.1 "), "{}", String::from_utf8_lossy(&text));
        }
    };
    (0..requests / 10).for_each(ask);
    origin.forget();
    let (memory, files) = held();
    for number in requests / 10..requests {
        ask(number);
        if number.is_multiple_of(100) {
            origin.forget();
        }
    }
    std::thread::sleep(std::time::Duration::from_millis(500));
    origin.forget();
    let (memory_after, files_after) = held();
    assert!(files_after <= files + 20, "{files} files were open, and then {files_after}");
    assert!(memory_after <= memory + 8 * 1024, "{memory} KiB were held, and then {memory_after}");
    let snapshot = stage.shared.registry.now();
    assert_eq!(snapshot.get("m").expect("the model").endpoints[0].health.outstanding(), 0);
}
