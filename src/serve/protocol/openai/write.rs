//! Writes answers in OpenAI's form: whole ones, and streams of chunks, of chats and of text completions.

use bytes::{BufMut as _, BytesMut};
use serde::Serialize;
use serde_json::Value;

use super::{Answer, Choice, Chunk, Piece, Said, ToolCall, Usage};
use crate::protocol::Failure;

/// What stands in every answer and chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The answer's id.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub created: u64,
    /// The model, by the name that the caller used.
    pub model: String,
}

/// Which form an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `chat.completion`.
    Chat,
    /// `text_completion`.
    Text,
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a Value>,
}

#[derive(Serialize)]
struct Written<'a, M> {
    index: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<M>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta: Option<&'a Said>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    logprobs: (),
    finish_reason: Option<&'a str>,
}

/// A message; unlike in a piece of it, `content` and `refusal` are always there.
#[derive(Serialize)]
struct Whole<'a> {
    role: &'static str,
    content: Option<&'a str>,
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_blocks: Option<&'a Vec<super::Thinking>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<&'a Vec<ToolCall>>,
}

/// A whole answer.
pub fn answer(head: &Head, form: Form, answer: &Answer) -> Vec<u8> {
    let choices = answer.choices.iter().map(|choice| match form {
        Form::Chat => written(choice, Some(whole(&choice.message)), None),
        Form::Text => written(choice, None, Some(choice.message.content.as_deref().unwrap_or_default())),
    });
    let object = if form == Form::Chat { "chat.completion" } else { "text_completion" };
    let Head { id, created, model } = head;
    let (choices, trace) = (choices.collect(), answer.trace.as_ref());
    let envelope = Envelope { id, object, created: *created, model, choices, usage: answer.usage, trace };
    serde_json::to_vec(&envelope).unwrap_or_default()
}

fn written<'a>(
    choice: &'a Choice,
    message: Option<Whole<'a>>,
    text: Option<&'a str>,
) -> Written<'a, Whole<'a>> {
    let finish_reason = choice.finish_reason.as_deref();
    Written { index: choice.index, message, delta: None, text, logprobs: (), finish_reason }
}

fn whole(said: &Said) -> Whole<'_> {
    Whole {
        role: "assistant",
        content: said.content.as_deref(),
        refusal: said.refusal.as_deref(),
        reasoning_content: said.reasoning_content.as_deref(),
        thinking_blocks: said.thinking_blocks.as_ref(),
        tool_calls: said.tool_calls.as_ref(),
    }
}

/// A chunk as an event of the stream.
pub fn chunk(head: &Head, form: Form, chunk: &Chunk, out: &mut BytesMut) {
    let piece = |piece: &Piece| {
        let text = (form == Form::Text).then(|| piece.delta.content.clone().unwrap_or_default());
        (piece.index, piece.delta.clone(), text, piece.finish_reason.clone())
    };
    let pieces: Vec<_> = chunk.choices.iter().map(piece).collect();
    let choices = pieces.iter().map(|(index, delta, text, finish)| Written::<()> {
        index: *index,
        message: None,
        delta: (form == Form::Chat).then_some(delta),
        text: text.as_deref(),
        logprobs: (),
        finish_reason: finish.as_deref(),
    });
    let object = if form == Form::Chat { "chat.completion.chunk" } else { "text_completion" };
    let Head { id, created, model } = head;
    let (choices, trace) = (choices.collect(), chunk.trace.as_ref());
    event(&Envelope { id, object, created: *created, model, choices, usage: chunk.usage, trace }, out);
}

/// What went wrong, as an event of the stream: OpenAI's clients raise it.
pub fn failure(failure: &Failure, out: &mut BytesMut) {
    event(&envelope(failure), out);
}

/// What went wrong, as a body.
pub fn envelope(failure: &Failure) -> Value {
    let Failure { kind, code, message, .. } = failure;
    let code = if code.is_empty() { Value::Null } else { Value::from(code.as_str()) };
    serde_json::json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
}

/// The stream's end.
pub fn done(out: &mut BytesMut) {
    out.put_slice(b"data: [DONE]\n\n");
}

/// A value as an event without a name.
pub(crate) fn event(value: &impl Serialize, out: &mut BytesMut) {
    out.put_slice(b"data: ");
    // The types here have nothing that JSON has not.
    let _ = serde_json::to_writer(out.writer(), value);
    out.put_slice(b"\n\n");
}
