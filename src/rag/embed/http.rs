//! The embeddings route of LISA Serve, or of any server that speaks OpenAI's protocol.
//!
//! Texts go out in batches, several at once, so that the model always has the next one at hand. A batch that a server
//! finds too large is halved, and the smaller size is kept: servers differ in what they take, and say it only then.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use serde_json::json;

use super::{EmbedError, Purpose, prefixes};
use crate::ports::{Embedder, Unavailable};

/// Texts of a batch: what servers commonly take at once.
const BATCH: usize = 64;

/// Bytes of a batch: a request stays well below what gateways take.
const BATCH_BYTES: usize = 512 << 10;

/// Batches under way at once.
const AT_ONCE: usize = 4;

/// How often a batch is sent before its failure counts.
const ATTEMPTS: u32 = 5;

/// The longest that is waited for a model which asks for patience.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// For how long a batch may be under way.
const LIMIT: Duration = Duration::from_mins(2);

/// Tells what is sent as the bearer token.
#[async_trait]
pub trait Token: Send + Sync {
    /// The token, or none.
    async fn token(&self) -> Result<Option<String>, Unavailable>;
}

/// A token that does not change.
#[derive(Clone, Debug, Default)]
pub struct Fixed(pub Option<String>);

#[async_trait]
impl Token for Fixed {
    async fn token(&self) -> Result<Option<String>, Unavailable> {
        Ok(self.0.clone())
    }
}

/// The embeddings route of a server.
#[derive(Clone)]
pub struct HttpEmbedder {
    client: reqwest::Client,
    url: String,
    token: Arc<dyn Token>,
    /// The largest batch that each model has taken or refused.
    sizes: Arc<Mutex<HashMap<String, usize>>>,
}

impl fmt::Debug for HttpEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpEmbedder").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Why a batch was not embedded.
enum Failure {
    /// A smaller one may be.
    TooLarge(EmbedError),
    Other(EmbedError),
}

impl HttpEmbedder {
    /// `base` is the URL that OpenAI's clients take: `https://host/v2/serve`.
    pub fn new(base: &str, token: Arc<dyn Token>) -> Result<Self, Unavailable> {
        let client = reqwest::Client::builder().timeout(LIMIT).build();
        let client = client.map_err(|error| Unavailable(error.to_string()))?;
        let url = format!("{}/embeddings", base.trim_end_matches('/'));
        Ok(Self { client, url, token, sizes: Arc::default() })
    }

    fn size(&self, model: &str) -> usize {
        let sizes = self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        sizes.get(model).copied().unwrap_or(BATCH)
    }

    fn halve(&self, model: &str, size: usize) {
        let mut sizes = self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sizes.entry(model.to_owned()).or_insert(BATCH);
        *known = (*known).min((size / 2).max(1));
    }

    /// Embeds texts, halving what is too large.
    async fn batch(&self, model: &str, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        match self.patiently(model, texts).await {
            Ok(vectors) => Ok(vectors),
            Err(Failure::TooLarge(_)) if texts.len() > 1 => {
                self.halve(model, texts.len());
                let (first, second) = texts.split_at(texts.len() / 2);
                let mut vectors = Box::pin(self.batch(model, first)).await?;
                vectors.extend(Box::pin(self.batch(model, second)).await?);
                Ok(vectors)
            }
            Err(Failure::TooLarge(error) | Failure::Other(error)) => Err(error),
        }
    }

