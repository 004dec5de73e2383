//! Writes answers as Messages: whole ones, and streams of events.

use bytes::{BufMut as _, BytesMut};
use serde::Serialize;
use serde_json::{Value, json};

use crate::protocol::Failure;
use crate::protocol::openai::{Answer, Chunk, Piece, Said, Thinking, ToolCall, Usage};
use crate::protocol::text::{Raw, empty_object, object};

/// A silent model is spoken for by this event; clients know and skip it.
pub const PING: &[u8] = b"event: ping\ndata: {\"type\": \"ping\"}\n\n";

#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    model: &'a str,
    content: Vec<Block>,
    stop_reason: Option<&'static str>,
    stop_sequence: Option<&'a str>,
    usage: Value,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    Thinking {
        thinking: String,
        signature: String,
    },
    RedactedThinking {
        data: String,
    },
    #[serde(untagged)]
    ToolUse(ToolUse),
}

/// Written without the help of a tag, through which a value would lose how it was written.
#[derive(Serialize)]
struct ToolUse {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    name: String,
    input: Raw,
}

/// A whole answer; `model` is the name that the caller used.
pub fn answer(id: &str, model: &str, answer: &Answer) -> Vec<u8> {
    let choice = answer.choices.first();
    let content = choice.map(|choice| blocks(&choice.message)).unwrap_or_default();
    let finish = choice.and_then(|choice| choice.finish_reason.as_deref());
    let stop = choice.and_then(|choice| choice.stop_reason.as_ref()).and_then(Value::as_str);
    let message = Message {
        id,
        kind: "message",
        role: "assistant",
        model,
        content,
        stop_reason: Some(stop_reason(finish, stop)),
        stop_sequence: stop,
        usage: usage(answer.usage.unwrap_or_default()),
    };
    serde_json::to_vec(&message).unwrap_or_default()
}

fn blocks(said: &Said) -> Vec<Block> {
    let mut blocks: Vec<Block> = said.thinking_blocks.iter().flatten().map(thought).collect();
    if blocks.is_empty()
        && let Some(thinking) = said.reasoning_content.clone().filter(|text| !text.is_empty())
    {
        blocks.push(Block::Thinking { thinking, signature: String::new() });
    }
    let text = said.content.clone().or_else(|| said.refusal.clone()).filter(|text| !text.is_empty());
    blocks.extend(text.map(|text| Block::Text { text }));
    blocks.extend(said.tool_calls.iter().flatten().map(call));
    blocks
}

fn thought(block: &Thinking) -> Block {
    match &block.data {
        Some(data) => Block::RedactedThinking { data: data.clone() },
        None => Block::Thinking {
            thinking: block.thinking.clone().unwrap_or_default(),
            signature: block.signature.clone().unwrap_or_default(),
        },
    }
}

fn call(call: &ToolCall) -> Block {
    let arguments = call.function.arguments.as_deref().unwrap_or_default();
    Block::ToolUse(ToolUse {
        kind: "tool_use",
        id: call.id.clone().unwrap_or_default(),
        name: call.function.name.clone().unwrap_or_default(),
        input: object(arguments).unwrap_or_else(empty_object),
    })
}

/// Why an answer ended, in Anthropic's words.
fn stop_reason(finish: Option<&str>, stop: Option<&str>) -> &'static str {
    match finish {
        Some("length") => "max_tokens",
        Some("tool_calls" | "function_call") => "tool_use",
        Some("content_filter") => "refusal",
        _ if stop.is_some() => "stop_sequence",
        _ => "end_turn",
    }
}

/// Tokens that came from a cache or went into one are counted apart here.
fn usage(usage: Usage) -> Value {
    let read = usage.prompt_tokens_details.and_then(|details| details.cached_tokens).unwrap_or_default();
    let written = usage.cache_creation_input_tokens.unwrap_or_default();
    let fresh = usage.prompt_tokens.saturating_sub(read).saturating_sub(written);
    json!({
        "input_tokens": fresh,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "output_tokens": usage.completion_tokens,
    })
}

/// Writes a stream.
#[derive(Debug, Default)]
pub struct Stream {
    id: String,
    model: String,
    begun: bool,
    /// The block that is open.
    open: Option<Open>,
    /// Blocks that were begun.
    blocks: u64,
    /// Calls that came while another one was not whole; blocks follow one another here.
    waiting: Vec<Call>,
    finish: Option<String>,
    stop: Option<String>,
    usage: Usage,
}

#[derive(Debug, PartialEq, Eq)]
enum Open {
    Text,
    Thinking,
    Call(Call),
}

/// A call of a tool as far as it has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Call {
    index: u64,
    id: String,
    name: String,
    arguments: String,
}

impl Stream {
    /// A stream for a caller who knows the model by this name.
    pub fn new(id: String, model: String) -> Self {
        Self { id, model, ..Self::default() }
    }

    /// Writes what a chunk brings.
    pub fn chunk(&mut self, chunk: &Chunk, out: &mut BytesMut) {
        self.begin(out);
        if let Some(usage) = chunk.usage {
            self.usage = usage;
        }
        // Only one answer is ever asked for.
        if let Some(piece) = chunk.choices.iter().find(|piece| piece.index == 0) {
            self.piece(piece, out);
        }
    }

