//! OpenAI's chat completions, as far as they are translated: a request, an answer, and the chunks of a stream.
//! Source: OpenAI's API reference; `reasoning_content`, `top_k` and `stop_reason` are vLLM's, `thinking_blocks` LiteLLM's.

pub mod strip;
pub mod write;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Failure;
use super::text::{Raw, Text};

/// A request.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Request {
    /// The model.
    pub model: String,
    /// What was said before.
    pub messages: Vec<Message>,
    /// The most tokens that the answer may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// The same, by its newer name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_completion_tokens: Option<u64>,
    /// Randomness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// The share of likely tokens that are sampled from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The number of likely tokens that are sampled from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u64>,
    /// Texts at which the answer ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<Text<String>>,
    /// Whether the answer is to be streamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<bool>,
    /// How it is streamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_options: Option<StreamOptions>,
    /// Tools that the model may call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Tool>>,
    /// Which of them it has to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may call several at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_tool_calls: Option<bool>,
    /// Whether the answer is to be JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_format: Option<ResponseFormat>,
    /// How long the model is to think: `low`, `medium`, `high`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<String>,
    /// Who asks, in the caller's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How many answers are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// Anthropic's way to ask for thinking; no server of OpenAI's protocol knows it.
    #[serde(skip_serializing)]
    pub thinking: Option<Value>,
    /// Bedrock's guardrail.
    #[serde(skip_serializing, rename = "guardrailConfig")]
    pub guardrail: Option<Value>,
    /// Everything else.
    #[serde(skip_serializing, flatten)]
    pub rest: Map<String, Value>,
}

/// How an answer is streamed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct StreamOptions {
    /// Whether a last chunk says what was used.
    pub include_usage: bool,
}

/// What one side said.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Message {
    /// `system`, `developer`, `user`, `assistant` or `tool`.
    pub role: String,
    /// What it said; nothing where it only called tools.
    pub content: Option<Text<Part>>,
    /// Tools that it called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<ToolCall>>,
    /// The call that this is the result of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// What it thought.
    #[serde(skip_serializing)]
    pub reasoning_content: Option<String>,
    /// What it thought, with signatures.
    #[serde(skip_serializing)]
    pub thinking_blocks: Option<Vec<Thinking>>,
    /// That a tool failed, which OpenAI's protocol has no word for.
    #[serde(skip)]
    pub is_error: bool,
    /// That a prompt may be cached up to here: Anthropic's `cache_control`.
    #[serde(skip_serializing)]
    pub cache_control: Option<Value>,
}

/// A part of what was said; which fields it has follows from its type.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Part {
    /// `text`, `image_url`, `file`, `refusal` or another.
    #[serde(rename = "type")]
    pub kind: String,
    /// A text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<ImageUrl>,
    /// A document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
    /// Why the model did not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// That a prompt may be cached up to here: Anthropic's `cache_control`.
    #[serde(skip_serializing)]
    pub cache_control: Option<Value>,
}

impl Part {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { kind: "text".to_owned(), text: Some(text.into()), ..Self::default() }
    }

    /// A picture at a URL, which may hold the picture itself.
    pub fn image(url: String) -> Self {
        Self { kind: "image_url".to_owned(), image_url: Some(ImageUrl { url }), ..Self::default() }
    }
}

/// Where a picture is.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct ImageUrl {
    /// Its URL: `data:image/png;base64,…`.
    pub url: String,
}

/// A document.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct File {
    /// Its URL with the document in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_data: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
}

/// A thought of a model that signs its thoughts, so that it knows them again.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Thinking {
    /// `thinking` or `redacted_thinking`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The thought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking: Option<String>,
    /// Its signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// A thought that nobody but the model may read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

/// A tool that the model may call.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Tool {
    /// `function`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is.
    pub function: Function,
    /// That a prompt may be cached up to here: Anthropic's `cache_control`.
    #[serde(default, skip_serializing)]
    pub cache_control: Option<Value>,
}

/// A function.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The schema of its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Raw>,
    /// Whether arguments have to fit the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
}

/// Which tool is to be called.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum ToolChoice {
    /// `auto`, `none` or `required`.
    Mode(String),
    /// This one.
    Named {
        /// `function`.
        #[serde(rename = "type")]
        kind: String,
        /// Its name.
        function: Named,
    },
}

/// A name.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Named {
    /// The name.
    pub name: String,
}

