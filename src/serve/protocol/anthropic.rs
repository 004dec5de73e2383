//! Anthropic's Messages: what a caller asks becomes a request for chat completions, and what a model answers is written
//! as Messages. Source: Anthropic's API reference, "Messages" and "Streaming Messages".

mod ask;
pub mod write;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Failure;
use super::text::{Raw, Text};

pub use ask::chat;

/// A request for Messages.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// The model.
    pub model: String,
    /// What was said before, by turns.
    pub messages: Vec<Message>,
    /// The most tokens that the answer may have.
    #[serde(default)]
    pub max_tokens: Option<u64>,
    /// What the model is told beforehand.
    #[serde(default)]
    pub system: Option<Text<Block>>,
    /// Randomness.
    #[serde(default)]
    pub temperature: Option<f64>,
    /// The share of likely tokens that are sampled from.
    #[serde(default)]
    pub top_p: Option<f64>,
    /// The number of likely tokens that are sampled from.
    #[serde(default)]
    pub top_k: Option<u64>,
    /// Texts at which the answer ends.
    #[serde(default)]
    pub stop_sequences: Option<Vec<String>>,
    /// Whether the answer is to be streamed.
    #[serde(default)]
    pub stream: Option<bool>,
    /// Tools that the model may call.
    #[serde(default)]
    pub tools: Option<Vec<Tool>>,
    /// Which of them it has to call.
    #[serde(default)]
    pub tool_choice: Option<ToolChoice>,
    /// Whether the model thinks before it answers.
    #[serde(default)]
    pub thinking: Option<Value>,
    /// Who asks.
    #[serde(default)]
    pub metadata: Option<Metadata>,
}

/// Who asks.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Metadata {
    /// An id of the caller's own.
    #[serde(default)]
    pub user_id: Option<String>,
}

/// What one side said.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    /// `user` or `assistant`.
    pub role: String,
    /// What it said.
    pub content: Text<Block>,
}

/// A block of what was said; which fields it has follows from its type.
#[derive(Clone, Debug, Deserialize)]
pub struct Block {
    /// `text`, `image`, `document`, `tool_use`, `tool_result`, `thinking` or `redacted_thinking`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A text.
    #[serde(default)]
    pub text: Option<String>,
    /// Where a picture or a document is.
    #[serde(default)]
    pub source: Option<Source>,
    /// A document's name.
    #[serde(default)]
    pub title: Option<String>,
    /// The id of a call.
    #[serde(default)]
    pub id: Option<String>,
    /// The tool that is called.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is called with.
    #[serde(default)]
    pub input: Option<Raw>,
    /// The call that this is the result of.
    #[serde(default)]
    pub tool_use_id: Option<String>,
    /// The result.
    #[serde(default)]
    pub content: Option<Text<Block>>,
    /// Whether the tool failed.
    #[serde(default)]
    pub is_error: Option<bool>,
    /// A thought.
    #[serde(default)]
    pub thinking: Option<String>,
    /// Its signature.
    #[serde(default)]
    pub signature: Option<String>,
    /// A thought that nobody but the model may read.
    #[serde(default)]
    pub data: Option<String>,
    /// That a prompt may be cached up to here.
    #[serde(default)]
    pub cache_control: Option<Value>,
}

/// Where a picture or a document is.
#[derive(Clone, Debug, Deserialize)]
pub struct Source {
    /// `base64`, `url` or `text`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its type: `image/png`.
    #[serde(default)]
    pub media_type: Option<String>,
    /// Itself.
    #[serde(default)]
    pub data: Option<String>,
    /// Its URL.
    #[serde(default)]
    pub url: Option<String>,
}

/// A tool that the model may call.
#[derive(Clone, Debug, Deserialize)]
pub struct Tool {
    /// `custom` where it stands; others are tools of Anthropic's own servers.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    /// Its name.
    pub name: String,
    /// What it does.
    #[serde(default)]
    pub description: Option<String>,
    /// The schema of its arguments.
    #[serde(default)]
    pub input_schema: Option<Raw>,
    /// That a prompt may be cached up to here.
    #[serde(default)]
    pub cache_control: Option<Value>,
}

/// Which tool is to be called.
#[derive(Clone, Debug, Deserialize)]
pub struct ToolChoice {
    /// `auto`, `any`, `tool` or `none`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The tool.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether one call at a time is allowed.
    #[serde(default)]
    pub disable_parallel_tool_use: Option<bool>,
}

/// The type of an error that goes with a status. Source: Anthropic's API reference, "Errors".
pub const fn error_type(status: http::StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        504 => "timeout_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

/// What went wrong, as a body and as an event's data.
pub fn envelope(failure: &Failure) -> Value {
    error(failure.status, &failure.message)
}

/// The same, of a status and words.
pub fn error(status: http::StatusCode, message: &str) -> Value {
    json!({ "type": "error", "error": { "type": error_type(status), "message": message } })
}

#[cfg(test)]
mod tests;
