//! What `litellmConfig` sets for all requests, and that a reload disturbs none.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use lisa_litellm::Cache;

use super::stage::{ADMIN, Cast, Keep, Origin, Stage};
use crate::options::{Options, PassThrough};
use crate::registry::{Endpoint, Model, Snapshot, Target, Upstream};

const ASKED: &str = r#"{"model":"m"}"#;

/// A snapshot with one model behind a new endpoint, and options.
fn snapshot(address: SocketAddr, id: u64, options: Options) -> Snapshot {
    let upstream = Upstream::parse(&format!("http://{address}/v1")).expect("a URL");
    let endpoints = vec![Arc::new(Endpoint::new(id, Target::Http(upstream)))];
    let model = Model { name: "m".to_owned(), endpoints, ..Model::default() };
    Snapshot::with(vec![model], BTreeMap::new(), options)
}

#[test]
fn a_reload_drops_no_request() {
    let origin = Origin::start(Arc::new(|_, stream| {
        sleep(Duration::from_millis(3));
        std::io::Write::write_all(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").expect("sent");
        Keep::Open
    }));
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    let (done, address, shared) = (AtomicBool::new(false), origin.address, Arc::clone(&stage.shared));
    scope(|threads| {
        let (shared, done) = (&shared, &done);
        threads.spawn(move || {
            for id in 1000.. {
                shared.registry.replace(snapshot(address, id, Options::default()));
                sleep(Duration::from_micros(500));
                if done.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        for number in 0..150 {
            let answer = stage.chat(ASKED);
            assert_eq!((answer.status, answer.body.as_str()), (200, "{}"), "request {number}");
        }
        done.store(true, Ordering::SeqCst);
    });
    assert_eq!(origin.requests().len(), 150, "each was asked once");
}

#[test]
fn limits_hold() {
    let origin = Origin::start(Arc::new(|_, stream| {
        sleep(Duration::from_millis(300));
        std::io::Write::write_all(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").expect("sent");
        Keep::Open
    }));
    let stage = Stage::new(&[]);
    let options = Options { max_parallel: Some(1), max_request: 100, ..Options::default() };
    stage.shared.registry.replace(snapshot(origin.address, 1, options));
    scope(|threads| {
        let stage = &stage;
        let first = threads.spawn(move || stage.chat(ASKED).status);
        sleep(Duration::from_millis(100));
        let second = stage.chat(ASKED);
        assert!(
            second.status == 429 && second.body.contains("too_many_parallel_requests"),
            "{}",
            second.body
        );
        assert_eq!(first.join().expect("an answer"), 200);
    });
    assert_eq!(stage.chat(ASKED).status, 200, "the first has ended");
    let long = format!(r#"{{"model":"m","user":"{}"}}"#, "x".repeat(100));
    assert_eq!(stage.chat(&long).status, 413);
}

#[test]
fn answers_are_remembered_routes_are_closed_and_users_are_named() {
    let origin = Origin::saying("200 OK", r#"{"usage":{"prompt_tokens":1,"completion_tokens":2}}"#);
    let stage = Stage::new(&[]);
    let cache = Cache { ttl: Duration::from_mins(1), routes: vec!["chat/completions"], opt_in: false };
    let options = Options {
        cache: Some(cache),
        allowed_routes: Some(vec!["chat/completions".to_owned()]),
        user_header: Some(http::HeaderName::from_static("x-user")),
        ..Options::default()
    };
    stage.shared.registry.replace(snapshot(origin.address, 1, options));
    let first = stage.chat(ASKED);
    let second = stage.chat(r#"{ "model" : "m" }"#);
    assert_eq!(first.body, second.body);
    assert!(second.head.contains("age: 0") && !first.head.contains("age: "), "{}", second.head);
    assert_eq!(origin.requests().len(), 1, "the second answer was remembered");
    let text = stage.shared.metrics.text();
    assert!(text.contains(r#"lisa_tokens_total{model="m",kind="completion"} 2"#), "counted once: {text}");
    let key = ("Api-Key", ADMIN);
    assert_eq!(stage.ask("POST", "/v2/serve/embeddings", &[key], ASKED).status, 404);
    let body = r#"{"model":"m","n":2}"#;
    assert_eq!(stage.ask("POST", "/v2/serve/chat/completions", &[key, ("X-User", "ada")], body).status, 200);
    let asked = origin.requests().pop().expect("a request").body;
    assert_eq!(String::from_utf8_lossy(&asked), r#"{"user":"ada","model":"m","n":2}"#);
    stage.ask(
        "POST",
        "/v2/serve/chat/completions",
        &[key, ("X-User", "ada")],
        r#"{"model":"m","n":3,"user":null}"#,
    );
    let asked = origin.requests().pop().expect("a request").body;
    assert_eq!(String::from_utf8_lossy(&asked), r#"{"model":"m","n":3,"user":"ada"}"#);
}

#[test]
fn a_path_of_its_own_leads_elsewhere() {
    let origin = Origin::saying("200 OK\r\nX-There: yes", "there");
    let stage = Stage::new(&[]);
    let target = Upstream::parse(&format!("http://{}/base", origin.address)).expect("a URL");
    let own = PassThrough {
        path: "/bria".to_owned(),
        endpoint: Arc::new(Endpoint::new(7, Target::Http(target.clone()))),
        target,
        headers: vec![(http::header::AUTHORIZATION, http::HeaderValue::from_static("Bearer theirs"))],
        for_users: false,
        with_subpaths: true,
        forwards_headers: false,
    };
    let options = Options { pass_through: vec![own], ..Options::default() };
    stage.shared.registry.replace(snapshot(origin.address, 1, options));
    let answer = stage.ask("POST", "/bria/v1/x?a=b", &[("Api-Key", ADMIN), ("X-Mine", "1")], "body");
    assert_eq!((answer.status, answer.body.as_str()), (200, "there"));
    let request = origin.requests().pop().expect("a request");
    assert_eq!(request.line, "POST /base/v1/x?a=b HTTP/1.1");
    assert_eq!(request.headers["authorization"], "Bearer theirs");
    assert!(!request.headers.contains_key("x-mine"));
    assert_eq!(stage.ask("POST", "/bria/v1/x", &[("Authorization", "Bearer user-token")], "").status, 404);
    assert_eq!(stage.ask("POST", "/bria/../x", &[("Api-Key", ADMIN)], "").status, 404);
    assert_eq!(stage.ask("POST", "/brian", &[("Api-Key", ADMIN)], "").status, 404);
}

#[test]
fn an_endpoint_that_is_full_says_when_to_come_back() {
    let origin = Origin::saying("200 OK", "{}");
    let stage = Stage::new(&[]);
    let upstream = Upstream::parse(&format!("http://{}/v1", origin.address)).expect("a URL");
    let terms = crate::terms::Terms { rpm: Some(2), ..crate::terms::Terms::default() };
    let endpoint = Endpoint { terms, ..Endpoint::new(1, Target::Http(upstream)) };
    let model = Model { name: "m".to_owned(), endpoints: vec![Arc::new(endpoint)], ..Model::default() };
    stage.shared.registry.replace(Snapshot::new(vec![model]));
    assert_eq!((stage.chat(ASKED).status, stage.chat(ASKED).status), (200, 200));
    let full = stage.chat(ASKED);
    assert!(full.status == 429 && full.head.contains("retry-after: "), "{} {}", full.status, full.head);
    assert_eq!(origin.requests().len(), 2);
}

/// An answer of upstream's first routes has no word of tokens in it.
#[test]
fn what_is_known_of_tokens_stays_known_where_an_answer_is_read_as_a_whole() {
    let origin = Origin::saying("200 OK", r#"{"data":[{"embedding":[1]}],"usage":{"prompt_tokens":7}}"#);
    let stage = Stage::new(&[]);
    let options = Options { max_response: Some(1000), ..Options::default() };
    stage.shared.registry.replace(snapshot(origin.address, 1, options));
    let answer = stage.post("/v1/embeddings", r#"{"provider":"","modelName":"m","text":"x"}"#);
    assert_eq!(answer.body, r#"{"embeddings":[[1]]}"#);
    let text = stage.shared.metrics.text();
    assert!(text.contains(r#"lisa_tokens_total{model="m",kind="prompt"} 7"#), "{text}");
}
