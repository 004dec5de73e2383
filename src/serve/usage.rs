//! What a model says of the tokens that an answer took, read from the answer as it passes.

use memchr::memmem;
use serde::Deserialize;

/// Bytes kept of what has passed: as much as the object of usage takes.
const KEPT: usize = 2048;

/// Tokens of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt: u64,
    /// Tokens of the answer.
    pub completion: u64,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default, alias = "input_tokens")]
    prompt_tokens: u64,
    #[serde(default, alias = "output_tokens")]
    completion_tokens: u64,
}

/// Sees an answer pass.
#[derive(Debug, Default)]
pub struct Watch {
    tail: Vec<u8>,
}

impl Watch {
    /// Keeps the end of what has passed, as far as it may hold what is looked for.
    pub fn see(&mut self, data: &[u8]) {
        if data.len() >= KEPT {
            self.tail.clear();
            self.tail.extend_from_slice(&data[data.len() - KEPT..]);
            return;
        }
        let over = (self.tail.len() + data.len()).saturating_sub(KEPT);
        self.tail.drain(..over);
        self.tail.extend_from_slice(data);
    }

    /// The last usage that has passed.
    pub fn found(&self) -> Option<Usage> {
        let key = b"\"usage\"";
        let mut end = self.tail.len();
        while let Some(start) = memmem::rfind(&self.tail[..end], key) {
            let usage = read(&self.tail[start + key.len()..]);
            if usage.is_some() {
                return usage;
            }
            end = start;
        }
        None
    }
}

/// The object after a colon; what follows it does not matter.
fn read(text: &[u8]) -> Option<Usage> {
    let text = text.trim_ascii_start().strip_prefix(b":")?;
    let wire = serde_json::Deserializer::from_slice(text).into_iter::<Wire>().next()?.ok()?;
    Some(Usage { prompt: wire.prompt_tokens, completion: wire.completion_tokens })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(parts: &[&str]) -> Option<Usage> {
        let mut watch = Watch::default();
        for part in parts {
            watch.see(part.as_bytes());
        }
        watch.found()
    }

    #[test]
    fn usage_is_found_however_it_is_cut() {
        let text =
            r#"data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":11,"details":{"x":[1]}}}"#;
        let long = "x".repeat(5000);
        let expected = Some(Usage { prompt: 7, completion: 11 });
        for cut in 0..text.len() {
            assert_eq!(
                found(&[&long, &text[..cut], &text[cut..], "\n\ndata: [DONE]\n\n"]),
                expected,
                "{cut}"
            );
        }
        assert_eq!(found(&[&format!("{long}{text}")]), expected);
    }

    #[test]
    fn null_and_none_are_none() {
        assert_eq!(found(&[r#"{"usage":null}"#]), None);
        assert_eq!(found(&["{}"]), None);
        assert_eq!(
            found(&[r#"{"usage":{"input_tokens":3,"output_tokens":4}}"#]),
            Some(Usage { prompt: 3, completion: 4 })
        );
    }
}
