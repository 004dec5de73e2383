//! Takes the chunk that tells a stream's usage out of the stream, for a caller who has not asked for it.
//!
//! Everything else passes as it comes. Where a part of the stream ends within an event, the event's beginning waits for the
//! rest, as far as it may be that chunk; nobody can read half an event anyway.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use bytes::{Bytes, BytesMut};
use memchr::memmem::Finder;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::protocol::sse;

/// Bytes of an event that wait for the rest of it; a chunk of usage is smaller.
const LARGEST: usize = 4 * 1024;

static USAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"usage\""));

/// A stream of events, as far as it has come.
#[derive(Debug, Default)]
pub struct Strip {
    /// The beginning of an event that may be the chunk of usage.
    held: BytesMut,
    /// Whether the event that is on its way has passed so far.
    is_within: bool,
    /// Whether what has passed of it ends with a line.
    is_at_line: bool,
}

/// A chunk, as far as it tells whether it holds usage and nothing else.
#[derive(Deserialize)]
struct Chunk {
    choices: Vec<Choice>,
    usage: Option<IgnoredAny>,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

/// OpenAI's chunk of usage has no choice; LiteLLM's has one that says nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    delta: Option<BTreeMap<String, Option<IgnoredAny>>>,
    text: Option<IgnoredAny>,
    finish_reason: Option<IgnoredAny>,
}

impl Choice {
    fn says_nothing(&self) -> bool {
        let says = self.delta.iter().flatten().any(|(_, value)| value.is_some());
        !says && self.text.is_none() && self.finish_reason.is_none()
    }
}

impl Strip {
    /// Takes a part of the stream and gives what passes now, which may be nothing.
    pub fn feed(&mut self, data: Bytes) -> Bytes {
        let is_whole = self.held.is_empty() && !self.is_within && ends_event(&data);
        if is_whole && !may_tell(&data) {
            return data;
        }
        let data = if self.held.is_empty() {
            data
        } else {
            self.held.extend_from_slice(&data);
            self.held.split().freeze()
        };
        let mut kept = Vec::with_capacity(2);
        let mut at = 0;
        while at < data.len() {
            let rest = &data[at..];
            let (end, is_at_line) = event_end(rest, !self.is_within || self.is_at_line);
            let length = end.unwrap_or(rest.len());
            let passes = match end {
                Some(_) => self.is_within || !is_usage(&rest[..length]),
                None => self.is_within || rest.len() > LARGEST,
            };
            self.is_within = end.is_none() && passes;
            self.is_at_line = is_at_line;
            match (passes, end) {
                (true, _) => keep(&mut kept, at..at + length),
                (false, Some(_)) => {}
                (false, None) => self.held = BytesMut::from(rest),
            }
            at += length;
        }
        joined(&data, &kept)
    }

    /// Whether a caller stands between two events.
    pub fn is_between_events(&self) -> bool {
        !self.is_within
    }

    /// What has waited for the rest of its event, at the stream's end.
    pub fn rest(&mut self) -> Bytes {
        self.held.split().freeze()
    }
}

fn ends_event(data: &[u8]) -> bool {
    data.ends_with(b"\n\n") || data.ends_with(b"\r\n\r\n")
}

/// Where the blank line ends that ends an event, and whether the text after the last line is empty so far.
fn event_end(text: &[u8], mut is_at_line: bool) -> (Option<usize>, bool) {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        if is_at_line && matches!(&text[start..end], b"" | b"\r") {
            return (Some(end + 1), true);
        }
        (is_at_line, start) = (true, end + 1);
    }
    (None, is_at_line && matches!(&text[start..], b"" | b"\r"))
}

/// What stands behind a key and its colon.
fn value(text: &[u8]) -> Option<&[u8]> {
    Some(text.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())
}

/// Whether a usage that is more than `null` may stand in these bytes.
fn may_tell(text: &[u8]) -> bool {
    USAGE.find_iter(text).any(|at| value(&text[at + 7..]).is_none_or(|value| !value.starts_with(b"null")))
}

/// Whether an event is the chunk of usage: it has one, and no choices.
fn is_usage(event: &[u8]) -> bool {
    let mut is_usage = false;
    let each = |event: sse::Event<'_>| {
        let chunk = serde_json::from_slice::<Chunk>(event.data);
        is_usage |= chunk.is_ok_and(|chunk| {
            chunk.choices.iter().all(Choice::says_nothing) && chunk.usage.is_some() && chunk.error.is_none()
        });
    };
    // One that is too large for an event is none of usage.
    may_tell(event) && sse::Reader::default().feed(event, each).is_ok() && is_usage
}

