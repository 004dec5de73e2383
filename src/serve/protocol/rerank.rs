//! Reranking: what Cohere, Jina and vLLM are asked and answer, for a server of Text Embeddings Inference (TEI), which has a way of its own.
//! Source: TEI's API (`POST /rerank` at the root of the server: `query` and `texts`, and a bare list of scores) and its
//! header `x-compute-tokens`; Cohere's `v1/rerank`, which Jina and vLLM answer too.

use std::cmp::Ordering;

use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Failure;

/// Where TEI says how many tokens it has worked on.
const TOKENS: &str = "x-compute-tokens";

/// A request as callers write it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Request {
    query: String,
    documents: Vec<Document>,
    #[serde(default)]
    top_n: Option<usize>,
    #[serde(default)]
    return_documents: Option<bool>,
    #[serde(default)]
    truncate: Option<bool>,
}

/// A text, or an object that holds one.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Document {
    Plain(String),
    Object { text: String },
}

impl Document {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Object { text } => text,
        }
    }
}

/// What TEI says of one text.
#[derive(Deserialize)]
struct Score {
    index: usize,
    score: f64,
}

#[derive(Serialize)]
struct Found<'a> {
    index: usize,
    relevance_score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Shown<'a>>,
}

#[derive(Serialize)]
struct Shown<'a> {
    text: &'a str,
}

impl Request {
    /// Reads a body.
    pub fn read(body: &[u8]) -> Result<Self, Failure> {
        let wrong = |error| Failure::new(http::StatusCode::BAD_REQUEST, "invalid_body", format!("{error}"));
        serde_json::from_slice(body).map_err(wrong)
    }

    /// What TEI is asked. A text that is too long is cut off rather than refused, as with the others.
    pub fn for_tei(&self) -> Value {
        let texts: Vec<&str> = self.documents.iter().map(Document::text).collect();
        json!({ "query": self.query, "texts": texts, "truncate": self.truncate.unwrap_or(true) })
    }

    /// TEI's answer as the caller wants it: best first, no more than were asked for. `model` is the caller's name for it.
    pub fn answer(
        &self,
        id: &str,
        model: &str,
        scores: &[u8],
        tokens: Option<u64>,
    ) -> Result<Vec<u8>, Failure> {
        let garbled = |error| Failure::garbled(format!("the model's scores cannot be read: {error}"));
        let mut scores: Vec<Score> = serde_json::from_slice(scores).map_err(garbled)?;
        if scores.iter().any(|score| score.index >= self.documents.len()) {
            return Err(Failure::garbled("the model has scored a text that it was not asked about"));
        }
        scores.sort_by(|one, other| other.score.partial_cmp(&one.score).unwrap_or(Ordering::Equal));
        scores.truncate(self.top_n.unwrap_or(usize::MAX));
        let found = |Score { index, score }| {
            let is_shown = self.return_documents.unwrap_or_default();
            let document = is_shown.then(|| Shown { text: self.documents[index].text() });
            Found { index, relevance_score: score, document }
        };
        let results: Vec<Found<'_>> = scores.into_iter().map(found).collect();
        let mut answer = json!({ "id": format!("rerank-{id}"), "model": model, "results": results });
        if let Some(tokens) = tokens {
            answer["usage"] = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
        }
        Ok(answer.to_string().into_bytes())
    }
}

/// The tokens that TEI has worked on.
pub fn tokens(headers: &HeaderMap) -> Option<u64> {
    headers.get(TOKENS)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"model":"m","query":"q","documents":["a",{"text":"b"},"c"],"top_n":2}"#;

    #[test]
    fn texts_are_scored_and_come_best_first() {
        let request = Request::read(BODY.as_bytes()).unwrap();
        assert_eq!(request.for_tei(), json!({ "query": "q", "texts": ["a", "b", "c"], "truncate": true }));
        let scores = br#"[{"index":1,"score":0.25},{"index":0,"score":0.125},{"index":2,"score":0.5}]"#;
        let answer: Value =
            serde_json::from_slice(&request.answer("1", "m", scores, Some(7)).unwrap()).unwrap();
        let expected = json!({ "id": "rerank-1", "model": "m",
            "results": [{ "index": 2, "relevance_score": 0.5 }, { "index": 1, "relevance_score": 0.25 }],
            "usage": { "prompt_tokens": 7, "total_tokens": 7 } });
        assert_eq!(answer, expected);
        let shown = Request { return_documents: Some(true), top_n: None, ..request };
        let answer: Value = serde_json::from_slice(&shown.answer("1", "m", scores, None).unwrap()).unwrap();
        assert_eq!(
            answer["results"][2],
            json!({ "index": 0, "relevance_score": 0.125, "document": { "text": "a" } })
        );
        assert_eq!(answer.get("usage"), None);
    }

    #[test]
    fn what_is_none_is_told() {
        for body in ["{}", r#"{"query":"q","documents":[1]}"#, r#"{"query":1,"documents":[]}"#] {
            assert!(Request::read(body.as_bytes()).unwrap_err().status.is_client_error(), "{body}");
        }
        let request = Request::read(BODY.as_bytes()).unwrap();
        for scores in [&b"{}"[..], br#"[{"index":3,"score":1}]"#] {
            assert!(request.answer("1", "m", scores, None).is_err());
        }
    }
}
