//! Bodies in the same protocol are the same bytes, both ways, but for the model's name.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::stage::{ADMIN, Cast, Keep, Origin, Stage};

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
