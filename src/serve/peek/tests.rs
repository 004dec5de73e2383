//! Bodies are read strictly and changed nowhere else.

use super::*;

#[test]
fn what_is_asked_for_is_found() {
    let body = br#" {"messages":[{"model":"inner"}], "model" : "m\u0069stral" ,"stream":true,"stream_options":{"include_usage":true}}"#;
    let peek = Peek::read(body).unwrap();
    assert_eq!(peek.model.as_deref(), Some("mistral"));
    assert_eq!(&body[peek.model_at.unwrap()], br#""m\u0069stral""#);
    assert!(peek.stream && peek.include_usage);
}

#[test]
fn what_is_left_out_or_null_counts_as_missing() {
    for body in [r"{}", r#"{"model":null,"stream":null,"stream_options":null}"#] {
        let peek = Peek::read(body.as_bytes()).unwrap();
        assert_eq!((peek.model, peek.stream, peek.include_usage), (None, false, false), "{body}");
    }
}

#[test]
fn two_readings_are_refused() {
    for body in [
        r#"{"model":"a","model":"b"}"#,
        r#"{"model":"a","mod\u0065l":"b"}"#,
        r#"{"model":"a"} {"model":"b"}"#,
        r#"{"model":"a",}"#,
        r#"{"model":"a"#,
        r#"[{"model":"a"}]"#,
        r#""model""#,
        "",
        "nul",
        "{\"model\":\"a\u{0}\"}",
        "{\"model\": NaN}",
    ] {
        assert!(matches!(Peek::read(body.as_bytes()), Err(PeekError::Json(_))), "{body}");
    }
    assert!(Peek::read(b"{\"model\":\"\xff\"}").is_err(), "no UTF-8");
    assert!(Peek::read("[".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn types_are_checked() {
    for (body, key) in [
        (r#"{"model":1}"#, "model"),
        (r#"{"stream":"yes"}"#, "stream"),
        (r#"{"stream_options":1}"#, "stream_options"),
    ] {
        assert!(Peek::read(body.as_bytes()).unwrap_err().to_string().contains(key), "{body}");
    }
}

#[test]
fn edits_touch_nothing_else() {
    let body = Bytes::from_static(br#"{ "a" : 1,  "model":"x" , "b":[ 1,2 ] }"#);
    let peek = Peek::read(&body).unwrap();
    let edits = vec![
        set(&body, "model", peek.model_at.as_ref(), "\"long/name\""),
        set(&body, "stream_options", peek.stream_options_at.as_ref(), r#"{"include_usage":true}"#),
    ];
    let spliced = splice(&body, edits);
    assert_eq!(
        spliced,
        &br#"{"stream_options":{"include_usage":true}, "a" : 1,  "model":"long/name" , "b":[ 1,2 ] }"#[..]
    );
    assert_eq!(splice(&body, Vec::new()), body);
    let empty = Bytes::from_static(b" { } ");
    assert_eq!(splice(&empty, vec![set(&empty, "model", None, "\"m\"")]), &b" {\"model\":\"m\" } "[..]);
}

#[test]
fn a_streams_usage_is_asked_for_beside_what_else_is_wanted() {
    for (body, expected) in [
        (r#"{"model":"m"}"#, r#"{"stream_options":{"include_usage":true},"model":"m"}"#),
        (r#"{"stream_options": null }"#, r#"{"stream_options": {"include_usage":true} }"#),
        (r#"{"stream_options": { } }"#, r#"{"stream_options": {"include_usage":true } }"#),
        (r#"{"stream_options":{"x" : 1}}"#, r#"{"stream_options":{"include_usage":true,"x" : 1}}"#),
        (
            r#"{"stream_options":{"include_usage" : false, "x":1}}"#,
            r#"{"stream_options":{"include_usage" : true, "x":1}}"#,
        ),
        (r#"{"stream_options":{"include_usage":null}}"#, r#"{"stream_options":{"include_usage":true}}"#),
    ] {
        let body = Bytes::from_static(body.as_bytes());
        let peek = Peek::read(&body).unwrap();
        assert!(!peek.include_usage);
        assert_eq!(splice(&body, vec![peek.counted(&body)]), expected);
    }
}
