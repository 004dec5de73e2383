//! Models of LISA Serve, or of any server that speaks OpenAI's protocol, asked as whoever asks for the answer, never as the
//! service: nobody reaches a model here that they could not reach there.

mod chat;
mod rerank;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use lisa_retrieval::{ChatModel, ModelError, Reranker};
use serde_json::Value;

use crate::ports::{Models, Unavailable};

/// How long a server may take to be found.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a model may be silent before the next piece.
const SILENCE: Duration = Duration::from_mins(1);

/// The headers that say who asks, as LISA Serve takes them.
const CREDENTIALS: [&str; 3] = ["authorization", "api-key", "x-api-key"];

/// The models of a server.
#[derive(Clone, Debug)]
pub struct HttpModels {
    client: reqwest::Client,
    base: String,
}

impl HttpModels {
    /// `base` is the URL that OpenAI's clients take: `https://host/v2/serve`.
    pub fn new(base: &str) -> Result<Self, Unavailable> {
        let client = reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE).build();
        let client = client.map_err(|error| Unavailable(error.to_string()))?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned() })
    }

    fn asked(&self, id: &str, asker: &HeaderMap) -> Arc<Asked> {
        let mut headers = HeaderMap::new();
        for name in CREDENTIALS {
            if let Some(value) = asker.get(name) {
                headers.insert(name, value.clone());
            }
        }
        Arc::new(Asked { server: self.clone(), id: id.to_owned(), headers })
    }
}

#[async_trait]
impl Models for HttpModels {
    async fn chat(&self, id: &str, asker: &HeaderMap) -> Result<Arc<dyn ChatModel>, Unavailable> {
        Ok(self.asked(id, asker))
    }

    async fn reranker(&self, id: &str, asker: &HeaderMap) -> Result<Arc<dyn Reranker>, Unavailable> {
        Ok(self.asked(id, asker))
    }
}

/// One of them, asked by somebody.
struct Asked {
    server: HttpModels,
    id: String,
    /// Who asks.
    headers: HeaderMap,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (base, id) = (&self.server.base, &self.id);
        f.debug_struct("Asked").field("server", base).field("id", id).finish_non_exhaustive()
    }
}

impl Asked {
    /// An answer with a status of success.
    async fn post(&self, route: &str, body: &Value) -> Result<reqwest::Response, ModelError> {
        let request = self.server.client.post(format!("{}{route}", self.server.base));
        let request = request.headers(self.headers.clone()).header(CONTENT_TYPE, "application/json");
        let answer = request.body(body.to_string()).send().await.map_err(|error| self.cut(error))?;
        let status = answer.status().as_u16();
        if status == 200 {
            return Ok(answer);
        }
        let body = answer.bytes().await.unwrap_or_default();
        Err(self.refused(status, &body))
    }

    fn cut(&self, error: reqwest::Error) -> ModelError {
        ModelError(format!("the model `{}` cannot be reached: {}", self.id, error.without_url()))
    }

    fn refused(&self, status: u16, body: &[u8]) -> ModelError {
        let told: Option<Value> = serde_json::from_slice(body).ok();
        let told = told.and_then(|told| told["error"]["message"].as_str().map(str::to_owned));
        let told = told.unwrap_or_else(|| String::from_utf8_lossy(body).chars().take(300).collect());
        ModelError(format!("the model `{}` refuses with status {status}: {told}", self.id))
    }
}
