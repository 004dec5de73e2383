//! The models that are asked.

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use futures_util::Stream;
use serde::{Deserialize, Serialize};

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Whoever set the model up.
    System,
    /// The person who asks.
    User,
    /// The model.
    Assistant,
}

/// A message of a conversation, as OpenAI's interface has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: String,
}

impl Message {
    /// A message.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }
}

/// A model that could not be asked, or broke off; in words for who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelError(pub String);

impl fmt::Display for ModelError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ModelError {}

/// Pieces of an answer as they come. An error is the last of them.
pub type Pieces = Pin<Box<dyn Stream<Item = Result<String, ModelError>> + Send>>;

/// A chat model.
#[async_trait]
pub trait ChatModel: fmt::Debug + Send + Sync {
    /// Begins an answer of at most so many tokens.
    async fn answer(&self, messages: &[Message], most_tokens: u32) -> Result<Pieces, ModelError>;
}

/// A model that scores passages for a question.
#[async_trait]
pub trait Reranker: fmt::Debug + Send + Sync {
    /// A score for each text, in their order; more is better.
    async fn scores(&self, question: &str, texts: &[String]) -> Result<Vec<f32>, ModelError>;
}
