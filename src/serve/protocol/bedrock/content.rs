//! What is said in Converse: messages, blocks and tools, as requests and answers write them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::text::Raw;

/// What one side said.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Message {
    /// `user` or `assistant`.
    pub role: String,
    /// What it said.
    pub content: Vec<Block>,
}

/// A block of what was said: exactly one of its fields.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Block {
    /// A text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Media>,
    /// A document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Media>,
    /// A call of a tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_use: Option<ToolUse>,
    /// What a tool said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_result: Option<ToolResult>,
    /// A thought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_content: Option<Reasoning>,
    /// A text with sources.
    #[serde(skip_serializing)]
    pub citations_content: Option<Cited>,
    /// That a prompt may be cached up to here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_point: Option<CachePoint>,
}

impl Block {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// The mark of a prompt that may be cached up to here.
    pub fn cache_point() -> Self {
        Self { cache_point: Some(CachePoint::default()), ..Self::default() }
    }
}

/// That a prompt may be cached up to here.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CachePoint {
    /// `default`.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Default for CachePoint {
    fn default() -> Self {
        Self { kind: "default".to_owned() }
    }
}

/// A picture or a document.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Media {
    /// `png`, `pdf`.
    pub format: String,
    /// A document's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is.
    pub source: Source,
}

/// Where a picture or a document is.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Source {
    /// Itself, in Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    /// Its place in S3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_location: Option<S3Location>,
}

/// A place in S3.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct S3Location {
    /// `s3://bucket/key`.
    pub uri: String,
}

/// A call of a tool.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolUse {
    /// Its id.
    pub tool_use_id: String,
    /// The tool.
    pub name: String,
    /// What it is called with.
    pub input: Raw,
}

/// What a tool said.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ToolResult {
    /// The call's id.
    pub tool_use_id: String,
    /// What it said.
    pub content: Vec<Block>,
    /// `error` where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// A thought: exactly one of its fields.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Reasoning {
    /// One that may be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_text: Option<ReasoningText>,
    /// One that may not, in Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redacted_content: Option<String>,
}

/// A thought that may be read.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ReasoningText {
    /// The thought.
    pub text: String,
    /// Its signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

/// A text with sources, of which the text is passed on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Cited {
    /// Its parts.
    pub content: Vec<Block>,
}

/// Tools that the model may call.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolConfig {
    /// The tools.
    pub tools: Vec<Tool>,
    /// Which of them it has to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<Value>,
}

/// A tool, or the mark of what may be cached.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Tool {
    /// A tool.
    ToolSpec(ToolSpec),
    /// The mark.
    CachePoint(CachePoint),
}

/// A tool.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolSpec {
    /// Its name.
    pub name: String,
    /// What it does; empty ones are refused by the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The schema of its arguments.
    pub input_schema: InputSchema,
}

/// The schema of a tool's arguments.
#[derive(Clone, Debug, Serialize)]
pub struct InputSchema {
    /// As JSON Schema.
    pub json: Raw,
}
