//! Converse's answers as chat completions: whole ones, and the events of its stream.

use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::JSON_TOOL;
use super::content::{Block, Message, Reasoning, ReasoningText};
use crate::protocol::event_stream::{Frame, Kind};
use crate::protocol::openai::{
    Answer, Called, Choice, Chunk, Piece, PromptDetails, Said, Thinking, ToolCall, Usage,
};
use crate::protocol::stream::Event;
use crate::protocol::{Failure, bedrock};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whole {
    output: Output,
    #[serde(default)]
    stop_reason: String,
    #[serde(default)]
    usage: Used,
    #[serde(default)]
    trace: Option<Value>,
}

#[derive(Deserialize)]
struct Output {
    #[serde(default)]
    message: Message,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are the service's")]
struct Used {
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
}

impl Used {
    /// Bedrock counts tokens from a cache apart, OpenAI among those of the prompt.
    fn usage(self) -> Usage {
        let (read, written) = (self.cache_read_input_tokens, self.cache_write_input_tokens);
        let prompt_tokens = self.input_tokens + read.unwrap_or_default() + written.unwrap_or_default();
        Usage {
            prompt_tokens,
            completion_tokens: self.output_tokens,
            total_tokens: prompt_tokens + self.output_tokens,
            prompt_tokens_details: read.map(|tokens| PromptDetails { cached_tokens: Some(tokens) }),
            cache_creation_input_tokens: written,
        }
    }
}

/// Why an answer ended, in OpenAI's words.
fn finish_reason(stop: &str) -> &'static str {
    match stop {
        "max_tokens" | "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "guardrail_intervened" | "content_filtered" => "content_filter",
        _ => "stop",
    }
}

/// A whole answer. With `is_json` the call of a certain tool is the answer.
pub fn answer(body: &[u8], is_json: bool) -> Result<Answer, Failure> {
    let garbled = |error| Failure::garbled(format!("Bedrock's answer cannot be read: {error}"));
    let whole: Whole = serde_json::from_slice(body).map_err(garbled)?;
    let mut said = Said::default();
    let (mut texts, mut calls, mut thoughts, mut has_json) = (Vec::new(), Vec::new(), Vec::new(), false);
    for block in whole.output.message.content {
        if let Some(call) = block.tool_use {
            if is_json && call.name == JSON_TOOL {
                has_json = true;
                texts = vec![call.input.get().to_owned()];
            } else {
                calls.push(ToolCall::new(call.tool_use_id, call.name, call.input.get()));
            }
        } else if let Some(reasoning) = block.reasoning_content {
            thoughts.push(thinking(reasoning));
        } else if let Some(text) = text_of(block)
            && !has_json
        {
            texts.push(text);
        }
    }
    let thought: String = thoughts.iter().filter_map(|block| block.thinking.as_deref()).collect();
    said.reasoning_content = (!thought.is_empty()).then_some(thought);
    said.thinking_blocks = (!thoughts.is_empty()).then_some(thoughts);
    let mut finish = finish_reason(&whole.stop_reason);
    if has_json && calls.is_empty() && finish == "tool_calls" {
        finish = "stop";
    }
    said.content = (!texts.is_empty() || calls.is_empty()).then(|| texts.concat());
    said.tool_calls = (!calls.is_empty()).then_some(calls);
    let choice = Choice { message: said, finish_reason: Some(finish.to_owned()), ..Choice::default() };
    let usage = Some(whole.usage.usage());
    Ok(Answer { choices: vec![choice], usage, trace: whole.trace, ..Answer::default() })
}

fn text_of(block: Block) -> Option<String> {
    let cited = |block: Block| {
        let parts = block.citations_content?.content;
        Some(parts.into_iter().filter_map(|part| part.text).collect())
    };
    if block.text.is_some() { block.text } else { cited(block) }
}

fn thinking(reasoning: Reasoning) -> Thinking {
    match reasoning {
        Reasoning { redacted_content: Some(data), .. } => {
            Thinking { kind: "redacted_thinking".to_owned(), data: Some(data), ..Thinking::default() }
        }
        Reasoning { reasoning_text, .. } => {
            let ReasoningText { text, signature } = reasoning_text.unwrap_or_default();
            Thinking { kind: "thinking".to_owned(), thinking: Some(text), signature, data: None }
        }
    }
}

