//! Forms that are read, and forms that two could read differently.

use super::*;

const KIND: Option<&str> = Some("multipart/form-data; boundary=xx");

fn part(head: &str, content: &str) -> String {
    format!("--xx\r\n{head}\r\n\r\n{content}\r\n")
}

fn plain(name: &str, content: &str) -> String {
    part(&format!("Content-Disposition: form-data; name=\"{name}\""), content)
}

fn whole(parts: &[String]) -> String {
    format!("{}--xx--\r\n", parts.concat())
}

#[test]
fn the_model_is_found_among_files() {
    let file = part(
        "Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav",
        "\0\r\n--x\r\nname=\"model\"\r\n\r\n",
    );
    let body = whole(&[file.clone(), plain("model", "org/whisper"), plain("stream", "true"), file]);
    let form = read(KIND, body.as_bytes()).unwrap();
    assert_eq!((form.model.as_deref(), form.stream), (Some("org/whisper"), true));
    assert_eq!(&body[form.model_at.unwrap()], "org/whisper");
    for kind in ["multipart/form-data;boundary=\"xx\"", "Multipart/Form-Data; charset=utf-8; Boundary=xx "] {
        assert!(read(Some(kind), body.as_bytes()).is_ok(), "{kind}");
    }
    assert_eq!(read(KIND, whole(&[plain("model", "")]).as_bytes()).unwrap().model.as_deref(), Some(""));
}

#[test]
fn what_two_could_read_differently_is_refused() {
    let twice = whole(&[plain("model", "a"), plain("model", "b")]);
    let file = whole(&[part("Content-Disposition: form-data; name=\"model\"; filename=\"x\"", "a")]);
    let coded = whole(&[part("Content-Disposition: form-data; name*=utf-8''model", "a")]);
    let names = whole(&[part("Content-Disposition: form-data; name=\"x\"; name=\"model\"", "a")]);
    let escaped = whole(&[part("Content-Disposition: form-data; name=\"mo\\del\"", "a")]);
    let encoded = whole(&[part(
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Transfer-Encoding: base64",
        "YQ==",
    )]);
    let folded = whole(&[part("Content-Disposition: form-data;\r\n name=\"model\"", "a")]);
    let headers = whole(&[part(
        "Content-Disposition: form-data; name=\"x\"\r\nContent-Disposition: form-data; name=\"model\"",
        "a",
    )]);
    let preamble = format!("hello\r\n{}", whole(&[plain("model", "a")]));
    let longer =
        whole(&[plain("x", "a\r\n--xxx\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nb")]);
    for body in [twice, file, coded, names, escaped, encoded, folded, headers, preamble, longer] {
        assert!(matches!(read(KIND, body.as_bytes()), Err(Broken(_))), "{body}");
    }
}

#[test]
fn what_is_cut_is_refused() {
    let body = whole(&[plain("model", "a"), plain("prompt", "b")]);
    // The line end after the last boundary is no part of the form.
    for end in 0..body.len() - 2 {
        assert!(read(KIND, &body.as_bytes()[..end]).is_err(), "{end}");
    }
    for kind in
        [None, Some("application/json"), Some("multipart/form-data"), Some("multipart/form-data; boundary=")]
    {
        assert_eq!(read(kind, body.as_bytes()), Err(FormError::Type));
    }
}