    fn begin(&mut self, out: &mut BytesMut) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let Self { id, model, .. } = self;
        let message = Message {
            id,
            kind: "message",
            role: "assistant",
            model,
            content: Vec::new(),
            stop_reason: None,
            stop_sequence: None,
            usage: json!({ "input_tokens": 0, "output_tokens": 0 }),
        };
        event("message_start", &json!({ "type": "message_start", "message": message }), out);
    }

    fn piece(&mut self, piece: &Piece, out: &mut BytesMut) {
        let Said { content, refusal, reasoning_content, thinking_blocks, tool_calls, .. } = &piece.delta;
        for block in thinking_blocks.iter().flatten() {
            self.thought(block, out);
        }
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(thinking) = text(reasoning_content)
            && thinking_blocks.is_none()
        {
            self.switch(Open::Thinking, &json!({ "type": "thinking", "thinking": "", "signature": "" }), out);
            self.delta(&json!({ "type": "thinking_delta", "thinking": thinking }), out);
        }
        for text in [text(content), text(refusal)].into_iter().flatten() {
            self.switch(Open::Text, &json!({ "type": "text", "text": "" }), out);
            self.delta(&json!({ "type": "text_delta", "text": text }), out);
        }
        for call in tool_calls.iter().flatten() {
            self.call(call, out);
        }
        if let Some(finish) = &piece.finish_reason {
            self.finish = Some(finish.clone());
            self.stop = piece.stop_reason.as_ref().and_then(Value::as_str).map(str::to_owned);
        }
    }

    fn thought(&mut self, block: &Thinking, out: &mut BytesMut) {
        if let Some(data) = &block.data {
            self.close(out);
            self.start(&json!({ "type": "redacted_thinking", "data": data }), out);
            self.stop_block(out);
            return;
        }
        self.switch(Open::Thinking, &json!({ "type": "thinking", "thinking": "", "signature": "" }), out);
        if let Some(text) = block.thinking.as_ref().filter(|text| !text.is_empty()) {
            self.delta(&json!({ "type": "thinking_delta", "thinking": text }), out);
        }
        if let Some(signature) = &block.signature {
            self.delta(&json!({ "type": "signature_delta", "signature": signature }), out);
        }
    }

    fn call(&mut self, call: &ToolCall, out: &mut BytesMut) {
        let index = call.index.unwrap_or_default();
        let arguments = call.function.arguments.clone().unwrap_or_default();
        if let Some(Open::Call(open)) = &mut self.open
            && open.index == index
        {
            open.arguments.push_str(&arguments);
            if !arguments.is_empty() {
                self.delta(&json!({ "type": "input_json_delta", "partial_json": arguments }), out);
            }
            return;
        }
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.index == index) {
            waiting.arguments.push_str(&arguments);
            return;
        }
        let (id, name) =
            (call.id.clone().unwrap_or_default(), call.function.name.clone().unwrap_or_default());
        let call = Call { index, id, name, arguments };
        match &self.open {
            // The open call may still grow, and blocks follow one another.
            Some(Open::Call(open)) if object(&open.arguments).is_none() || open.arguments.is_empty() => {
                self.waiting.push(call);
            }
            _ if self.waiting.is_empty() => self.start_call(call, out),
            _ => self.waiting.push(call),
        }
    }

    fn start_call(&mut self, call: Call, out: &mut BytesMut) {
        self.close(out);
        let Call { id, name, arguments, .. } = &call;
        self.start(&json!({ "type": "tool_use", "id": id, "name": name, "input": {} }), out);
        if !arguments.is_empty() {
            self.delta(&json!({ "type": "input_json_delta", "partial_json": arguments }), out);
        }
        self.open = Some(Open::Call(call));
    }

    /// Opens a block unless one of its kind is open.
    fn switch(&mut self, kind: Open, block: &Value, out: &mut BytesMut) {
        if self.open.as_ref() != Some(&kind) {
            self.close(out);
            self.start(block, out);
            self.open = Some(kind);
        }
    }

    fn start(&mut self, block: &Value, out: &mut BytesMut) {
        let data = json!({ "type": "content_block_start", "index": self.blocks, "content_block": block });
        self.blocks += 1;
        event("content_block_start", &data, out);
    }

    fn delta(&self, delta: &Value, out: &mut BytesMut) {
        let index = self.blocks.saturating_sub(1);
        event(
            "content_block_delta",
            &json!({ "type": "content_block_delta", "index": index, "delta": delta }),
            out,
        );
    }

    fn close(&mut self, out: &mut BytesMut) {
        if self.open.take().is_some() {
            self.stop_block(out);
        }
    }

    fn stop_block(&self, out: &mut BytesMut) {
        let index = self.blocks.saturating_sub(1);
        event("content_block_stop", &json!({ "type": "content_block_stop", "index": index }), out);
    }

    /// Writes the end.
    pub fn end(&mut self, out: &mut BytesMut) {
        self.begin(out);
        self.close(out);
        for call in std::mem::take(&mut self.waiting) {
            self.start_call(call, out);
        }
        self.close(out);
        let delta = json!({
            "stop_reason": stop_reason(self.finish.as_deref(), self.stop.as_deref()),
            "stop_sequence": self.stop,
        });
        let data = json!({ "type": "message_delta", "delta": delta, "usage": usage(self.usage) });
        event("message_delta", &data, out);
        event("message_stop", &json!({ "type": "message_stop" }), out);
    }

    /// Writes what went wrong; nothing follows.
    pub fn fail(&self, failure: &Failure, out: &mut BytesMut) {
        event("error", &super::envelope(failure), out);
    }
}

fn event(name: &str, data: &Value, out: &mut BytesMut) {
    out.put_slice(b"event: ");
    out.put_slice(name.as_bytes());
    out.put_slice(b"\n");
    crate::protocol::openai::write::event(data, out);
}
