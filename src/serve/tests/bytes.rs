//! Bodies in the same protocol are the same bytes, both ways, but for the model's name and the usage of streams.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::stage::{ADMIN, Cast, Keep, Origin, Stage, chunk, streamed};

/// JSON as nobody's printer writes it: odd spaces, escapes, numbers and keys that stand twice in nested objects.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
        "[ -!#-\\[\\]-~\u{e4}\u{1f600}]{0,20}".prop_map(|text| format!("\"{text}\"")),
        "(\\\\u00[0-9a-f]{2}|\\\\n|\\\\/|\\\\\"){0,5}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = "[a-z]{1,3}";
        let pair =
            (key, space(), inner.clone()).prop_map(|(key, space, value)| format!("\"{key}\"{space}:{value}"));
        prop_oneof![
            (proptest::collection::vec(inner, 0..4), space())
                .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(&format!("{space},")))),
            (proptest::collection::vec(pair, 0..4), space())
                .prop_map(|(pairs, space)| format!("{{{space}{}{space}}}", pairs.join(&format!(",{space}")))),
        ]
    })
}

fn space() -> impl Strategy<Value = String> {
    "[ \t\r\n]{0,3}"
}

/// A body with the model's name somewhere among other keys, as two texts around it.
fn body() -> impl Strategy<Value = (String, String)> {
    let others = |from: char| {
        proptest::collection::vec((value(), space()), 0..4).prop_map(move |values| {
            let pair = |(number, (value, space)): (usize, (String, String))| {
                format!("\"{from}{number}\"{space}:{value}")
            };
            values.into_iter().enumerate().map(pair).collect::<Vec<_>>()
        })
    };
    (others('a'), others('b'), space(), space()).prop_map(|(before, after, one, other)| {
        let before: String = before.into_iter().map(|pair| pair + ",").collect();
        let after: Vec<String> = after.into_iter().map(|pair| format!("{other},{pair}")).collect();
        (
            format!("{one}{{{before}{one}\"model\"{other}:{one}"),
            format!("{other}{}{one}}}{other}", after.concat()),
        )
    })
}

#[test]
fn bodies_and_answers_are_the_same_bytes() {
    let said = Arc::new(Mutex::new(String::new()));
    let says = Arc::clone(&said);
    let origin = Origin::start(Arc::new(move |_, stream| {
        let said = says.lock().expect("nobody panics").clone();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{said}",
            said.len()
        )
        .expect("sent");
        Keep::Open
    }));
    let stage = Stage::new(&[
        Cast("same", &[], None, &[origin.address]),
        Cast("other", &[], Some("org/\"quoted\" \u{e4}"), &[origin.address]),
    ]);
    let strategy = (body(), value(), any::<bool>());
    let config = ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new(config).run(&strategy, |((before, after), answer, is_same)| {
        let (name, sent) =
            if is_same { ("same", "\"same\"") } else { ("other", "\"org/\\\"quoted\\\" \u{e4}\"") };
        answer.clone_into(&mut said.lock().expect("nobody panics"));
        let asked = format!("{before}\"{name}\"{after}");
        // The administrator's token: users are limited to a few hundred requests a minute.
        let token = if is_same { ADMIN } else { super::stage::USER };
        let got = stage.ask("POST", "/v2/serve/chat/completions", &[("Api-Key", token)], &asked);
        prop_assert_eq!((got.status, got.body), (200, answer));
        let arrived = origin.requests().pop().expect("a request").body;
        prop_assert_eq!(String::from_utf8(arrived).expect("text"), format!("{before}{sent}{after}"));
        Ok(())
    });
    result.expect("every body");
}

/// `stream_options` as a caller writes them, and as the model gets them; whether the caller is told the usage.
fn options() -> impl Strategy<Value = (String, String, bool)> {
    let pairs = || (space(), value()).prop_map(|(space, value)| format!("{space}\"x\"{space}:{value}"));
    prop_oneof![
        Just((String::new(), String::new(), false)),
        Just((
            ",\"stream_options\": null".to_owned(),
            ",\"stream_options\": {\"include_usage\":true}".to_owned(),
            false
        )),
        pairs().prop_map(|pair| {
            let written = format!(",\"stream_options\":{{{pair}}}");
            (written.clone(), written.replacen('{', "{\"include_usage\":true,", 1), false)
        }),
        (pairs(), any::<bool>()).prop_map(|(pair, wanted)| {
            let written =
                |wanted: bool| format!(",\"stream_options\":{{{pair} , \"include_usage\" : {wanted}}}");
            (written(wanted), written(true), wanted)
        }),
    ]
}

/// Events of a stream, and where it is cut.
fn events() -> impl Strategy<Value = (Vec<String>, Vec<usize>)> {
    let event = value().prop_map(|value| format!("data: {{\"choices\":[{{\"delta\":{value}}}]}}\n\n"));
    (proptest::collection::vec(event, 0..5), proptest::collection::vec(1..200_usize, 0..8))
}

const USED: &str = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

#[test]
fn streams_are_the_same_bytes_but_for_the_usage_that_nobody_asked_for() {
    let said: Arc<Mutex<Vec<String>>> = Arc::default();
    let says = Arc::clone(&said);
    let origin = Origin::start(Arc::new(move |_, stream| {
        let parts = says.lock().expect("nobody panics").clone();
        let mut text = streamed("text/event-stream").into_bytes();
        parts.iter().filter(|part| !part.is_empty()).for_each(|part| text.extend(chunk(part)));
        stream.write_all(&[&text[..], b"0\r\n\r\n"].concat()).expect("sent");
        Keep::Open
    }));
    let stage = Stage::new(&[Cast("m", &[], None, &[origin.address])]);
    let asked = std::cell::Cell::new(0);
    let config = ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() };
    let strategy = (body(), options(), events());
    let result =
        TestRunner::new(config).run(&strategy, |((before, after), (wrote, got, told), (events, cuts))| {
            let text = events.concat();
            let whole = format!("{text}{USED}{DONE}");
            let mut rest = whole.as_str();
            let mut parts = Vec::new();
            for cut in cuts {
                let cut =
                    (0..=cut.min(rest.len())).rev().find(|cut| rest.is_char_boundary(*cut)).unwrap_or(0);
                parts.push(rest[..cut].to_owned());
                rest = &rest[cut..];
            }
            parts.push(rest.to_owned());
            *said.lock().expect("nobody panics") = parts;
            let written = |options: &str| format!("{before}\"m\" , \"stream\":true{options}{after}");
            let answer =
                stage.ask("POST", "/v2/serve/chat/completions", &[("Api-Key", ADMIN)], &written(&wrote));
            asked.set(asked.get() + 1);
            prop_assert_eq!(answer.body, if told { whole } else { format!("{text}{DONE}") });
            let arrived = String::from_utf8(origin.requests().pop().expect("a request").body).expect("text");
            let own = if wrote.is_empty() { "{\"stream_options\":{\"include_usage\":true}," } else { "{" };
            prop_assert_eq!(arrived, written(&got).replacen('{', own, 1));
            Ok(())
        });
    result.expect("every stream");
    let text = stage.shared.metrics.text();
    let counted = format!("lisa_tokens_total{{model=\"m\",kind=\"completion\"}} {}", 5 * asked.get());
    assert!(text.contains(&counted), "{counted} is not in {text}");
}