    /// Sends a batch until it is taken or has failed often enough.
    async fn patiently(&self, model: &str, texts: &[String]) -> Result<Vec<Vec<f32>>, Failure> {
        let mut attempt = 1;
        loop {
            let error = match self.once(model, texts).await {
                Err(Failure::Other(error)) if error.is_passing() && attempt < ATTEMPTS => error,
                other => return other,
            };
            let pause = match &error {
                EmbedError::Busy { after, .. } => (*after).min(LONGEST_PAUSE),
                _ => Duration::from_millis(200 << attempt),
            };
            tracing::warn!(attempt, reason = %error, "texts are embedded again");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn once(&self, model: &str, texts: &[String]) -> Result<Vec<Vec<f32>>, Failure> {
        let unreachable =
            |reason: String| Failure::Other(EmbedError::Unreachable { model: model.to_owned(), reason });
        let token = self.token.token().await.map_err(|error| unreachable(error.0))?;
        let body = json!({ "model": model, "input": texts, "encoding_format": "float" }).to_string();
        let mut request = self.client.post(&self.url).header("content-type", "application/json").body(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let failed = |error: reqwest::Error| unreachable(error.without_url().to_string());
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status().as_u16();
        let after = retry_after(answer.headers());
        let bytes = answer.bytes().await.map_err(failed)?;
        if status != 200 {
            return Err(refused(model, status, after, &bytes));
        }
        vectors(model, &bytes, texts.len()).map_err(Failure::Other)
    }
}

#[async_trait]
impl Embedder for HttpEmbedder {
    async fn embed(
        &self,
        model: &str,
        purpose: Purpose,
        texts: &[String],
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        let known = prefixes(model);
        let prefix = match purpose {
            Purpose::Passage => known.passage,
            Purpose::Query => known.query,
        };
        let texts: Vec<String> = texts.iter().map(|text| format!("{prefix}{text}")).collect();
        let batches = batches(&texts, self.size(model));
        let embedded = stream::iter(batches).map(|range| self.batch(model, &texts[range])).buffered(AT_ONCE);
        let vectors: Vec<Vec<Vec<f32>>> = embedded.try_collect().await?;
        Ok(vectors.into_iter().flatten().collect())
    }
}

/// Neighbours together, so many and so large at most. Texts of similar length follow each other in a document, so that
/// little is padded.
fn batches(texts: &[String], size: usize) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let mut start = 0;
    let mut bytes = 0;
    for (at, text) in texts.iter().enumerate() {
        if at > start && (at - start >= size || bytes + text.len() > BATCH_BYTES) {
            batches.push(start..at);
            (start, bytes) = (at, 0);
        }
        bytes += text.len();
    }
    if start < texts.len() {
        batches.push(start..texts.len());
    }
    batches
}

/// The seconds of a `Retry-After`. A date is not worth reading: servers of models send seconds.
fn retry_after(headers: &reqwest::header::HeaderMap) -> Option<Duration> {
    let value = headers.get("retry-after")?.to_str().ok()?;
    value
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|seconds| (0.0..86_400.0).contains(seconds))
        .map(Duration::from_secs_f64)
}

fn refused(model: &str, status: u16, after: Option<Duration>, body: &[u8]) -> Failure {
    let model = model.to_owned();
    let reason: String = String::from_utf8_lossy(body).chars().take(500).collect();
    match status {
        429 => Failure::Other(EmbedError::Busy { model, after: after.unwrap_or(Duration::from_secs(2)) }),
        503 if after.is_some() => {
            Failure::Other(EmbedError::Busy { model, after: after.unwrap_or_default() })
        }
        408 | 500.. => {
            Failure::Other(EmbedError::Unreachable { model, reason: format!("status {status}: {reason}") })
        }
        400 | 413 | 422 => Failure::TooLarge(EmbedError::Refused { model, status, reason }),
        _ => Failure::Other(EmbedError::Refused { model, status, reason }),
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Embedding>,
}

#[derive(Deserialize)]
struct Embedding {
    index: usize,
    embedding: Vec<f32>,
}

/// The vectors of an answer, in the order of the texts.
fn vectors(model: &str, body: &[u8], count: usize) -> Result<Vec<Vec<f32>>, EmbedError> {
    let unreadable = |reason: String| EmbedError::Unreadable { model: model.to_owned(), reason };
    let answer: Answer = serde_json::from_slice(body).map_err(|error| unreadable(error.to_string()))?;
    let mut vectors: Vec<Option<Vec<f32>>> = vec![None; count];
    for Embedding { index, embedding } in answer.data {
        let place = vectors.get_mut(index).filter(|_| !embedding.is_empty());
        *place.ok_or_else(|| {
            unreadable(format!("embedding {index} of {count} was not asked for, or is empty"))
        })? = Some(embedding);
    }
    let vectors: Option<Vec<Vec<f32>>> = vectors.into_iter().collect();
    vectors.ok_or_else(|| unreadable(format!("it has fewer than {count} embeddings")))
}

#[cfg(test)]
mod tests;