/// Follows a stream, in which blocks have numbers and calls are some of them.
#[derive(Debug, Default)]
pub struct Stream {
    is_json: bool,
    /// Whether the block that is open is the answer in JSON.
    in_json: bool,
    has_json: bool,
    /// Calls that were begun.
    calls: u64,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Part {
    start: Start,
    delta: Delta,
    stop_reason: String,
    usage: Used,
    trace: Option<Value>,
    message: Option<String>,
    original_message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Start {
    tool_use: Option<Begun>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Begun {
    tool_use_id: String,
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Delta {
    text: Option<String>,
    tool_use: Option<Input>,
    reasoning_content: Option<Thought>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Input {
    input: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Thought {
    text: Option<String>,
    signature: Option<String>,
    redacted_content: Option<String>,
}

impl Stream {
    /// A stream whose answer may be a call of a certain tool.
    pub fn new(is_json: bool) -> Self {
        Self { is_json, ..Self::default() }
    }

    /// What a frame brings.
    pub fn frame(&mut self, frame: &Frame, each: &mut impl FnMut(Event)) {
        if frame.kind == Kind::Error {
            let message = String::from_utf8_lossy(&frame.payload);
            each(Event::Failed(bedrock::failed(&frame.name, StatusCode::BAD_GATEWAY, &message)));
            return;
        }
        let Ok(part) = serde_json::from_slice::<Part>(&frame.payload) else {
            each(Event::Failed(Failure::garbled(format!("Bedrock's event `{}` cannot be read", frame.name))));
            return;
        };
        if frame.kind == Kind::Exception {
            let message = part.original_message.or(part.message).unwrap_or_default();
            each(Event::Failed(bedrock::failed(&frame.name, StatusCode::BAD_GATEWAY, &message)));
            return;
        }
        if let Some(chunk) = self.event(&frame.name, part) {
            each(Event::Chunk(chunk));
        }
        // The last of all events: what follows is nothing.
        if frame.name == "metadata" {
            each(Event::Done);
        }
    }

    fn event(&mut self, name: &str, part: Part) -> Option<Chunk> {
        match name {
            "messageStart" => {
                let role = Some("assistant".to_owned());
                Some(piece(Said { role, content: Some(String::new()), ..Said::default() }, None))
            }
            "contentBlockStart" => self.start(part.start.tool_use?),
            "contentBlockDelta" => self.delta(part.delta),
            "contentBlockStop" => {
                self.in_json = false;
                None
            }
            "messageStop" => {
                let mut finish = finish_reason(&part.stop_reason);
                if self.has_json && self.calls == 0 && finish == "tool_calls" {
                    finish = "stop";
                }
                Some(piece(Said::default(), Some(finish)))
            }
            "metadata" => {
                let usage = Some(part.usage.usage());
                Some(Chunk { usage, trace: part.trace, ..Chunk::default() })
            }
            // Events that are newer than this program.
            _ => None,
        }
    }

    fn start(&mut self, begun: Begun) -> Option<Chunk> {
        if self.is_json && begun.name == JSON_TOOL {
            (self.in_json, self.has_json) = (true, true);
            return None;
        }
        let call = ToolCall {
            index: Some(self.calls),
            ..ToolCall::new(begun.tool_use_id, begun.name, String::new())
        };
        self.calls += 1;
        Some(piece(Said { tool_calls: Some(vec![call]), ..Said::default() }, None))
    }

    fn delta(&self, delta: Delta) -> Option<Chunk> {
        if let Some(text) = delta.text.filter(|_| !self.has_json) {
            return Some(piece(Said { content: Some(text), ..Said::default() }, None));
        }
        if let Some(Input { input }) = delta.tool_use {
            let said = if self.in_json {
                Said { content: Some(input), ..Said::default() }
            } else {
                let function = Called { name: None, arguments: Some(input) };
                let index = Some(self.calls.saturating_sub(1));
                let call = ToolCall { index, function, ..ToolCall::default() };
                Said { tool_calls: Some(vec![call]), ..Said::default() }
            };
            return Some(piece(said, None));
        }
        let Thought { text, signature, redacted_content } = delta.reasoning_content?;
        let kind = if redacted_content.is_some() { "redacted_thinking" } else { "thinking" };
        let (kind, thinking) = (kind.to_owned(), text.clone());
        let block = Thinking { kind, thinking, signature, data: redacted_content };
        Some(piece(
            Said { reasoning_content: text, thinking_blocks: Some(vec![block]), ..Said::default() },
            None,
        ))
    }
}

fn piece(delta: Said, finish: Option<&str>) -> Chunk {
    let piece = Piece { delta, finish_reason: finish.map(str::to_owned), ..Piece::default() };
    Chunk { choices: vec![piece], ..Chunk::default() }
}
