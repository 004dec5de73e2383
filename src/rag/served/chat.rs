//! The chat route: an answer as it is written.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use lisa_retrieval::{ChatModel, Message, ModelError, Pieces};
use serde_json::{Value, json};

use super::Asked;

/// Bytes of a line of a stream at most; servers send a few words in each.
const LONGEST_LINE: usize = 1 << 20;

#[async_trait]
impl ChatModel for Asked {
    async fn answer(&self, messages: &[Message], most_tokens: u32) -> Result<Pieces, ModelError> {
        let body =
            json!({ "model": self.id, "messages": messages, "stream": true, "max_tokens": most_tokens });
        let answer = self.post("/chat/completions", &body).await?;
        let model = self.id.clone();
        let failed = model.clone();
        let bytes = answer.bytes_stream().map(move |piece| {
            piece.map_err(|error| {
                ModelError(format!("the model `{failed}` broke off: {}", error.without_url()))
            })
        });
        Ok(pieces(model, bytes.boxed()).boxed())
    }
}

/// A server's bytes.
type Body = std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, ModelError>> + Send>>;

/// What a line of a stream says.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// More of the answer.
    Text(String),
    /// It is whole.
    End,
    /// A comment, a role, usage.
    Nothing,
}

/// The answer's text out of server-sent events. One that ends before it says so is cut, and an error.
fn pieces(model: String, body: Body) -> impl Stream<Item = Result<String, ModelError>> + Send {
    let state = Some((model, body, Vec::new()));
    stream::unfold(state, |state| async move {
        let (model, mut body, mut read) = state?;
        loop {
            while let Some(end) = read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = read.drain(..=end).collect();
                match parse(&model, &line) {
                    Ok(Line::Text(text)) => return Some((Ok(text), Some((model, body, read)))),
                    Ok(Line::Nothing) => {}
                    Ok(Line::End) => return None,
                    Err(error) => return Some((Err(error), None)),
                }
            }
            let cut = |why: &str| Some((Err(ModelError(format!("the model `{model}` {why}"))), None));
            match body.next().await {
                Some(Ok(_)) if read.len() > LONGEST_LINE => return cut("sends a line without an end"),
                Some(Ok(bytes)) => read.extend_from_slice(&bytes),
                Some(Err(error)) => return Some((Err(error), None)),
                None => return cut("closed the connection before its answer was whole"),
            }
        }
    })
}

fn parse(model: &str, line: &[u8]) -> Result<Line, ModelError> {
    let told = |why: String| ModelError(format!("the model `{model}` {why}"));
    let line = std::str::from_utf8(line).map_err(|error| told(format!("sends no text: {error}")))?;
    let Some(data) = line.trim_end().strip_prefix("data:") else { return Ok(Line::Nothing) };
    let data = data.trim_start();
    if data == "[DONE]" {
        return Ok(Line::End);
    }
    let data: Value =
        serde_json::from_str(data).map_err(|error| told(format!("sends what is no JSON: {error}")))?;
    if let Some(message) = data["error"]["message"].as_str() {
        return Err(told(format!("broke off: {message}")));
    }
    let text = data["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
    Ok(if text.is_empty() { Line::Nothing } else { Line::Text(text.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(chunks: &[&'static [u8]]) -> Vec<Result<String, ModelError>> {
        let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk))).collect();
        pieces("m".to_owned(), stream::iter(chunks).boxed()).collect().await
    }

    #[tokio::test]
    async fn text_is_read_however_it_is_cut() {
        let said = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\r\n\r\n: wait\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"Grüße\"}}]}\n\ndata:{\"choices\":[]}\n\n\
            data: [DONE]\n\n"
            .as_bytes();
        for at in 0..said.len() {
            let (first, second) = said.split_at(at);
            assert_eq!(read(&[first, second]).await, [Ok("Grüße".to_owned())], "cut at {at}");
        }
    }

    #[tokio::test]
    async fn what_is_not_whole_ends_in_an_error() {
        let text = b"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n".as_slice();
        for (rest, said) in [
            (b"".as_slice(), "closed the connection before its answer was whole"),
            (b"data: {\"error\":{\"message\":\"out of memory\"}}\n", "broke off: out of memory"),
            (b"data: {\n", "sends what is no JSON"),
            (b"data: \xff\n", "sends no text"),
        ] {
            let read = read(&[text, rest]).await;
            let [Ok(_), Err(error)] = read.as_slice() else { panic!("{read:?}") };
            assert!(error.0.starts_with("the model `m`") && error.0.contains(said), "{error}");
        }
    }
}
