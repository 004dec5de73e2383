//! What must hold of the gateway whatever bytes it reads. One function per fuzz target; none may panic or take long.
//!
//! The fuzzer calls them with bytes it makes, the gateway's own tests with those that lie in `tests/fuzz/serve`.

use bytes::{Bytes, BytesMut};
use http::Method;
use lisa_auth::Credential;
use lisa_serve::peek::{Peek, splice};
use lisa_serve::protocol::anthropic::write::Stream as Messages;
use lisa_serve::protocol::event_stream::written::frame;
use lisa_serve::protocol::openai::strip::Strip;
use lisa_serve::protocol::openai::write::{Form, Head};
use lisa_serve::protocol::stream::{Sink, Source, State, Stream};
use lisa_serve::protocol::{anthropic, bedrock, openai, v1};
use lisa_serve::route::{Ask, Route};
use serde_json::Value;

/// Another name of the model, with what JSON has to escape.
const NAME: &str = "org/\"other\"";

/// A body: what is read of it is what every reader of JSON reads, and another name changes nothing else.
pub fn peek(bytes: &[u8]) {
    let body = Bytes::copy_from_slice(bytes);
    if let Ok(peek) = Peek::read(bytes) {
        let value: Value = serde_json::from_slice(bytes).expect("what was read is JSON");
        assert_eq!(value["model"].as_str(), peek.model.as_deref());
        assert_eq!(value["stream"].as_bool().unwrap_or_default(), peek.stream);
        let renamed = splice(&body, peek.renamed(bytes, NAME).into_iter().collect());
        let mut other: Value = serde_json::from_slice(&renamed).expect("it stays JSON");
        assert_eq!(other["model"], NAME);
        other["model"] = value["model"].clone();
        let mut value = value;
        value["model"] = other["model"].clone();
        assert_eq!(other, value);
        let counted = splice(&body, vec![peek.counted(bytes)]);
        let counted: Value = serde_json::from_slice(&counted).expect("it stays JSON");
        assert_eq!(counted["stream_options"]["include_usage"], true);
        assert_eq!(without(counted, "stream_options"), without(value, "stream_options"));
    }
    if let Ok(peek) = Peek::read_form(Some("multipart/form-data; boundary=xx"), bytes)
        && peek.model.is_some()
    {
        let renamed = splice(&body, peek.renamed(bytes, "other").into_iter().collect());
        let again = Peek::read_form(Some("multipart/form-data; boundary=xx"), &renamed);
        assert_eq!(again.map(|peek| peek.model), Ok(Some("other".to_owned())));
    }
    // Whatever a body asks for, it becomes a request in another protocol or is refused with a reason.
    for request in [openai::Request::read(bytes), anthropic::chat(bytes)] {
        let asked = request.and_then(|request| bedrock::converse(request, "anthropic.claude", None));
        match asked {
            Ok(asked) => assert!(serde_json::to_vec(&asked).is_ok()),
            Err(failure) => assert!(!failure.message.is_empty() && failure.status.is_client_error()),
        }
    }
}

fn without(mut value: Value, key: &str) -> Value {
    value.as_object_mut().map(|value| value.remove(key));
    value
}

/// A stream without its usage: cut anywhere, it says the same, and no more than it said before.
fn strip(cut: usize, bytes: &[u8]) {
    let run = |length: usize| {
        let mut strip = Strip::default();
        let parts = bytes.chunks(length.max(1)).map(|part| strip.feed(Bytes::copy_from_slice(part)));
        let passed: Vec<u8> = parts.flatten().collect();
        [&passed[..], &strip.rest()].concat()
    };
    let whole = run(bytes.len());
    assert!(whole.len() <= bytes.len());
    if bytes.len() < 4096 {
        assert_eq!(run(cut + 1), whole);
    }
}

/// A stream of any protocol: cut anywhere, it says the same. The first byte chooses the protocols, the second the cuts.
pub fn stream(bytes: &[u8]) {
    let [protocols, cut, rest @ ..] = bytes else { return };
    strip((*cut).into(), rest);
    let (from, to) = (protocols % 4, protocols / 4 % 4);
    let sent = if from == 0 { rest.to_vec() } else { framed(from, rest) };
    let run = |length: usize| {
        let mut stream = Stream::new(source(from), sink(to));
        let (mut out, mut is_over) = (BytesMut::new(), false);
        for part in sent.chunks(length.max(1)) {
            is_over |= stream.feed(part, &mut out) == State::Failed;
        }
        let end = stream.end(&mut out);
        assert!(!is_over || end == State::Failed, "a stream that failed stays failed");
        (out.to_vec(), end)
    };
    let whole = run(sent.len());
    assert_eq!(run(usize::from(*cut) + 1), whole);
    assert_ne!(whole.1, State::Open);
}

fn source(number: u8) -> Source {
    match number {
        0 => Source::openai(),
        1 => Source::converse(true),
        2 => Source::sagemaker_chat(),
        _ => Source::sagemaker_tokens(),
    }
}

fn sink(number: u8) -> Sink {
    match number {
        0 => Sink::OpenAi(Head::default(), Form::Chat, true),
        1 => Sink::OpenAi(Head::default(), Form::Text, false),
        2 => Sink::Messages(Messages::new("msg_1".to_owned(), "m".to_owned())),
        _ => Sink::Generate(v1::Stream::default()),
    }
}

/// Names of events, of which a payload's first byte chooses one.
const EVENTS: [&str; 7] = [
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
    "metadata",
    "throttlingException",
];

/// Payloads in frames, since no fuzzer guesses checksums. Nulls part them.
fn framed(from: u8, bytes: &[u8]) -> Vec<u8> {
    let payloads = bytes.split(|byte| *byte == 0);
    let payloads = payloads.flat_map(|payload| match (from, payload) {
        (1, [name, rest @ ..]) => {
            let name = EVENTS[usize::from(*name) % EVENTS.len()];
            frame(if name.ends_with("Exception") { "exception" } else { "event" }, name, rest)
        }
        (1, []) => Vec::new(),
        _ => frame("event", "PayloadPart", payload),
    });
    payloads.collect()
}

/// The head of a request, its lines in order, and after a blank one its body.
pub fn head(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let (method, target) = lines.next().and_then(|line| line.split_once(' ')).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
    let route = Route::of(&method, path);
    // A route that asks a model is one of a known list, by whatever path it was found.
    if let Route::Ask(Ask::Json(route) | Ask::Form(route)) = route {
        assert!(path.contains(route));
    }
    if matches!(route, Route::Ask(Ask::Messages | Ask::CountTokens)) {
        assert_eq!(Route::shape(path), lisa_serve::answer::Shape::Anthropic);
    }
    assert!(v1::kinds(Some(query)).is_err() || !v1::kinds(Some(query)).unwrap_or_default().is_empty());
    v1::asked(Some(query));
    let value = |name: &str| {
        let mut fields = head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let bytes = |name: &str| value(name).map(str::as_bytes);
    // Whoever it is, a credential that is none is told so.
    let _ = Credential::from_headers(bytes("authorization"), bytes("api-key"));
    if let Ok(peek) = Peek::read_form(value("content-type"), body.as_bytes()) {
        let model = peek.model_at.map(|at| &body[at]);
        assert_eq!(model, peek.model.as_deref());
    }
}