/// Notes a range, as one with the last where nothing lies between them.
fn keep(kept: &mut Vec<Range<usize>>, range: Range<usize>) {
    match kept.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => kept.push(range),
    }
}

fn joined(data: &Bytes, kept: &[Range<usize>]) -> Bytes {
    match kept {
        [] => Bytes::new(),
        [one] => data.slice(one.clone()),
        several => several.iter().flat_map(|range| &data[range.clone()]).copied().collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USED: &str = r#"{"id":"1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5}}"#;

    fn event() -> impl Strategy<Value = (String, bool)> {
        let data = prop_oneof![
            Just((format!("data: {USED}"), false)),
            Just((r#"data: {"usage" : {"prompt_tokens":3}, "choices" : [ ] }"#.to_owned(), false)),
            Just((
                r#"data: {"choices":[{"delta":{"content":"\"usage\":{}"}}],"usage":null}"#.to_owned(),
                true
            )),
            Just((
                r#"data: {"choices":[{"index":0,"delta":{"content":null}}],"usage":{"x":3}}"#.to_owned(),
                false
            )),
            Just((
                r#"data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"x":3}}"#.to_owned(),
                true
            )),
            Just((r#"data: {"choices":[{"delta":{"content":""}}],"usage":{"x":3}}"#.to_owned(), true)),
            Just((r#"data: {"choices":[{"text":""}],"usage":{"x":3}}"#.to_owned(), true)),
            Just((r#"data: {"choices":[],"prompt_filter_results":[],"usage":null}"#.to_owned(), true)),
            Just((r#"data: {"choices":[],"usage":{},"error":{"message":"x"}}"#.to_owned(), true)),
            Just((": keep-alive".to_owned(), true)),
            Just(("data: [DONE]".to_owned(), true)),
            Just(("event: x\ndata: {\"usage\":{}}".to_owned(), true)),
            Just((String::new(), true)),
            "[a-z\r]{0,40}".prop_map(|text| (format!("data: {text}\u{e4}"), true)),
        ];
        (data, prop_oneof![Just("\n"), Just("\r\n")])
            .prop_map(|((text, passes), line)| (format!("{}{line}{line}", text.replace('\n', line)), passes))
    }

    proptest! {
        /// However a stream is cut, nothing but the usage is taken out, and no event waits that has come whole.
        #[test]
        fn all_else_passes_at_once(
            events in proptest::collection::vec(event(), 0..8),
            cuts in proptest::collection::vec(0..400_usize, 0..12),
        ) {
            let text: String = events.iter().map(|(text, _)| text.as_str()).collect();
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut <= text.len()).chain([text.len()]).collect();
            cuts.sort_unstable();
            let (mut strip, mut out, mut at) = (Strip::default(), Vec::new(), 0);
            for cut in cuts {
                out.extend(strip.feed(Bytes::copy_from_slice(&text.as_bytes()[at..cut])));
                at = cut;
                let (mut whole, mut end) = (String::new(), 0);
                for (event, passes) in &events {
                    end += event.len();
                    if end <= cut && *passes {
                        whole.push_str(event);
                    }
                }
                prop_assert!(out.starts_with(whole.as_bytes()), "after {cut} of {text:?}: {:?}", String::from_utf8_lossy(&out));
            }
            out.extend(strip.rest());
            let expected: String = events.iter().filter(|(_, passes)| *passes).map(|(text, _)| text.as_str()).collect();
            prop_assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }

    #[test]
    fn an_event_passes_once_it_is_whole_or_too_long() {
        let mut strip = Strip::default();
        assert_eq!(strip.feed(Bytes::from_static(b"data: x\n")), "");
        assert!(strip.is_between_events());
        assert_eq!(strip.feed(Bytes::from_static(b"\ndata")), "data: x\n\n");
        let long = "x".repeat(LARGEST);
        assert_eq!(strip.feed(long.clone().into()), format!("data{long}"));
        assert!(!strip.is_between_events());
        assert_eq!(strip.feed(Bytes::from_static(b"\n")), "\n");
        assert_eq!(strip.feed(Bytes::from_static(b"\n")), "\n");
        assert!(strip.is_between_events());
    }

    #[test]
    fn what_is_usual_is_not_copied() {
        let data = Bytes::from_static(b"data: {\"choices\":[{}],\"usage\":null}\n\n");
        assert_eq!(Strip::default().feed(data.clone()).as_ptr(), data.as_ptr());
        let last = Bytes::from(format!("data: {USED}\n\ndata: [DONE]\n\n"));
        let passed = Strip::default().feed(last.clone());
        assert_eq!(
            (passed.as_ptr(), &passed[..]),
            (last[last.len() - 14..].as_ptr(), &b"data: [DONE]\n\n"[..])
        );
    }
}