/// Whether an answer is to be JSON.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ResponseFormat {
    /// `text`, `json_object` or `json_schema`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it has to fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json_schema: Option<JsonSchema>,
}

/// What an answer has to fit.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct JsonSchema {
    /// A name for it.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Raw>,
    /// Whether nothing else may be in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
}

/// A call of a tool.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct ToolCall {
    /// Which of several it is, in a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Its id, by which a result names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `function`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What is called.
    pub function: Called,
}

impl ToolCall {
    /// A whole call.
    pub fn new(id: impl Into<String>, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        let function = Called { name: Some(name.into()), arguments: Some(arguments.into()) };
        Self { index: None, id: Some(id.into()), kind: Some("function".to_owned()), function }
    }
}

/// A function that is called.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Called {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its arguments as the text of a JSON object; in a stream a piece of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// Its id.
    pub id: String,
    /// The model, in its server's words.
    pub model: String,
    /// One choice for each answer that was asked for.
    pub choices: Vec<Choice>,
    /// What was used.
    pub usage: Option<Usage>,
    /// What a guardrail did: Bedrock's `trace`.
    pub trace: Option<Value>,
}

/// One of several answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// Which of them.
    pub index: u64,
    /// What was said.
    pub message: Said,
    /// What was said, in text completions.
    pub text: Option<String>,
    /// Why it ended: `stop`, `length`, `tool_calls`, `content_filter`.
    pub finish_reason: Option<String>,
    /// The text at which it ended, in vLLM's answers.
    pub stop_reason: Option<Value>,
}

/// What a model said; in a stream a piece of it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Said {
    /// `assistant`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Why it did not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// What it thought.
    #[serde(skip_serializing_if = "Option::is_none", alias = "reasoning")]
    pub reasoning_content: Option<String>,
    /// What it thought, with signatures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_blocks: Option<Vec<Thinking>>,
    /// Tools that it called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<ToolCall>>,
}

/// A chunk of a stream.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chunk {
    /// The answer's id.
    pub id: String,
    /// The model, in its server's words.
    pub model: String,
    /// What came to each answer; none in the last chunk with usage.
    pub choices: Vec<Piece>,
    /// What was used, in the last chunk.
    pub usage: Option<Usage>,
    /// What a guardrail did: Bedrock's `trace`.
    pub trace: Option<Value>,
    /// What went wrong.
    pub error: Option<Value>,
}

/// What came to one of several answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Piece {
    /// Which of them.
    pub index: u64,
    /// What came.
    pub delta: Said,
    /// What came, in text completions.
    pub text: Option<String>,
    /// Why it ended.
    pub finish_reason: Option<String>,
    /// The text at which it ended, in vLLM's answers.
    pub stop_reason: Option<Value>,
}

/// What was used.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
    /// Both.
    pub total_tokens: u64,
    /// More of the prompt's tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_tokens_details: Option<PromptDetails>,
    /// Tokens that were written to a cache, which OpenAI's protocol does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_creation_input_tokens: Option<u64>,
}

/// More of the prompt's tokens.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct PromptDetails {
    /// Those that came from a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<u64>,
}

impl Request {
    /// Reads a body that is known to be a JSON object.
    pub fn read(body: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(body).map_err(|error| {
            let message = format!("the body is no request for chat completions: {error}");
            Failure::new(StatusCode::BAD_REQUEST, "invalid_body", message)
        })
    }
}

impl Answer {
    /// Reads a model's answer.
    pub fn read(body: &[u8]) -> Result<Self, Failure> {
        let garbled = |error| Failure::garbled(format!("the model's answer cannot be read: {error}"));
        serde_json::from_slice(body).map_err(garbled)
    }
}

/// The type of an error that goes with a status. Source: OpenAI's API reference, "Error codes", and what its servers send.
pub const fn error_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

/// The failure in a server's answer: OpenAI's form, vLLM's older flat one, TGI's `{"error": "text"}` or any text.
pub fn failure(status: StatusCode, body: &[u8]) -> Failure {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = if value["error"].is_object() { &value["error"] } else { &value };
    let texts = [&error["message"], &error["error"], &error["detail"], &value["error"]];
    let message = texts
        .into_iter()
        .find_map(Value::as_str)
        .map_or_else(|| String::from_utf8_lossy(body).chars().take(500).collect::<String>(), str::to_owned);
    let code = error["code"].as_str().or_else(|| error["error_type"].as_str()).unwrap_or_default();
    Failure::new(status, code, if message.is_empty() { status.to_string() } else { message })
}
